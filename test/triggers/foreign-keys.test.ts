import { addCaptureTriggers, fromPgPool, migrate, removeCaptureTriggers } from '@indelible/core'
import type pg from 'pg'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { getAnnouncement } from '../conformance/announcements.ts'
import type { Observation } from '../conformance/row-oracle.ts'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'
import { expectEveryRow, expectOwn } from './triggered-database.ts'

// A chain of four tables, and a second way from its first to its last one.
const tables = `
  create table a (id int primary key, name text);
  create table b (id int primary key, a_id int references a on delete cascade on update cascade);
  create table c (id int primary key, b_id int references b on delete set null on update cascade,
    a_id int references a on delete cascade on update cascade);
  create table d (id int primary key, c_id int references c on delete cascade on update cascade);
  create table parts (id int, region int, a_id int references a on delete cascade on update cascade, primary key (id, region))
    partition by list (region);
  create table parts_one partition of parts for values in (1);
  create table parts_two partition of parts for values in (2);
`
const rows = `
  truncate a, b, c, d, parts cascade;
  insert into a select n, 'a' || n from generate_series(1, 6) n;
  insert into b select n, 1 + n % 6 from generate_series(1, 12) n;
  insert into c select n, 1 + n % 12, 1 + n % 6 from generate_series(1, 24) n;
  insert into d select n, 1 + n % 24 from generate_series(1, 48) n;
  insert into parts select n, 1 + n % 2, 1 + n % 6 from generate_series(1, 24) n;
`
const statements = [
  'delete from a where id = 1',
  'delete from a where id in (2, 3)',
  'delete from a where id = 6 returning id',
  'update a set id = id + 100 where id = 4',
  'update a set id = id + 100 where id in (4, 5)',
  'update a set id = id + 100 where id = 1 returning name',
  'delete from c where id < 4',
  'update b set id = id + 1000',
]

let at: PoolDatabase
let pool: pg.Pool
const database = () => fromPgPool(at.database.pool)
const capture = (...names: readonly string[]) =>
  addCaptureTriggers(database(), names, { redact: { defaults: false } })
/** An application that knows the tables as they are now. */
const connect = async (config?: pg.PoolConfig) => {
  pool = at.audited({ max: 1, ...config })
  await pool.query('select 1')
}
const announcedBy = ({ entries }: Pick<Observation<unknown>, 'entries'>) =>
  entries.filter(({ op }) => op === 'statement').flatMap((entry) => getAnnouncement(entry).tables)

async function expectExact(watched: readonly string[], sql: string, announced: readonly string[] = []) {
  const observation = await at.oracle.observe(() => pool.query(sql))
  expect(announcedBy(observation).toSorted()).toEqual(announced)
  expectEveryRow(observation, watched)
  expectOwn(observation)
}

/** What a statement on a table with capture triggers may change elsewhere, which these do not see. */
function unseenBy(sql: string, watched: readonly string[]): readonly string[] {
  const behind = sql.startsWith('delete from c ') ? ['c', 'd'] : sql.startsWith('update b ') ? ['b', 'c'] : []
  const [table = '', child = ''] = behind
  return watched.includes(table) && !watched.includes(child) ? [`public.${child}`] : []
}

describe.each([
  [['b']],
  [['c']],
  [['d']],
  [['parts']],
  [['b', 'd']],
  [['b', 'c', 'parts']],
  [['b', 'c', 'd', 'parts']],
])('with capture triggers on %j', (watched) => {
  beforeAll(async () => {
    at = await createPoolDatabase(tables)
    await capture(...watched)
    await connect()
    return at.close
  })

  test.each(statements)('each row that foreign keys change has one entry: %s', async (sql) => {
    await at.database.query(rows)
    await expectExact(watched, sql, unseenBy(sql, watched))
  })

  test('a statement that returns several rows enters each once, or announces the table', async () => {
    for (const sql of [
      'delete from a where id in (2, 3) returning id',
      'update a set id = id + 100 where id in (4, 5) returning name',
    ]) {
      await at.database.query(rows)
      const observation = await at.oracle.observe(() => pool.query(sql))
      for (const name of watched) expect(announcedBy(observation)).not.toContain(`public.${name}`)
      expectEveryRow(observation, watched)
      expectOwn(observation)
    }
  })
})

