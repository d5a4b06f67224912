import { AuditError, AuditSubscriber, auditOf } from '@indelible/typeorm'
import type pg from 'pg'
import QueryStream from 'pg-query-stream'
import { DataSource, EventSubscriber } from 'typeorm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedShop, createAuditedShop, exactOptions } from './support/audited-shop.ts'
import { shopDataSource } from './support/typeorm-harness.ts'

let shop: AuditedShop

beforeAll(async () => {
  shop = await createAuditedShop()
})

afterAll(() => shop?.close())

let count = 0

/** SQL that makes a tag, whose name no other has. */
function tagSql(): string {
  count += 1
  return `insert into "Tag" (name) values ('tag ${count}')`
}

/** The entries that work leaves; each must be a change that the triggers saw. */
async function entriesOf(work: () => Promise<unknown>): Promise<readonly { op: string }[]> {
  return (await shop.oracle.check(work)).entries
}

/** Runs work on the client of a new query runner. */
async function withClient(db: DataSource, work: (client: pg.PoolClient) => Promise<unknown>): Promise<void> {
  const runner = db.createQueryRunner()
  try {
    await work(await runner.connect())
  } finally {
    await runner.release()
  }
}

test('a write that is the very first statement is captured', async () => {
  const db = await shop.open()
  expect(await entriesOf(() => db.query(tagSql()))).toHaveLength(1)
})

test('a write on the client of node-postgres that is the very first statement is captured', async () => {
  const db = await shop.open()
  const entries = await entriesOf(() => withClient(db, (client) => client.query(tagSql())))
  expect(entries).toHaveLength(1)
})

test('a stream that writes and is the very first statement is announced', async () => {
  const db = await shop.open()
  await withClient(db, (client) => client.query(new QueryStream(`${tagSql()} returning id`)).toArray())
  const { entries } = await auditOf(db).page({}, { limit: 1 })
  expect(entries).toMatchObject([{ op: 'statement', tableName: 'Tag' }])
})

test('twenty first writes at once are captured', async () => {
  const db = await shop.open({ poolSize: 10 })
  const entries = await entriesOf(() => Promise.all(Array.from({ length: 20 }, () => db.query(tagSql()))))
  expect(entries).toHaveLength(20)
})

test('a data source without the subscriber is not touched', async () => {
  const plain = await shop.open({ subscribers: [] })
  await plain.query(tagSql())
  await withClient(plain, async (client) => expect(Object.hasOwn(client, 'query')).toBe(false))
  expect(
    await shop.database.query('select from indelible.entry where actor_id is null and op = $1', ['insert']),
  ).toEqual([])
})

test('a subscriber class in two data sources serves both, each with its own trail', async () => {
  const other = await createAuditedShop()
  try {
    const subscribers = [AuditSubscriber.with(exactOptions)]
    const here = await shop.open({ subscribers })
    const there = await other.open({ subscribers })
    expect(await entriesOf(() => here.query(tagSql()))).toHaveLength(1)
    const { entries } = await other.oracle.check(() => there.query(tagSql()))
    expect(entries).toHaveLength(1)
    expect((await auditOf(there).page()).entries).toHaveLength(1)
  } finally {
    await other.close()
  }
})

test('destroyed and initialized again, a data source keeps being captured, and its audit stays good', async () => {
  const db = await shop.open()
  const audit = auditOf(db)
  await db.query(tagSql())
  await db.destroy()
  await expect(audit.status()).rejects.toMatchObject({ code: 'AUDIT_NOT_INSTRUMENTED' })
  await db.initialize()
  expect(await entriesOf(() => db.query(tagSql()))).toHaveLength(1)
  expect((await audit.page({}, { limit: 1 })).entries).toHaveLength(1)
})

test('registered twice, a subscriber captures once', async () => {
  const subscribers = [AuditSubscriber.with(exactOptions), AuditSubscriber]
  const db = await shop.open({ subscribers })
  expect(await entriesOf(() => db.query(tagSql()))).toHaveLength(1)
})

test('registered twice with different options is refused, since one of them would be lost', async () => {
  const subscribers = [AuditSubscriber.with(exactOptions), AuditSubscriber.with({ onUncaptured: 'throw' })]
  const db = shop.dataSource({ subscribers })
  await expect(db.initialize()).rejects.toMatchObject({ code: 'AUDIT_OPTION_INVALID' })
})

test('a subclass with options of its own, decorated by the application, captures', async () => {
  class Ours extends AuditSubscriber {
    override readonly options = exactOptions
  }
  EventSubscriber()(Ours)
  const db = await shop.open({ subscribers: [Ours] })
  expect(await entriesOf(() => db.query(tagSql()))).toHaveLength(1)
})

