import {
  addCaptureTriggers,
  fromPgPool,
  listCaptureTriggers,
  migrate,
  refreshCaptureTriggers,
  removeCaptureTriggers,
} from '@indelible/core'
import { afterEach, beforeEach, describe, expect, inject, test, vi } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'
import { expectEveryChange, expectOwn } from './triggered-database.ts'

const tables = `
  create table item (id int primary key, name text, note text, password text, data jsonb);
  create table plain (id int primary key, name text);
  create table part (id int, region text, name text, primary key (id, region)) partition by list (region);
  create table part_eu partition of part for values in ('eu');
  create table part_us partition of part for values in ('us');
  create table base (id int primary key, name text);
  create table derived (extra text) inherits (base);
  alter table derived add primary key (id);
`

let at: PoolDatabase
beforeEach(async () => {
  at = await createPoolDatabase(tables)
})
afterEach(() => at.close())

const database = () => fromPgPool(at.database.pool)
const states = async () =>
  (await listCaptureTriggers(database())).map(({ name, state, detail }) => [name, state, detail])
const lastImage = async () => {
  const [row] = await at.database.query<{ row_key: string; before: unknown; after: unknown }>(
    'select row_key, before, after from indelible.entry order by id desc limit 1',
  )
  return row
}

describe('secrets', () => {
  test('that other programs write are masked by the rules that the triggers were made with', async () => {
    await addCaptureTriggers(database(), ['item'], {
      redact: {
        columns: ['nickname'],
        tables: { item: { note: 'drop', name: 'fingerprint' } },
        fingerprintKey: 'k'.repeat(16),
      },
    })
    await at.database.query(
      `insert into item values (1, 'ann', 'n', 'p4ss', '{"a": {"token": "t0ken"}, "nickname": "nick", "b": 1}')`,
    )
    expect(await lastImage()).toEqual({
      row_key: '1',
      before: null,
      after: {
        id: 1,
        name: '[redacted]',
        password: '[redacted]',
        data: { a: { token: '[redacted]' }, nickname: '[redacted]', b: 1 },
      },
    })
    await at.database.query(`update item set password = 'p5ss', name = 'bea'`)
    expect(await lastImage()).toMatchObject({
      before: { name: '[redacted]', password: '[redacted]' },
      after: { name: '[redacted]', password: '[redacted]' },
    })
    const found = await at.database.query(
      `select from indelible.entry where concat(before, after) ~ 'p4ss|p5ss|t0ken|"nick"|ann|bea'
       union all select from indelible.capture_trigger where redact::text like '%kkkk%'`,
    )
    expect(found).toEqual([])
  })

  test('that an audited pool writes are fingerprinted with its key', async () => {
    const redact = { tables: { item: { name: 'fingerprint' } }, fingerprintKey: 'k'.repeat(16) } as const
    await addCaptureTriggers(database(), ['item'], { redact })
    await at.audited({}, { redact }).query("insert into item (id, name) values (1, 'ann')")
    expect(await lastImage()).toMatchObject({ after: { name: expect.stringMatching(/^hmac-sha256:/) } })
  })

  test.each([
    ['alter table item add api_key text', "update item set api_key = 's3cret'"],
    ['alter table item rename note to access_token', "update item set access_token = 's3cret'"],
    [
      'alter table item alter note type jsonb using null',
      `update item set note = '{"secret": "s3cret", "n": 1}'`,
    ],
    ['alter table item drop note', "update item set password = 's3cret'"],
    ['alter table plain add cvv text', "update plain set cvv = 's3cret', name = 'x'"],
    ['alter table plain rename name to pwd', "update plain set pwd = 's3cret'"],
    ['alter table plain alter name type json using null', `update plain set name = '[{"secret": "s3cret"}]'`],
    ['alter table part add ssn text', "update part set ssn = 's3cret', name = 'x'"],
  ])('in columns that the trigger was not made for stay out: %s', async (change, write) => {
    await addCaptureTriggers(database(), ['item', 'plain', 'part'])
    await at.database.query("insert into item (id, name) values (1, 'n'); insert into plain values (1, 'n')")
    await at.database.query("insert into part values (1, 'eu', 'n')")
    // One message: nothing tells the trigger between its statements that the columns changed.
    await at.database.query(
      `insert into item (id) values (2); insert into plain values (2); ${change}; ${write}`,
    )
    await at.database.query('delete from item where id = 1; delete from plain where id = 1; delete from part')
    expect(
      await at.database.query(`select from indelible.entry where concat(before, after) like '%s3cret%'`),
    ).toEqual([])
    expect(await at.database.query('select row_key from indelible.entry where row_key is null')).toEqual([])
    const table = change.split(' ')[2] ?? ''
    expect(await states()).toContainEqual([
      table,
      'stale',
      'columns, key or name of the table changed since it was made',
    ])
    expect(await refreshCaptureTriggers(database())).toEqual([{ schema: 'public', name: table }])
    expect((await states()).map(([, state]) => state)).toEqual(['present', 'present', 'present'])
  })

  test('are found by the same rule in SQL as in JavaScript', async () => {
    const names = [
      'id',
      'Password',
      'apiKey2',
      'notes',
      'tokens',
      'cardNumber',
      'x',
      'iban_2',
      'own',
      'free',
      'toke',
    ]
    await at.database.query(
      `create table odd (${names.map((name) => `"${name}" text`).join(', ')}, j json, a jsonb[], d int[])`,
    )
    const redact = {
      columns: ['x'],
      allow: ['tokens'],
      strategy: 'drop',
      tables: { odd: { own: 'mask', apiKey2: false } },
    } as const
    await addCaptureTriggers(database(), ['odd'], { redact })
    const [row] = await at.database.query<{ body: string }>(
      "select prosrc as body from pg_proc where proname like 'capture\\_odd\\_%'",
    )
    const [, baked = ''] = /rules jsonb := '(.*?)';/.exec(row?.body ?? '') ?? []
    const [, policy = ''] = /capture_rules\(tg_relid, e?'(.*?)'\)/.exec(row?.body ?? '') ?? []
    const [found] = await at.database.query<{ rules: unknown }>(
      "select indelible.capture_rules('odd'::regclass, $1) as rules",
      [policy],
    )
    expect(found?.rules).toEqual(JSON.parse(baked))
    expect(JSON.parse(baked)).toEqual({
      Password: 'drop',
      cardNumber: 'drop',
      x: 'drop',
      iban_2: 'drop',
      own: 'mask',
      j: 'document',
      a: 'document',
    })
  })
})