describe('capture triggers that come or go', () => {
  beforeEach(async () => {
    at = await createPoolDatabase(tables)
  })
  afterEach(() => at.close())

  const deletion = 'delete from a where id = 1'

  test('after the application looked at the catalog: nothing is entered twice, nothing is lost', async () => {
    await connect()
    for (const [change, watched] of [
      [() => capture('b', 'parts'), ['b', 'parts']],
      [() => capture('c'), ['b', 'c', 'parts']],
      [() => removeCaptureTriggers(database(), ['b', 'c']), ['parts']],
      [() => removeCaptureTriggers(database(), ['parts']), []],
    ] as const) {
      await at.database.query(rows)
      await change()
      const observation = await at.oracle.observe(() => pool.query(deletion))
      expectEveryRow(observation, watched)
      expectOwn(observation)
    }
  })

  test('without new functions: what was made for other tables is not trusted', async () => {
    await capture('b')
    await connect()
    await at.database.query(`${rows} alter table b disable trigger "00_indelible_capture"`)
    const off = await at.oracle.observe(() => pool.query(deletion))
    expect(announcedBy(off)).toContain('public.b')
    expectEveryRow(off, [])
    await at.database.query(`${rows} alter table b enable always trigger "00_indelible_capture"`)
    await expectExact(['b'], 'delete from a where id = 2')
  })

  test('of a single partition: its table is announced', async () => {
    await capture('parts')
    await connect()
    await at.database.query(`${rows} alter table parts_two disable trigger "00_indelible_capture"`)
    const observation = await at.oracle.observe(() => pool.query(deletion))
    expect(announcedBy(observation)).toContain('public.parts')
  })

  test('where every child has them and no function is needed: the statement finds out', async () => {
    await at.database.query(
      'drop table parts, d, c; create table c (id int primary key, b_id int references b on delete cascade)',
    )
    await at.oracle.watch()
    const fill = `insert into a values (1); insert into b values (1, 1); insert into c values (1, 1)`
    await capture('b', 'c')
    await at.database.query(fill)
    await connect()
    await expectExact(['b', 'c'], deletion)
    for (const [table, left] of [
      ['c', ['b']],
      ['b', []],
    ] as const) {
      await at.database.query(`${fill}; alter table ${table} disable trigger "00_indelible_capture"`)
      const observation = await at.oracle.observe(() => pool.query(deletion))
      expect(announcedBy(observation)).toContain(`public.${table}`)
      expectEveryRow(observation, left)
    }
  })

  const switchTrigger = (state: string) =>
    at.database.query(`alter table b ${state} trigger "00_indelible_capture"`)

  test.each([
    { state: 'added', change: () => capture('b'), outcome: 'done' },
    {
      state: 'removed',
      prepare: () => capture('b'),
      change: () => removeCaptureTriggers(database(), ['b']),
      outcome: 'done',
    },
    {
      state: 'switched on',
      prepare: async () => {
        await capture('b')
        await switchTrigger('disable')
        await migrate(database())
      },
      change: () => switchTrigger('enable always'),
      outcome: 'AUDIT_WRITE_FAILED',
    },
  ])('$state while a repeatable read runs: no row has two entries or none', async (example) => {
    const { prepare, change, outcome } = example
    await prepare?.()
    await at.database.query(rows)
    await connect({ max: 2 })
    const client = await pool.connect()
    await client.query('begin isolation level repeatable read')
    await client.query('select count(*) from a')
    await change()
    const observation = await at.oracle.observe(async () => {
      const result = await client.query(deletion).then(
        () => 'done',
        (error: { code?: string }) => error.code,
      )
      await client.query(result === 'done' ? 'commit' : 'rollback')
      return result
    })
    client.release()
    expect(observation.result).toBe(outcome)
    expectEveryRow(observation, 'either')
  })

  test('while applications write: each change has its entry, or is announced', async () => {
    await connect({ max: 3 })
    await at.database.query(
      'insert into a select n from generate_series(1, 300) n; insert into b select n, n from generate_series(1, 300) n',
    )
    await at.database.query('insert into c select n, n, null from generate_series(1, 300) n')
    let done = false
    const flip = (async () => {
      while (!done) {
        await capture('b')
        await removeCaptureTriggers(database(), ['b'])
      }
    })()
    const observation = await at.oracle.observe(async () => {
      for (let id = 1; id <= 300; id += 3)
        await Promise.all([0, 1, 2].map((more) => pool.query('delete from a where id = $1', [id + more])))
    })
    done = true
    await flip
    const kept = observation.entries.filter(({ op }) => op !== 'statement')
    expect(kept.filter(({ table }) => table === 'public.a')).toHaveLength(300)
    expectEveryRow(observation, 'either')
  }, 60_000)

  test('a refresh by migrate changes nothing while capture triggers are as they were', async () => {
    await capture('b', 'parts')
    // What is not needed any more is dropped by the second refresh.
    expect((await migrate(database())).cascades).toMatchObject({ made: [] })
    expect((await migrate(database())).cascades).toEqual({ made: [], dropped: [] })
  })

  test('a new partition of a captured table needs no new function', async () => {
    await capture('parts')
    await connect()
    await at.database.query(`${rows} create table parts_three partition of parts for values in (3)`)
    await at.oracle.watch()
    await at.database.query('insert into parts values (99, 3, 1)')
    await expectExact(['parts'], 'delete from a where id = 1')
  })
})
