import { fromPgPool, migrate } from '@indelible/core'
import { withAudit } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapter, SqlQuery } from '@prisma/driver-adapter-utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

/** The same calls of the driver adapter on two databases, without and with us: what Prisma itself can see must be equal. */
interface Side {
  readonly database: TestDatabase
  readonly adapter: SqlDriverAdapter
}

let plain: Side
let audited: Side

beforeAll(async () => {
  plain = await createSide(false)
  audited = await createSide(true)
})

afterAll(async () => {
  for (const { adapter, database } of [plain, audited]) {
    await adapter.dispose()
    await database.drop()
  }
})

async function createSide(isAudited: boolean): Promise<Side> {
  const database = await createDatabase()
  await database.query(`create table odd (id int primary key, "row" text, old int, keep int default 1);
    insert into odd values (1, 'a', 1), (2, 'b', 2)`)
  if (isAudited) await migrate(fromPgPool(database.pool))
  const factory = new PrismaPg({ connectionString: database.url })
  return { database, adapter: await (isAudited ? withAudit(factory, { seal: false }) : factory).connect() }
}

const statements = [
  'update odd set old = 7 where id = 2',
  'update odd set old = 8 where id = 2 returning *',
  'insert into odd values (20) returning id, null as nothing, keep::numeric as n',
  'insert into odd values (20) on conflict do nothing returning id',
  'delete from odd where id = 20',
  'delete from odd where id = 20 returning odd.*',
  'select * from odd order by id',
]

test.each(statements)('names, types and rows of a result set: %s', async (sql) => {
  const query: SqlQuery = { sql, args: [], argTypes: [] }
  const results = []
  for (const { adapter } of [plain, audited]) results.push(await adapter.queryRaw({ ...query }))
  expect(results[1]).toEqual(results[0])
})

test.each(statements)('the count of affected rows: %s', async (sql) => {
  const query: SqlQuery = { sql, args: [], argTypes: [] }
  const counts = []
  for (const { adapter } of [plain, audited]) counts.push(await adapter.executeRaw({ ...query }))
  expect(counts[1]).toBe(counts[0])
})

test('the adapter shows the same provider, name and connection information', () => {
  const facts = ({ adapter }: Side) => [
    adapter.provider,
    adapter.adapterName,
    { ...adapter.getConnectionInfo?.() },
  ]
  expect(facts(audited)).toEqual(facts(plain))
})

test('executeScript runs as before', async () => {
  for (const { adapter } of [plain, audited]) {
    await adapter.executeScript('create table scripted (a int); insert into scripted values (1)')
    expect(await adapter.executeRaw({ sql: 'delete from scripted', args: [], argTypes: [] })).toBe(1)
  }
})
