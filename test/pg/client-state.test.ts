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
    const client = await at.audited({ query_timeout: 200 }).connect()
    await client.query('select 1')
    await expect(client.query(slow)).rejects.toThrow('timeout')
    await at.database.query('select pg_sleep(1)')
    expect(client.getTransactionStatus()).toBe('I')
    await client.query('insert into account (id) values (201)')
    expect(await at.database.query('select id from account where id in (200, 201)')).toEqual([{ id: 201 }])
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
