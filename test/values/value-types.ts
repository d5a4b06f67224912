/** A type of PostgreSQL with values of it that are easily lost on the way. */
export interface ValueType {
  readonly type: string
  /** As SQL, without quotes: a session reads each as a string of the type. */
  readonly values: readonly string[]
  /** The first version of PostgreSQL that has these values. @default 15 */
  readonly since?: number
  /** What reads an image's `v`, called `$`, where it is no JSON that PostgreSQL takes for the type by itself. */
  readonly read?: string
}

/** What must be there before: types of the application's own, and extensions that come with PostgreSQL. */
export const typesSql = `
  create extension hstore; create extension citext; create extension ltree;
  create schema "Aside";
  create table "Aside".named (id int); create table named (id int);
  create type mood as enum ('good', 'so so', 'it''s "quoted", {odd}');
  create domain percent as numeric(5, 2) check (value <= 100);
  create domain stay as daterange; create domain spelled as text; create domain guest as stay;
  create type pair as (x int, "y Y" text);
  create type nested as (p pair, moods mood[], during daterange, took interval, pairs pair[], at timestamptz);
  create type floatrange as range (subtype = float8);
`

const numbers: readonly ValueType[] = [
  { type: 'bigint', values: ['9007199254740993', '-9223372036854775808', '9223372036854775807'] },
  { type: 'smallint', values: ['-32768', '0'] },
  {
    type: 'numeric(40, 10)',
    values: ['123456789012345678901234567890.0123456789', '-0.0000000001', '1.5', 'NaN'],
  },
  {
    type: 'numeric',
    values: ['NaN', 'Infinity', '-Infinity', '1.50', '1.500', '1e-300', '1e300', '-0.00'],
  },
  { type: 'real', values: ['NaN', 'Infinity', '-Infinity', '3.4028235e38', '1e-45', '1.1', '-0'] },
  {
    type: 'double precision',
    values: [
      'NaN',
      'Infinity',
      '-Infinity',
      '0.30000000000000004',
      '5e-324',
      '1.7976931348623157e308',
      '-0',
      '0',
    ],
  },
  { type: 'money', values: ['-92233720368547758.08', '12.34', '0.01'] },
  { type: 'oid', values: ['4294967295', '0'] },
  { type: 'xid8', values: ['18446744073709551615', '3'] },
  { type: 'pg_lsn', values: ['FFFFFFFF/FFFFFFFF', '0/1'] },
  { type: 'tid', values: ['(4294967295,65535)', '(0,1)'] },
  { type: 'boolean', values: ['true', 'false'] },
]

const moments: readonly ValueType[] = [
  {
    type: 'date',
    values: [
      'infinity',
      '-infinity',
      '4713-01-01 BC',
      '0044-03-15 BC',
      '0001-01-01',
      '2026-02-01',
      '10000-01-02',
      '5874897-12-31',
    ],
  },
  {
    type: 'timestamp',
    values: [
      'infinity',
      '-infinity',
      '4713-01-01 00:00:00 BC',
      '2026-02-01 03:04:05.000001',
      '10000-01-01',
      '294276-12-31 23:59:59.999999',
    ],
  },
  { type: 'timestamp(0)', values: ['2026-02-01 03:04:05.6', '1969-12-31 23:59:59.4'] },
  {
    type: 'timestamptz',
    values: [
      'infinity',
      '-infinity',
      '4713-01-01 00:00:00+00 BC',
      '1880-01-01 00:00:00+00:19:32',
      '2026-10-25 02:30:00+02',
      '2026-10-25 02:30:00+01',
      '2026-02-01 03:04:05.000001-12',
      '10000-01-01 00:00:00+05:45',
    ],
  },
  { type: 'time', values: ['24:00:00', '00:00:00', '23:59:59.999999'] },
  { type: 'timetz', values: ['24:00:00-15:59', '01:02:03.000001+04:30:15', '00:00:00+00'] },
  {
    type: 'interval',
    values: [
      '-3 days -04:05:06',
      '-3 days +04:05:06',
      '-1 year -2 months +3 days -04:05:06.000007',
      '1 year 2 months',
      '1 month 30 days 720 hours',
      '0',
      '178000000 years',
    ],
  },
  { type: 'interval', values: ['infinity', '-infinity'], since: 17 },
]