describe('an audited pool', () => {
  test('that has not noticed a new trigger yet looks again: no entry is lost or doubled', async () => {
    const pool = at.audited({ max: 2 })
    await pool.query("insert into plain values (1, 'a')")
    await addCaptureTriggers(database(), ['plain'], { redact: { defaults: false } })
    const observation = await at.oracle.observe(async () => {
      await pool.query("insert into plain values (2, 'b'), (3, 'c')")
      await pool.query("update plain set name = 'x' where id = 1 returning id")
    })
    expectEveryChange(observation)
    expectOwn(observation)
  })

  test('refuses, inside a transaction, the statement that would be doubled; the next transaction works', async () => {
    const pool = at.audited({ max: 2 })
    await pool.query("insert into plain values (1, 'a')")
    await addCaptureTriggers(database(), ['plain'], { redact: { defaults: false } })
    const client = await pool.connect()
    const observation = await at.oracle.observe(async () => {
      await client.query('begin')
      await expect(client.query("insert into plain values (2, 'b')")).rejects.toMatchObject({
        code: 'AUDIT_WRITE_FAILED',
      })
      await client.query('rollback')
      await client.query('begin')
      await client.query("insert into plain values (2, 'b')")
      await client.query('commit')
    })
    client.release()
    expectEveryChange(observation)
    expectOwn(observation)
  })

  test.each([
    ['was removed', () => removeCaptureTriggers(database(), ['plain'])],
    ['was switched off', () => at.database.query('alter table plain disable trigger user')],
  ])('that has not noticed that a trigger %s looks again: no entry is lost', async (_, change) => {
    await addCaptureTriggers(database(), ['plain'], { redact: { defaults: false } })
    const pool = at.audited({ max: 2 })
    await pool.query("insert into plain values (1, 'a')")
    await change()
    const { entries } = await at.oracle.observe(async () => {
      await pool.query("insert into plain values (2, 'b'), (3, 'c')")
      await pool.query("update plain set name = 'x' where id = 1 returning id")
    })
    expect(entries.map(({ op, key }) => [op, key])).toEqual([
      ['insert', '2'],
      ['insert', '3'],
      ['update', '1'],
    ])
  })

  test('under repeatable read does not rely on a trigger that only its snapshot still shows', async () => {
    await addCaptureTriggers(database(), ['plain'], { redact: { defaults: false } })
    const pool = at.audited({ max: 2 })
    await pool.query("insert into plain values (1, 'a')")
    const client = await pool.connect()
    await client.query('begin isolation level repeatable read')
    await client.query('select * from item')
    await removeCaptureTriggers(database(), ['plain'])
    await expect(client.query("insert into plain values (2, 'b')")).rejects.toMatchObject({
      code: 'AUDIT_WRITE_FAILED',
    })
    await client.query('rollback')
    client.release()
  })

  test('that writes while triggers come and go loses and doubles nothing', async () => {
    const pool = at.audited({ max: 4 })
    // Without a pause they are gone again before a statement that was refused for them has asked.
    const pauses = [0.05, 0.005, 0]
    let going = true
    const observation = await at.oracle.observe(async () => {
      const write = async (nth: number) => {
        for (let n = 0; going; n++) {
          await pool.query('insert into plain values ($1, $2)', [nth * 100_000 + n, 'n'])
          await pool.query("update plain set name = name || 'x' where id = $1", [nth * 100_000 + n])
        }
      }
      const writers = [1, 2, 3].map(write)
      for (let round = 0; round < 30; round++) {
        await addCaptureTriggers(database(), ['plain'], { redact: { defaults: false } })
        await pool.query(`select pg_sleep(${pauses[round % 3]})`)
        await removeCaptureTriggers(database(), ['plain'])
        await pool.query(`select pg_sleep(${pauses[round % 3]})`)
      }
      going = false
      await Promise.all(writers)
    })
    expect(observation.changes.length).toBeGreaterThan(100)
    expectEveryChange(observation)
    expectOwn(observation)
  })

  test('captures rows that hold the name of our functions as text', async () => {
    await addCaptureTriggers(database(), ['plain'], { redact: { defaults: false } })
    const text = "insert into plain values (1, $x$select indelible.log('insert', 'public', 'plain', null)$x$)"
    for (const pool of [at.audited(), at.plain()]) {
      expectEveryChange(
        await at.oracle.observe(async () => {
          await pool.query(text)
          await pool.query('delete from plain')
        }),
      )
    }
  })
})