test('a subscriber that is added after initialization captures from the next statement on', async () => {
  const db = await shop.open({ subscribers: [] })
  const runner = db.createQueryRunner()
  await runner.connect()
  const Subscriber = AuditSubscriber.with(exactOptions)
  db.subscribers.push(new Subscriber())
  expect(await entriesOf(() => runner.query(tagSql()))).toHaveLength(1)
  await runner.release()
  expect(await entriesOf(() => db.query(tagSql()))).toHaveLength(1)
})

test('with replication, writes to the master and through a slave are captured, each once', async () => {
  const { url } = shop.database
  const slaves = [{ url }, { url }]
  const db = await shop.open({ replication: { master: { url }, slaves } })
  const entries = await entriesOf(async () => {
    await db.query(tagSql())
    await db.getRepository('Tag').insert({ name: 'replicated' })
    for (let slave = 0; slave < 6; slave += 1) {
      const runner = db.createQueryRunner('slave')
      // Before any event tells of the runner.
      const client: pg.PoolClient = await runner.connect()
      await client.query(tagSql())
      await runner.query(tagSql())
      await runner.release()
    }
    expect(await db.getRepository('Tag').countBy({ name: 'replicated' })).toBe(1)
  })
  expect(entries).toHaveLength(14)
})

test('a pool whose every connection meets a new table at once goes on', async () => {
  const db = await shop.open({ poolSize: 2 })
  await shop.database.query('create table brand_new (id serial primary key, name text)')
  await shop.oracle.watch()
  const insert = () => db.query(`insert into brand_new (name) values ('x')`)
  expect(await entriesOf(() => Promise.all([insert(), insert(), insert()]))).toHaveLength(3)
})

test('without the audit schema, initialize fails, and leaves no connection open', async () => {
  const bare = await createAuditedShop({ withAudit: false })
  try {
    const db = bare.dataSource()
    await expect(db.initialize()).rejects.toMatchObject({ code: 'AUDIT_SCHEMA_MISSING' })
    expect(db.isInitialized).toBe(false)
  } finally {
    await bare.close()
  }
})

test('an unknown option is refused by initialize, by name', async () => {
  const db = shop.dataSource({ subscribers: [AuditSubscriber.with({ redacted: true } as never)] })
  await expect(db.initialize()).rejects.toMatchObject({
    code: 'AUDIT_OPTION_INVALID',
    message: expect.stringContaining('redacted'),
  })
  expect(db.isInitialized).toBe(false)
})

test('a data source of another database is refused, and what is supported is named', async () => {
  const { type: _, ...options } = shopDataSource(shop.database.url)
  const subscribers = [AuditSubscriber.with(exactOptions)]
  // TypeORM's driver for CockroachDB speaks to PostgreSQL well enough to connect.
  const db = new DataSource({
    ...options,
    type: 'cockroachdb',
    entities: [],
    subscribers,
    timeTravelQueries: false,
  } as never)
  await expect(db.initialize()).rejects.toMatchObject({
    code: 'AUDIT_DATABASE_UNSUPPORTED',
    message: expect.stringMatching(/PostgreSQL.*"postgres".*"cockroachdb"/),
  })
})

test.each([
  [{ binary: true }, 'binary: true'],
  [{ options: '-c standard_conforming_strings=off' }, 'standard_conforming_strings'],
])('%j for node-postgres is refused by initialize, by name', async (extra, name) => {
  const db = shop.dataSource({ extra })
  await expect(db.initialize()).rejects.toMatchObject({
    code: 'AUDIT_DATABASE_UNSUPPORTED',
    message: expect.stringContaining(name),
  })
  expect(db.isInitialized).toBe(false)
})

test('auditOf a data source without the subscriber, or not initialized, is refused', async () => {
  const plain = await shop.open({ subscribers: [] })
  const refused = expect.objectContaining({ code: 'AUDIT_NOT_INSTRUMENTED' })
  expect(() => auditOf(plain)).toThrow(refused)
  expect(() => auditOf(shop.dataSource())).toThrow(refused)
  expect(() => auditOf(plain)).toThrow(AuditError)
})

test('destroying a data source stops its sealer first, and leaves no session', async () => {
  const db = await shop.open({ applicationName: 'leaving', subscribers: [AuditSubscriber] })
  await db.query(tagSql())
  await auditOf(db).seal()
  await db.destroy()
  const sessions = `select pid from pg_stat_activity where application_name = 'leaving' and datname = current_database()`
  await expect.poll(() => shop.database.query(sessions)).toEqual([])
})
