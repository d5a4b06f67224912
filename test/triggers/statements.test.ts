import { runWithAuditContext } from '@indelible/core'
import type pg from 'pg'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PoolDatabase } from '../pg/audited-pool.ts'
import { createTriggeredDatabase, expectEveryChange, expectOwn, inTheClear } from './triggered-database.ts'

const tables = `
  create table item (id int primary key, name text, stock int not null default 0);
  create table other (id int primary key, name text);
  create table plain (id int primary key, name text);
  create view item_view as select id, name from item;
  create view plain_view as select id, name from plain;
  create table ruled (id int primary key, name text);
  create rule also as on insert to ruled do also insert into plain values (new.id, new.name);
`
const rows = `
  truncate item, other, plain, ruled;
  insert into item select n, 'item ' || n, n from generate_series(1, 10) n;
  insert into other select n, 'other ' || n from generate_series(1, 10) n;
`

let at: PoolDatabase
let pool: pg.Pool
let strict: pg.Pool
beforeAll(async () => {
  at = await createTriggeredDatabase(tables, { tables: ['item', 'other', 'ruled'] })
  pool = at.audited({ max: 2 })
  strict = at.audited({ max: 2 }, { ...inTheClear, onUncaptured: 'throw' })
  await pool.query('select 1')
  return at.close
})
beforeEach(async () => void (await at.database.query(rows)))

const captured = [
  'merge into item using other on item.id = other.id when matched and item.id < 3 then delete ' +
    "when matched then update set name = 'merged'",
  'with gone as (delete from item where id < 3 returning *) insert into other select id + 100, name from gone',
  "with a as (update item set name = 'x' where id = 1 returning id) update other set name = 'y' from a where other.id = a.id",
  "update item_view set name = 'through the view' where id = 4",
  'delete from item_view where id = 5 returning id',
]

describe.each(captured)('%s', (sql) => {
  test('is entered row by row, with its actor and no word about a statement', async () => {
    const observation = await at.oracle.observe(() => pool.query(sql))
    expect(observation.changes.length).toBeGreaterThan(0)
    expectEveryChange(observation)
    expectOwn(observation)
    expect(observation.entries.filter(({ op }) => op === 'statement')).toEqual([])
  })

  test("passes onUncaptured: 'throw'", async () => {
    const observation = await at.oracle.observe(() => strict.query(sql))
    expectEveryChange(observation)
    expectOwn(observation)
  })
})

test.each([
  [
    "with a as (update item set name = 'x' where id = 1 returning id) insert into plain select id, 'n' from a",
    ['public.plain'],
  ],
  ["insert into plain_view values (7, 'n')", ['public.plain']],
  ["insert into ruled values (8, 'n')", ['public.plain']],
] as const)('%s: the record names what no trigger sees', async (sql, named) => {
  const { entries, who } = await at.oracle.observe(() => pool.query(sql))
  const records = entries.filter(({ op }) => op === 'statement').map(({ after }) => JSON.parse(after ?? ''))
  const names = records.flatMap(({ tables }) =>
    tables.map(({ schema, name }: { schema?: string; name: string }) =>
      [schema, name].filter(Boolean).join('.'),
    ),
  )
  expect(names).toEqual(named)
  expect(records).toHaveLength(1)
  expect(entries.every(({ actor }) => actor === who.actor)).toBe(true)
  await expect(strict.query(sql)).rejects.toMatchObject({ code: 'AUDIT_UNCAPTURED' })
})

describe('TRUNCATE', () => {
  const opsOf = async (work: () => Promise<unknown>) => {
    const { entries } = await at.oracle.observe(work)
    return entries.map(({ op, table, actor, after }) => [
      op,
      table,
      actor === null,
      JSON.parse(after ?? '').tables.length,
    ])
  }

  test('by a program without Indelible is entered for each table', async () => {
    expect(await opsOf(() => at.database.query('truncate item, other, plain'))).toEqual([
      ['truncate', 'public.item', true, 1],
      ['truncate', 'public.other', true, 1],
    ])
  })

  test('by an audited pool is entered once for each table', async () => {
    expect(await opsOf(() => pool.query('truncate item'))).toEqual([['truncate', 'public.item', false, 1]])
    expect(await opsOf(() => pool.query('truncate item, plain'))).toEqual([
      ['truncate', 'public.item', false, 1],
      ['truncate', 'public.plain', false, 1],
    ])
  })

  test("is refused under onUncaptured: 'throw': no entry tells its rows", async () => {
    await expect(strict.query('truncate item')).rejects.toMatchObject({ code: 'AUDIT_UNCAPTURED' })
  })
})

