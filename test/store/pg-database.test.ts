import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromPgPool } from '../../packages/core/src/pg/pg-database.ts'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

let database: TestDatabase
let audit: AuditDatabase

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' })
  await database.query('create table note (text text)')
  audit = fromPgPool(database.pool)
})

afterAll(() => database.drop())

const countNotes = async () => (await audit.query('select count(*) as n from note'))[0]?.['n']

test('every value arrives as the text PostgreSQL sent, with or without parameters', async () => {
  const select = `select 9007199254740993 as big, 1.10 as numeric, true as flag, null as nothing,
    '{"a":1.0}'::json as json, '2020-01-01 00:00:00.000001+00'::timestamptz at time zone 'utc' as at,
    '{1,2}'::int[] as list, '\\xff'::bytea as bytes, 'ünï' as text`
  const row = {
    big: '9007199254740993',
    numeric: '1.10',
    flag: 't',
    nothing: null,
    json: '{"a":1.0}',
    at: '2020-01-01 00:00:00.000001',
    list: '{1,2}',
    bytes: '\\xff',
    text: 'ünï',
  }
  expect(await audit.query(select)).toEqual([row])
  expect(await audit.query(`${select}, $1 as given`, ['x'])).toEqual([{ ...row, given: 'x' }])
})

test('a transaction that resolves is committed', async () => {
  const before = Number(await countNotes())
  const result = await audit.transaction(async (tx) => {
    await tx.script("insert into note values ('a'); insert into note values ('b')")
    await tx.query('insert into note values ($1)', [null])
    return 'done'
  })
  expect(result).toBe('done')
  expect(await countNotes()).toBe(`${before + 3}`)
})

test('a transaction reads committed, whatever the default', async () => {
  await database.query(`alter database "${database.name}" set default_transaction_isolation = 'serializable'`)
  const fresh = new pg.Pool({ connectionString: database.url })
  const rows = await fromPgPool(fresh).transaction((tx) => tx.query('show transaction_isolation'))
  await fresh.end()
  await database.query(`alter database "${database.name}" reset default_transaction_isolation`)
  expect(rows).toEqual([{ transaction_isolation: 'read committed' }])
})

test('a transaction that rejects leaves nothing, and its own error comes through', async () => {
  const before = await countNotes()
  const work = audit.transaction(async (tx) => {
    await tx.query("insert into note values ('c')")
    throw new RangeError('mine')
  })
  await expect(work).rejects.toThrow(new RangeError('mine'))
  expect(await countNotes()).toBe(before)
})

test('a transaction whose failed statement was caught does not pretend to have committed', async () => {
  const before = await countNotes()
  const work = audit.transaction(async (tx) => {
    await tx.query("insert into note values ('d')")
    await tx.query('select 1/0').catch(() => {})
  })
  await expect(work).rejects.toMatchObject({ code: 'AUDIT_WRITE_FAILED' })
  expect(await countNotes()).toBe(before)
})

test('the client goes back to the pool after success and failure', async () => {
  const pool = new pg.Pool({ connectionString: database.url, max: 1 })
  const one = fromPgPool(pool)
  for (let round = 0; round < 5; round += 1) {
    await one.transaction((tx) => tx.query('select 1'))
    await expect(one.transaction((tx) => tx.query('select 1/0'))).rejects.toMatchObject({ code: '22012' })
  }
  expect([pool.totalCount, pool.idleCount]).toEqual([1, 1])
  await pool.end()
})

test.each(['while a statement runs', 'between two statements'])(
  'a connection killed %s rejects the transaction, and its client is destroyed',
  async (moment) => {
    const pool = new pg.Pool({ connectionString: database.url, max: 1 })
    pool.on('error', () => {})
    const work = fromPgPool(pool).transaction(async (tx) => {
      const [session] = await tx.query('select pg_backend_pid() as pid')
      const kill = () => database.query('select pg_terminate_backend($1::int)', [session?.['pid']])
      if (moment === 'between two statements') {
        await kill()
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      await Promise.all([tx.query('select pg_sleep(5)'), kill()])
    })
    await expect(work).rejects.toThrow()
    expect(pool.totalCount).toBe(0)
    await expect(fromPgPool(pool).query('select 1 as n')).resolves.toEqual([{ n: '1' }])
    await pool.end()
  },
)
