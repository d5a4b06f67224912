import pg from 'pg'
import Cursor from 'pg-cursor'
import { beforeAll, describe, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from './audited-pool.ts'

const tables = `
  create table account (id int primary key, password text, stock int, data jsonb);
  insert into account select n, 'p', n, '{}' from generate_series(1, 20) n;
`

let at: PoolDatabase
beforeAll(async () => {
  at = await createPoolDatabase(tables)
  return at.close
})

describe('a column that a transaction has added and undone', () => {
  test.each([
    ['savepoint s', 'rollback to savepoint s'],
    ['savepoint s', 'rollback to savepoint s; select 1'],
    ['select 1', 'rollback and chain'],
  ])('is in no later image: %s … %s', async (before, undo) => {
    // Images of a table with secrets list its columns.
    const client = await at.audited({}, { redact: { defaults: true } }).connect()
    await client.query('begin')
    await client.query(before)
    await client.query('alter table account add column extra int')
    await client.query(undo)
    const inserted = client.query("insert into account (id, password) values (100, 'q') returning id")
    expect((await inserted).rows).toEqual([{ id: 100 }])
    await client.query('delete from account where id = 100')
    await client.query('commit')
    client.release()
    const [entry] = await at.database.query('select op, before from indelible.entry order by id desc limit 1')
    expect(entry).toEqual({
      op: 'delete',
      before: { id: 100, password: '[redacted]', stock: null, data: null },
    })
  })
})

test('a value that node-postgres cannot send spoils no later use of its statement', async () => {
  const client = await at.audited().connect()
  const update = (data: object) => client.query('update account set data = $1 where id = $2', [data, 1])
  await at.oracle.check(async () => {
    // Prepared from the second use on.
    for (const a of [1, 2, 3]) {
      await update({ a })
      await expect(update({ a: 1n })).rejects.toThrow('BigInt')
    }
    await client.query('begin')
    await update({ a: 4 })
    await client.query('commit')
  })
  client.release()
})

describe('a statement of several turns that node-postgres gives up waiting for', () => {
  const slow = 'with w as (insert into account (id) values (200) returning id) select from w, pg_sleep(0.6)'

  test('leaves no transaction open behind it', async () => {
    const pool = at.audited()
    await pool.query('with w as (insert into account (id) values (199) returning id) select from w')
    // From the next connection on, which asks for nothing that the first has not read.
    pool.options.query_timeout = 200
    const [first, client] = [await pool.connect(), await pool.connect()]
    const { rows } = await client.query('select pg_backend_pid() as pid')
    await expect(client.query(slow)).rejects.toThrow('timeout')
    const session = () =>
      at.database.query('select state from pg_stat_activity where pid = $1', [rows[0].pid])
    await expect.poll(session).toEqual([{ state: 'idle' }])
    await expect.poll(() => client.getTransactionStatus()).toBe('I')
    const later = { text: 'insert into account (id) values (201)', query_timeout: 10_000 }
    await client.query(later)
    expect(await at.database.query('select id from account where id in (200, 201)')).toEqual([{ id: 201 }])
    first.release()
    client.release()
  })

  test('is undone before the next one runs, which is captured', async () => {
    const client = await at.audited().connect()
    await client.query('select 1')
    const { entries } = await at.oracle.observe(async () => {
      const given = { text: slow, query_timeout: 100 }
      await expect(client.query(given)).rejects.toThrow('timeout')
      await client.query('with w as (insert into account (id) values (202) returning id) select from w')
      await expect(client.query(given)).rejects.toThrow('timeout')
      await client.query('insert into account (id) values (203)')
    })
    expect(entries.map(({ op }) => op)).toEqual(['statement', 'insert'])
    const rows = await at.database.query('select id from account where id in (200, 202, 203) order by id')
    expect(rows).toEqual([{ id: 202 }, { id: 203 }])
    client.release()
  })
})

describe('what node-postgres runs by handing it the connection', () => {
  test('keeps its place behind statements that take several turns', async () => {
    // The very first statement waits for the audit schema, the second is recorded.
    const client = await at.audited().connect()
    const before = [
      client.query('begin'),
      client.query('with w as (insert into account (id) values (300) returning id) select from w'),
      client.query('insert into account (id) values (301)'),
    ]
    const cursor = client.query(new Cursor('select id from account where id >= 300 order by id'))
    const after = client.query('rollback')
    expect(await cursor.read(10)).toEqual([{ id: 300 }, { id: 301 }])
    await cursor.close()
    await Promise.all([...before, after])
    client.release()
  })

  test('fails where it waited for its place and is refused', async () => {
    const client = await at.audited({}, { onUncaptured: 'throw' }).connect()
    const first = client.query('select 1')
    const cursor = client.query(new Cursor('delete from account where id = 2 returning id'))
    await expect(cursor.read(1)).rejects.toMatchObject({ code: 'AUDIT_UNCAPTURED' })
    await first
    expect((await client.query('select id from account where id = 2')).rowCount).toBe(1)
    client.release()
  })

  test('may begin and end a transaction', async () => {
    const client = await at.audited().connect()
    await client.query('select 1')
    const write = (id: number) =>
      client.query(`with w as (insert into account (id) values (${id}) returning id) select from w`)
    client.query(new pg.Query('begin'))
    await write(302)
    client.query(new pg.Query('rollback'))
    await write(303)
    client.query(new pg.Query('begin'))
    await expect(client.query('select 1/0')).rejects.toThrow('division by zero')
    client.query(new pg.Query('rollback'))
    const { entries } = await at.oracle.check(() => client.query('insert into account (id) values (304)'))
    expect(entries).toHaveLength(1)
    const rows = await at.database.query('select id from account where id between 302 and 304 order by id')
    expect(rows).toEqual([{ id: 303 }, { id: 304 }])
    client.release()
  })

  test('may change the search path, and no entry names the wrong table', async () => {
    await at.database.query('create schema other create table account (id int)')
    const client = await at.audited().connect()
    await client.query('select 1')
    client.query(new pg.Query('set search_path to other'))
    const { entries } = await at.oracle.observe(() => client.query('insert into account values (1)'))
    expect(entries.map(({ op }) => op)).toEqual(['statement'])
    client.release(true)
  })
})

test('a statement that fails after several turns undoes none behind it, by callback either', async () => {
  const client = await at.audited().connect()
  await client.query('select 1')
  const answers = [
    'with w as (insert into account (id) values (1) returning id) select from w',
    'insert into account (id) values (400)',
  ].map((sql) => new Promise((resolve) => client.query(sql, (error: unknown) => resolve(error ?? 'written'))))
  expect(await Promise.all(answers)).toEqual([expect.objectContaining({ code: '23505' }), 'written'])
  expect((await client.query('select id from account where id = 400')).rowCount).toBe(1)
  client.release()
})

test.each(['deallocate all', 'select 1; deallocate all'])(
  'after %s a transaction uses no statement that is gone',
  async (deallocate) => {
    const client = await at.audited().connect()
    const update = () => client.query('update account set stock = stock + 1 where id = $1', [3])
    for (let prepared = 0; prepared < 3; prepared++) await update()
    await client.query('begin')
    const dropped = client.query(deallocate)
    expect(await Promise.all([dropped, update(), update()])).toHaveLength(3)
    await client.query('rollback')
    client.release(true)
  },
)