describe('what fails', () => {
  test('half-way leaves no entry', async () => {
    const { entries } = await at.oracle.observe(async () => {
      const failing = "update item set stock = 10 / (5 - id), name = 'n'"
      await expect(pool.query(failing)).rejects.toMatchObject({ code: '22012' })
      await expect(pool.query('insert into item values (50), (1)')).rejects.toMatchObject({ code: '23505' })
    })
    expect(entries).toEqual([])
  })

  test('and is rolled back to a savepoint leaves the entries of the rest', async () => {
    const client = await pool.connect()
    const observation = await at.oracle.observe(async () => {
      await client.query('begin')
      await client.query('update item set stock = 100 where id = 1')
      await client.query('savepoint here')
      await runWithAuditContext({ actor: { id: 'undone' } }, () =>
        client.query('update item set stock = 200 where id = 2'),
      )
      await client.query('rollback to savepoint here')
      await client.query('delete from item where id = 3')
      await client.query('savepoint there')
      await expect(client.query('insert into item values (1)')).rejects.toThrow()
      await client.query('rollback to savepoint there')
      await client.query('insert into item values (60) returning id')
      await client.query('commit')
    })
    client.release()
    expectEveryChange(observation)
    expectOwn(observation)
    expect(observation.entries).toHaveLength(3)
  })

  test('names its place in the text of the application', async () => {
    await expect(pool.query('update item set nme = 1')).rejects.toMatchObject({
      code: '42703',
      position: '17',
    })
    await expect(pool.query('insert into item (id) values (1) returning nme')).rejects.toMatchObject({
      position: '44',
    })
  })
})

test('writers that race for one row leave true images and each its own actor', async () => {
  const pools = [at.audited(), at.plain(), at.audited()]
  const observation = await at.oracle.observe(() =>
    Promise.all(
      pools.flatMap((each, nth) =>
        Array.from({ length: 12 }, (_, n) =>
          runWithAuditContext({ actor: { id: `racer ${nth}` } }, () =>
            each.query(
              n % 4 === 3
                ? "update item set name = name || 'x' where id in (2, 3)"
                : 'update item set stock = stock + 1 where id in (1, 2)',
            ),
          ),
        ),
      ),
    ),
  )
  expectEveryChange(observation)
  const actors = new Set(observation.entries.map(({ actor }) => actor))
  expect(actors).toEqual(new Set(['racer 0', null, 'racer 2']))
})

test('a statement with all parameters in use carries its context ahead', async () => {
  const ids = Array.from({ length: 65_535 }, (_, n) => n + 1)
  const sql = `update other set name = 'many' where id in (${ids.map((id) => `$${id}`).join(',')})`
  const observation = await at.oracle.observe(() => pool.query(sql, ids))
  expect(observation.entries).toHaveLength(10)
  expectEveryChange(observation)
  expectOwn(observation)
})

test('DO outside a transaction is announced with its actor; its rows are entered, as by an unknown writer', async () => {
  const work = "do $$ begin insert into other values (200, 'n'); end $$"
  const { entries, who } = await at.oracle.observe(() => pool.query(work))
  expect(entries.map(({ op, actor }) => [op, actor])).toEqual([
    ['statement', who.actor],
    ['insert', null],
  ])
})

test('DO inside a transaction gives its rows its actor', async () => {
  const client = await pool.connect()
  const observation = await at.oracle.observe(async () => {
    await client.query('begin')
    await client.query("do $$ begin insert into other values (201, 'n'); end $$")
    await client.query('commit')
  })
  client.release()
  expect(observation.entries.map(({ op }) => op)).toEqual(['insert', 'statement'])
  expectOwn(observation)
})