describe.runIf(inject('postgresMajor') >= 18)('virtual columns, from PostgreSQL 18 on', () => {
  const life = [
    'insert into computed (id, a) values (1, 2)',
    'update computed set a = 3',
    'delete from computed',
  ]
  const images = async () =>
    (
      await at.database.query<{ before: object; after: object }>(
        "select before, after from indelible.entry where table_name = 'computed' order by id",
      )
    ).map(({ before, after }) => [before, after])
  const told = [
    [null, { id: 1, 'twi"ce': 4, a: 2 }],
    [
      { 'twi"ce': 4, a: 2 },
      { 'twi"ce': 6, a: 3 },
    ],
    [{ id: 1, 'twi"ce': 6, a: 3 }, null],
  ]
  const create = `create table computed (id int primary key, gone text, "twi""ce" int generated always as (a * 2) virtual, a int);
    alter table computed drop column gone`

  test('stand in the images with their values', async () => {
    await at.database.query(create)
    await addCaptureTriggers(database(), ['computed'], { redact: { defaults: false } })
    for (const sql of life) await at.database.query(sql)
    expect(await images()).toEqual(told)
  })

  test('that were added, or got another expression, after the trigger was made are told as they are', async () => {
    await at.database.query('create table computed (id int primary key)')
    await addCaptureTriggers(database(), ['computed'], { redact: { defaults: false } })
    await at.database.query(
      'alter table computed add a int; alter table computed add "twi""ce" int generated always as (a * 3) virtual',
    )
    await at.database.query('alter table computed alter "twi""ce" set expression as (a * 2)')
    for (const sql of life) await at.database.query(sql)
    expect(await images()).toEqual(told)
  })
})

