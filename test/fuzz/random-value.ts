import type { Random } from '../sql/random.ts'

type Literal = readonly [string, ...string[]]

/** Values of each type as SQL writes them, the odd ones among them. */
const literals = {
  int: ['0', '1', '-7', '2147483647'],
  bigint: ['0', '9007199254740993', '-9223372036854775808'],
  'numeric(40,10)': ['0', '1.5', '12.3400', '123456789012345678901234567890.0123456789', "'NaN'"],
  'double precision': ['0', '0.1', '-1e-300', "'NaN'", "'Infinity'", "'-0'"],
  boolean: ['true', 'false'],
  text: [
    "''",
    "'plain'",
    "'it''s'",
    "'ünï 😀'",
    "'returning * where $1'",
    '\'{"a":1}\'',
    "'--x'",
    "repeat('long ', 500)",
  ],
  'char(5)': ["'a'", "'abcde'", "''"],
  date: ["'2020-02-29'", "'0044-03-15 BC'", "'infinity'", "'10000-01-01'"],
  timestamptz: ["'2020-02-29 12:00:00.123456+05:30'", "'-infinity'", "'4714-11-24 00:00:00+00 BC'"],
  interval: ["'1 year -2 days 03:04:05.6'", "'0'"],
  uuid: ["'00000000-0000-0000-0000-000000000000'", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"],
  bytea: ["'\\x'", "'\\x00ff27'"],
  json: ['\'{"b":1,  "a":[1,2],"b":2}\'', "'null'"],
  jsonb: ['\'{"b":1,"a":{"c":"x"}}\'', "'[]'", "'1.50'"],
  'text[]': ["'{}'", '\'{a,NULL,"b c"}\''],
  'int[]': ["'{{1,2},{3,4}}'", "'[0:1]={5,6}'"],
  int4range: ["'[1,5)'", "'empty'", "'(,3]'"],
  mood: ["'good'", "'so so'"],
  positive: ['1', '99'],
  pair: ['\'(1,"x y")\'', "'(,)'"],
} satisfies Readonly<Record<string, Literal>>

/** A type that columns of the fuzz may have. */
export type FuzzType = keyof typeof literals

/** All of them. */
export const fuzzTypes = Object.keys(literals) as [FuzzType, ...FuzzType[]]

/** Types that a schema must make first. */
export const typesSql = `
  create type mood as enum ('good', 'so so', 'bad');
  create domain positive as int check (value > 0);
  create type pair as (n int, t text);
`

/** A value of a type as an SQL expression; sometimes NULL, sometimes one that the type refuses. */
export function randomValue(random: Random, type: FuzzType): string {
  const chance = random.below(100)
  if (chance < 10) return 'null'
  // Before PostgreSQL 18, what is too long is refused when a row is written, and not before: see the design note.
  if (chance === 10 && type !== 'char(5)') return `'no ${type}'`
  const known: Literal = literals[type]
  return random.pick(known)
}
