import { addCaptureTriggers, fromPgPool, migrate } from '@indelible/core'
import { beforeAll, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'

const tables = `
  create table watched (id int primary key, n int);
  create table plain (id int primary key, n int);
  create table child (id int primary key, of int references plain on delete cascade);
  create function write_both() returns int language plpgsql as $$ begin
    insert into watched values (10, 1); insert into plain values (10, 1); return 1; end $$;
`

let at: PoolDatabase
beforeAll(async () => {
  at = await createPoolDatabase(tables)
  await addCaptureTriggers(fromPgPool(at.database.pool), ['watched', 'child'])
  await migrate(fromPgPool(at.database.pool))
  return at.close
})

// The triggers of the oracle write a table of its own, which the check tells too.
const announcements = async () =>
  await at.database.query(
    `select after ->> 'verb' as verb, after -> 'tables' as tables from indelible.entry where op = 'statement' and after::text like '%"public"%'`,
  )

test('the completeness check leaves tables with capture triggers to these', async () => {
  const client = await at.audited({}, { completeness: 'record' }).connect()
  for (const sql of [
    'insert into watched values (1, 1), (2, 2)',
    'update watched set n = n + 1 returning *',
    'insert into plain values (1, 1)',
    'insert into child values (1, 1)',
  ]) {
    await client.query(sql)
  }
  await client.query('begin')
  await client.query('delete from watched where id = 2')
  await client.query('savepoint s')
  await client.query('update watched set n = 7')
  await client.query('rollback to savepoint s')
  await client.query('delete from plain where id = 1')
  await client.query('commit')
  expect(await announcements()).toEqual([])
  await client.query('select write_both()')
  expect(await announcements()).toEqual([
    { verb: 'COMPLETENESS', tables: expect.arrayContaining([expect.objectContaining({ name: 'plain' })]) },
  ])
  const written = await at.database.query(
    `select table_name as name, row_key as key from indelible.entry where row_key = '10'`,
  )
  expect(written).toEqual([{ name: 'watched', key: '10' }])
  client.release()
})