describe('rules that the environment adds', () => {
  afterEach(() => vi.unstubAllEnvs())

  test('are stored with the triggers, and hold where they are made anew without it', async () => {
    vi.stubEnv('INDELIBLE_REDACT_COLUMNS', 'note')
    await addCaptureTriggers(database(), ['item'], { redact: { allow: ['password'] } })
    vi.unstubAllEnvs()
    expect((await listCaptureTriggers(database()))[0]).toMatchObject({
      state: 'present',
      redact: { columns: ['note'], allow: ['password'] },
    })
    await at.database.query('alter table item add column later text')
    await refreshCaptureTriggers(database())
    await at.database.query("insert into item (id, note, password) values (1, 'n', 'p')")
    expect((await lastImage())?.after).toMatchObject({ note: '[redacted]', password: 'p' })
  })

  test('do not change those of triggers that were made without it', async () => {
    await addCaptureTriggers(database(), ['item'])
    vi.stubEnv('INDELIBLE_REDACT_COLUMNS', 'note')
    expect((await states())[0]?.[1]).toBe('present')
  })
})

describe('partitions and inheritance', () => {
  test('rows of every partition are entered under the name of their table, those of new partitions too', async () => {
    await addCaptureTriggers(database(), ['part'], { redact: { defaults: false } })
    await at.database.query("create table part_asia partition of part for values in ('asia')")
    for (const pool of [at.plain(), at.audited()]) {
      const { entries } = await at.oracle.observe(async () => {
        await pool.query("insert into part values (1, 'eu', 'a'), (2, 'us', 'b'), (3, 'asia', 'c')")
        await pool.query("update part set name = 'z' where id <> 2")
        await pool.query("insert into part_us values (4, 'us', 'd')")
        await pool.query('delete from part')
      })
      expect(new Set(entries.map(({ table }) => table))).toEqual(new Set(['public.part']))
      expect(entries.map(({ op }) => op).join()).toBe(
        `${'insert,'.repeat(3)}update,update,insert${',delete'.repeat(4)}`,
      )
      expect(entries[0]?.key).toBe('["1","eu"]')
    }
  })

  test('a row that moves to another partition is a delete and an insert', async () => {
    await addCaptureTriggers(database(), ['part'], { redact: { defaults: false } })
    await at.database.query("insert into part values (1, 'eu', 'a')")
    const { entries } = await at.oracle.observe(() => at.audited().query("update part set region = 'us'"))
    expect(entries.map(({ op, key }) => [op, key])).toEqual([
      ['delete', '["1","eu"]'],
      ['insert', '["1","us"]'],
    ])
  })

  test('a trigger that was switched off on one partition is not relied on', async () => {
    await addCaptureTriggers(database(), ['part'], { redact: { defaults: false } })
    await at.database.query('alter table part_us disable trigger user')
    expect(await states()).toEqual([['part', 'altered', 'it is switched off on a partition']])
    await refreshCaptureTriggers(database())
    expect((await states())[0]?.[1]).toBe('present')
  })

  test('tables that inherit get triggers too, and statements on the parent are exact', async () => {
    expect(await addCaptureTriggers(database(), ['base'], { redact: { defaults: false } })).toEqual([
      { schema: 'public', name: 'base' },
      { schema: 'public', name: 'derived' },
    ])
    await at.database.query("insert into base values (1, 'a'); insert into derived values (2, 'b', 'x')")
    for (const pool of [at.plain(), at.audited()]) {
      const observation = await at.oracle.observe(() => pool.query("update base set name = name || '!'"))
      expectEveryChange(observation)
      expect(observation.entries).toHaveLength(2)
    }
  })

  test('those of a table and of one that inherits from it are made anew together, whichever name comes first', async () => {
    await at.database.query('create table a_derived () inherits (base)')
    await addCaptureTriggers(database(), ['base'], { redact: { defaults: false } })
    await at.database.query('alter table base add column later text')
    const names = ['a_derived', 'base', 'derived'].map((name) => ({ schema: 'public', name }))
    expect((await states()).map(([name, state]) => [name, state])).toEqual(
      names.map(({ name }) => [name, 'stale']),
    )
    expect(await refreshCaptureTriggers(database())).toEqual(names)
    expect((await states()).map(([, state]) => state)).toEqual(['present', 'present', 'present'])
  })

  test('a partition or a view cannot be named', async () => {
    await at.database.query('create view seen as select * from item')
    for (const name of ['part_eu', 'seen', 'nothing']) {
      await expect(addCaptureTriggers(database(), [name])).rejects.toMatchObject({
        code: 'AUDIT_OPTION_INVALID',
      })
    }
    await expect(
      addCaptureTriggers(database(), [{ schema: 'indelible', name: 'entry' }]),
    ).rejects.toMatchObject({
      message: expect.stringContaining('audit trail itself'),
    })
    expect(await states()).toEqual([])
  })
})

