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