const texts: readonly ValueType[] = [
  {
    type: 'text',
    values: [
      '',
      'NULL',
      '{"a": 1}',
      `it''s "quoted" \\ and \\u0041`,
      'tab\tline\nreturn\r\u0001\u001f\u007f',
      'é as one: \u00e9; as two: e\u0301',
      '😀 \u200b\ufeff\uffff\u2028',
    ],
  },
  { type: 'varchar(4)', values: ['a  ', 'ü😀ß é'.slice(0, 5)] },
  { type: 'char(5)', values: ['ab', '', 'abcde', ' a'] },
  { type: '"char"', values: ['c', '', '"', '\\200'] },
  { type: 'name', values: ['a"b', 'x'] },
  { type: 'citext', values: ['MiXed', 'mixed too'] },
  { type: 'text collate "C"', values: ['B', 'a'] },
  { type: 'bytea', values: ['', '\\x00ff5c27', '\\x5c783030'] },
  {
    type: 'xml',
    values: ['<a b="1">&amp;</a>', 'text <b/> more', '<?xml version="1.0" standalone="yes"?><r/>'],
  },
  { type: 'uuid', values: ['00000000-0000-0000-0000-000000000000', 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'] },
  { type: 'tsvector', values: [`a:1A fat:2B,4 ''it''''s'':3`, ''] },
  { type: 'tsquery', values: [`fat & (rat | !''cat''''s'':*A)`, ''] },
]

const documents: readonly ValueType[] = [
  {
    type: 'json',
    values: [
      '{"b" : 1,  "a":[1,2],"b":2.50}',
      '[1,\n\t2 ]',
      '"text"',
      '123456789012345678901234567890.10',
      '{}',
    ],
  },
  {
    type: 'jsonb',
    values: [
      '{"big": 123456789012345678901234567890.10, "small": 1e-400}',
      '1.50',
      '{"a": {"\\"": [null, true, "\\u00e9"]}}',
      '9007199254740993',
    ],
  },
  { type: 'jsonpath', values: ['$."a b"[*] ? (@ > 1.50)', 'strict $.a'] },
  {
    type: 'hstore',
    values: ['"a b"=>"1", c=>NULL, "q\\""=>"\\\\"', ''],
    read: "(select coalesce(hstore(array_agg(key), array_agg(value)), '') from json_each_text($))",
  },
  { type: 'ltree', values: ['Top.Science.Astronomy', ''] },
]

const networks: readonly ValueType[] = [
  { type: 'inet', values: ['10.0.0.1/8', '::ffff:1.2.3.4', '192.168.0.1'] },
  { type: 'cidr', values: ['10.0.0.0/8', '2001:db8::/32'] },
  { type: 'macaddr', values: ['08:00:2b:01:02:03'] },
  { type: 'macaddr8', values: ['08:00:2b:ff:fe:01:02:03'] },
  { type: 'bit(3)', values: ['101', '000'] },
  { type: 'varbit', values: ['', '0101010101'] },
]

const shapes: readonly ValueType[] = [
  { type: 'point', values: ['(NaN,-0)', '(1e-300,Infinity)', '(0.1,0.30000000000000004)'] },
  { type: 'line', values: ['{1,-1,0.1}'] },
  { type: 'lseg', values: ['[(0,0),(1.1,2)]'] },
  { type: 'box', values: ['(2,2),(0.1,0)'] },
  { type: 'path', values: ['[(0,0),(1,1)]', '((0,0),(1,1))'] },
  { type: 'polygon', values: ['((0,0),(1,1),(2,0))'] },
  { type: 'circle', values: ['<(0,0),1.1>'] },
]

const ranges: readonly ValueType[] = [
  { type: 'int4range', values: ['[1,5)', 'empty', '(,3]', '(,)'] },
  { type: 'int8range', values: ['[9007199254740993,9007199254740995)'] },
  { type: 'numrange', values: ['(1.50,2.0]', '[NaN,NaN]'] },
  {
    type: 'daterange',
    values: ['[2026-02-01,2026-03-04)', '[-infinity,infinity]', '["0044-03-15 BC",10000-01-01)', 'empty'],
  },
  { type: 'tsrange', values: ['["2026-02-01 03:04:05.000001","2026-03-04 00:00:00")', '(,infinity)'] },
  { type: 'tstzrange', values: ['["2026-02-01 03:04:05+05:30","2026-10-25 02:30:00+02")', '(,)'] },
  { type: 'floatrange', values: ['[0.1,0.30000000000000004)', '[-Infinity,NaN]'] },
  { type: 'int4multirange', values: ['{[1,2),[5,9)}', '{}'] },
  { type: 'datemultirange', values: ['{[2026-02-01,2026-03-04),[2027-05-06,)}', '{}'] },
  { type: 'tstzmultirange', values: ['{["2026-02-01 03:04:05+05:30","2026-03-04 00:00:00+00")}'] },
]

const arrays: readonly ValueType[] = [
  { type: 'int[]', values: ['{}', '{{1,2},{3,NULL}}', '{NULL}', '{{{1},{2}},{{3},{4}}}'] },
  { type: 'bigint[]', values: ['{9007199254740993,NULL}'] },
  { type: 'numeric(40, 10)[]', values: ['{NaN,1.5}'] },
  { type: 'text[]', values: ['{NULL,"NULL","","{,}","\\"\\\\"}', '{{a,b},{c,NULL}}'] },
  { type: 'date[]', values: ['{2026-02-01,infinity,"0044-03-15 BC"}'] },
  { type: 'timestamptz[]', values: ['{-infinity,"2026-02-01 03:04:05+05:30"}'] },
  { type: 'interval[]', values: ['{"-3 days -04:05:06",NULL}'] },
  { type: 'daterange[]', values: ['{"[2026-02-01,2026-03-04)",empty}'] },
  { type: 'bytea[]', values: ['{"\\\\x00ff",NULL,""}'] },
  { type: 'json[]', values: ['{"{\\"b\\" : 1,  \\"b\\":2}",NULL}'] },
  { type: 'mood[]', values: ['{"so so",good}', '{"it\'\'s \\"quoted\\", {odd}"}'] },
]

const own: readonly ValueType[] = [
  { type: 'mood', values: ['good', `it''s "quoted", {odd}`] },
  { type: 'percent', values: ['99.90', '0.00', 'NaN'].slice(0, 2) },
  { type: 'stay', values: ['[2026-02-01,2026-03-04)'] },
  { type: 'guest', values: ['[2026-02-01,2026-03-04)'] },
  { type: 'spelled', values: ['a "b"'] },
  { type: 'pair', values: [`(1,"q""\\\\ ,('')")`, '(,)', '(,"")'] },
  {
    type: 'nested',
    values: [
      `("(1,""a """"b"""""")","{""so so"",good}","[2026-02-01,2026-03-04)","-3 days -04:05:06","{""(1,x)"",""(,)""}","2026-02-01 03:04:05+05:30")`,
      '(,,,,,)',
    ],
  },
  { type: 'pair[]', values: ['{"(1,\\"a b\\")","(,)",NULL}', '{}'] },
  { type: 'regclass', values: ['public.named', '"Aside".named', 'pg_catalog.pg_class'] },
  { type: 'regtype', values: ['public.mood', 'pg_catalog.int4'] },
]

/** Every type whose values the suite sends through the trail. */
export const valueTypes: readonly ValueType[] = [
  ...numbers,
  ...moments,
  ...texts,
  ...documents,
  ...networks,
  ...shapes,
  ...ranges,
  ...arrays,
  ...own,
]

/** Settings under which a session writes; all of them change how values look, or how they are read. */
export const sessions: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'default settings': {},
  'SQL and day first': {
    datestyle: 'SQL, DMY',
    intervalstyle: 'sql_standard',
    timezone: 'Asia/Kolkata',
    bytea_output: 'escape',
    extra_float_digits: '3',
    search_path: '"Aside",public',
  },
  'German, and words for intervals': {
    datestyle: 'German',
    intervalstyle: 'postgres_verbose',
    timezone: 'Europe/Amsterdam',
    quote_all_identifiers: 'on',
    xmlbinary: 'hex',
  },
  'PostgreSQL of old': {
    datestyle: 'Postgres, DMY',
    intervalstyle: 'iso_8601',
    timezone: 'America/St_Johns',
    array_nulls: 'on',
    lc_monetary: 'C',
  },
}