describe('the list', () => {
  test.each([
    ['drop trigger "00_indelible_capture" on plain', 'missing', 'the row trigger is missing'],
    ['drop trigger "00_indelible_truncate" on plain', 'missing', 'the trigger of TRUNCATE is missing'],
    ['alter table plain disable trigger "00_indelible_capture"', 'altered', 'the row trigger is disabled'],
    ['alter table plain enable trigger "00_indelible_capture"', 'altered', 'the row trigger is disabled'],
    [
      'alter table plain rename to renamed',
      'stale',
      'columns, key or name of the table changed since it was made',
    ],
    [
      'alter table plain drop constraint plain_pkey',
      'stale',
      'columns, key or name of the table changed since it was made',
    ],
    ['drop table plain', 'missing', 'there is no such table'],
  ])('after %s says %s', async (sql, state, detail) => {
    await addCaptureTriggers(database(), ['plain'])
    await at.database.query(sql)
    expect((await states())[0]?.slice(1)).toEqual([state, detail])
    await refreshCaptureTriggers(database())
    if (!sql.startsWith('drop table')) expect((await states())[0]?.[1]).toBe('present')
  })

  test('says when the function was edited', async () => {
    await addCaptureTriggers(database(), ['plain'])
    const [row] = await at.database.query<{ sql: string }>(
      "select pg_get_functiondef(oid) as sql from pg_proc where proname like 'capture\\_plain%'",
    )
    await at.database.query((row?.sql ?? '').replace('begin', 'begin if true then return null; end if;'))
    expect(await states()).toEqual([['plain', 'altered', 'its function was edited']])
  })

  test('forgets what was removed', async () => {
    await addCaptureTriggers(database(), ['plain', 'base'])
    await removeCaptureTriggers(database(), ['plain'])
    expect((await states()).map(([name]) => name)).toEqual(['base', 'derived'])
    await expect(removeCaptureTriggers(database(), ['plain'])).rejects.toMatchObject({
      code: 'AUDIT_OPTION_INVALID',
    })
    const left = await at.database.query(
      "select from pg_trigger where tgrelid = 'plain'::regclass and tgname like '00%'",
    )
    expect(left).toEqual([])
  })
})

test('a writer without rights on the audit trail leaves entries, and cannot name an actor', async () => {
  const role = `${at.database.name}_etl`
  await at.database.query(`create role ${role}; grant insert, update on plain to ${role}`)
  try {
    await addCaptureTriggers(database(), ['plain'])
    const client = await at.plain({ application_name: 'loader "x"' }).connect()
    await client.query(`set role ${role}`)
    await client.query(`set indelible.context = '(forged,user,,,"{""actor"":{""id"":""forged""}}",,,,)'`)
    await client.query("insert into plain values (1, 'n')")
    client.release(true)
    const [entry] = await at.database.query('select actor_id, context from indelible.entry')
    expect(entry).toEqual({
      actor_id: null,
      context: {
        source: 'external',
        databaseUser: 'postgres',
        databaseRole: role,
        applicationName: 'loader "x"',
      },
    })
  } finally {
    await at.database.query(`drop owned by ${role}; drop role ${role}`)
  }
})

test('an application whose role may only write entries carries its context through row-level security', async () => {
  const role = `${at.database.name}_app`
  await at.database.query(`create role ${role} login; alter table plain enable row level security;
    create policy mine on plain using (id < 10); grant select, insert, update, delete on plain to ${role}`)
  try {
    await migrate(database(), { grants: { writers: [role] } })
    await addCaptureTriggers(database(), ['plain'], { redact: { defaults: false } })
    await at.database.query("insert into plain values (1, 'a'), (50, 'b')")
    const pool = at.audited({ connectionString: at.database.url.replace('postgres@', `${role}@`), max: 2 })
    const observation = await at.oracle.observe(async () => {
      expect((await pool.query("update plain set name = 'x'")).rowCount).toBe(1)
      await pool.query("insert into plain values (2, 'y')")
      await pool.query('delete from plain where id = 2 returning *')
    })
    expectEveryChange(observation)
    expectOwn(observation)
    await pool.end()
  } finally {
    await at.database.query(`drop owned by ${role}; drop role ${role}`)
  }
})
