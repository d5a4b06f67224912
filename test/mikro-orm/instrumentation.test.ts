import { AuditSubscriber, auditOf } from '@indelible/mikro-orm'
import {
  AbstractSqlDriver,
  type Configuration,
  Kysely,
  MikroORM,
  NodeSqliteDialect,
  PostgreSqlConnection,
  PostgreSqlDriver,
  PostgreSqlPlatform,
  SqliteDriver,
} from '@mikro-orm/postgresql'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exact } from '../conformance/suite/exact-options.ts'
import { createDatabase } from '../support/fresh-database.ts'
import { type AuditedShop, createAuditedShop, insertTag } from './support/audited-shop.ts'
import { shopOptions } from './support/harness.ts'
import { shopEntities, Tag } from './support/shop-entities.ts'

let shop: AuditedShop

beforeAll(async () => {
  shop = await createAuditedShop()
})

afterAll(() => shop.close())

async function expectCaptured(orm: MikroORM): Promise<void> {
  const { entries } = await shop.oracle.check(() => insertTag(orm))
  expect(entries).toHaveLength(1)
}

async function expectRefused(work: () => Promise<unknown>, code: string, says: string): Promise<void> {
  const before = await shop.database.query('select count(*) from "Tag"')
  await expect(work()).rejects.toMatchObject({ code, message: expect.stringContaining(says) })
  expect(await shop.database.query('select count(*) from "Tag"')).toEqual(before)
}

test.each<[name: string, write: (orm: MikroORM) => Promise<unknown>]>([
  ['em.insert', (orm) => orm.em.fork().insert(Tag, { name: 'first 1' })],
  ['em.execute', (orm) => orm.em.fork().execute(`insert into "Tag" (name) values ('first 2')`)],
  [
    'connection.execute',
    (orm) => orm.em.getConnection().execute(`insert into "Tag" (name) values ('first 3')`),
  ],
  [
    'em.getKysely()',
    (orm) =>
      orm.em
        .fork()
        .getKysely<{ Tag: { name: string } }>()
        .insertInto('Tag')
        .values({ name: 'first 4' })
        .execute(),
  ],
  [
    'a flush',
    (orm) => {
      const em = orm.em.fork()
      em.create(Tag, { name: 'first 5' })
      return em.flush()
    },
  ],
  ['a transaction', (orm) => orm.em.fork().transactional((em) => em.insert(Tag, { name: 'first 6' }))],
  [
    'the pool of node-postgres',
    async (orm) =>
      (await orm.em.getConnection().getNativeClient()).query(`insert into "Tag" (name) values ('first 7')`),
  ],
])('the very first statement is captured: %s', async (_, write) => {
  const orm = await shop.init()
  const { entries } = await shop.oracle.check(() => write(orm))
  expect(entries).toHaveLength(1)
})

test('a stream that writes and is the very first statement is announced', async () => {
  const orm = await shop.init({ ensureDatabase: false })
  const sql = `insert into "Tag" (name) values ('first 8') returning name`
  const names: unknown[] = []
  for await (const row of orm.em.getConnection().stream(sql)) names.push(row)
  expect(names).toEqual([{ name: 'first 8' }])
  const { entries } = await auditOf(orm).page({ table: 'Tag' }, { limit: 1 })
  expect(entries).toMatchObject([{ op: 'statement' }])
})

test('many first statements at once are captured', async () => {
  const orm = await shop.init()
  const { entries } = await shop.oracle.check(() =>
    Promise.all(Array.from({ length: 12 }, () => insertTag(orm))),
  )
  expect(entries).toHaveLength(12)
})

test('the class itself is enough', async () => {
  const orm = await shop.init({ subscribers: [AuditSubscriber] })
  await insertTag(orm)
  const { entries } = await auditOf(orm).page({ table: 'Tag' }, { limit: 1 })
  expect(entries).toMatchObject([{ op: 'insert', entity: 'Tag' }])
})

test('an ORM that was made by its constructor is captured', async () => {
  const orm = new MikroORM({ ...shopOptions(shop.database.url), subscribers: [new AuditSubscriber(exact)] })
  await expectCaptured(orm)
  await orm.close(true)
})

test('an ORM without the subscriber, beside one with it, is left alone', async () => {
  const audited = await shop.init()
  const plain = await shop.init({ subscribers: [] })
  await expectCaptured(audited)
  const { entries, changes } = await shop.oracle.observe(() => insertTag(plain))
  expect([entries.length, changes.length]).toEqual([0, 1])
})

test('one subscriber audits several ORMs', async () => {
  const subscribers = [new AuditSubscriber(exact)]
  const orms = [await shop.init({ subscribers }), await shop.init({ subscribers })]
  for (const orm of orms) await expectCaptured(orm)
})

test('closed and connected again, and made anew, an ORM is captured', async () => {
  const orm = await shop.init()
  await expectCaptured(orm)
  await orm.close(true)
  await expectCaptured(orm)
  await orm.reconnect()
  await expectCaptured(orm)
  await expectCaptured(await shop.init())
})

test('given twice, it captures once', async () => {
  const subscriber = new AuditSubscriber(exact)
  await expectCaptured(await shop.init({ subscribers: [subscriber, subscriber] }))
  await expectCaptured(await shop.init({ subscribers: [AuditSubscriber, subscriber, new AuditSubscriber()] }))
})

test('given twice with different options it is refused, since one of them would be lost', async () => {
  const subscribers = [new AuditSubscriber(exact), new AuditSubscriber({ onUncaptured: 'throw' })]
  const orm = await shop.init({ subscribers })
  await expectRefused(() => insertTag(orm), 'AUDIT_OPTION_INVALID', 'several AuditSubscribers')
})

test('registered after the ORM was made, it refuses flushes and transactions, and auditOf refuses the ORM', async () => {
  const orm = await shop.init({ subscribers: [] })
  orm.em.getEventManager().registerSubscriber(new AuditSubscriber(exact))
  const says = 'Give it in `subscribers`'
  const em = orm.em.fork()
  em.create(Tag, { name: 'late' })
  await expectRefused(() => em.flush(), 'AUDIT_NOT_INSTRUMENTED', says)
  const transaction = () => orm.em.fork().transactional((inner) => inner.insert(Tag, { name: 'late' }))
  await expectRefused(transaction, 'AUDIT_NOT_INSTRUMENTED', says)
  expect(() => auditOf(orm)).toThrow(
    expect.objectContaining({
      code: 'AUDIT_NOT_INSTRUMENTED',
      message: expect.stringContaining('subscribers'),
    }),
  )
})

test('a Kysely dialect or instance of the application is refused at the first statement', async () => {
  const dialect = new NodeSqliteDialect(':memory:')
  for (const driverOptions of [dialect, new Kysely({ dialect }), () => dialect]) {
    const orm = await shop.init({ driverOptions })
    await expectRefused(() => insertTag(orm), 'AUDIT_NOT_INSTRUMENTED', 'driverOptions')
    const transaction = () => orm.em.fork().transactional((em) => em.insert(Tag, { name: 'dialect' }))
    await expectRefused(transaction, 'AUDIT_NOT_INSTRUMENTED', 'driverOptions')
    await expect(auditOf(orm).status()).rejects.toMatchObject({ code: 'AUDIT_NOT_INSTRUMENTED' })
  }
})

test('a driver of another database is refused at the first statement, and what is supported is said', async () => {
  const orm = new MikroORM({
    driver: SqliteDriver as never,
    dbName: ':memory:',
    driverOptions: new NodeSqliteDialect(':memory:'),
    entities: shopEntities,
    subscribers: [new AuditSubscriber()],
  })
  const refused = {
    code: 'AUDIT_DATABASE_UNSUPPORTED',
    message: expect.stringMatching(/PostgreSQL.*SqliteDriver/),
  }
  await expect(orm.em.fork().execute('select 1')).rejects.toMatchObject(refused)
  await expect(orm.em.fork().flush()).rejects.toMatchObject(refused)
  expect(() => auditOf(orm)).toThrow(expect.objectContaining(refused))
})

/** What a later MikroORM might do: the pool is made without asking the settings. */
class OtherConnection extends PostgreSqlConnection {
  override createKyselyDialect(): ReturnType<PostgreSqlConnection['createKyselyDialect']> {
    return super.createKyselyDialect({})
  }
}

class OtherDriver extends AbstractSqlDriver<PostgreSqlConnection, PostgreSqlPlatform> {
  constructor(config: Configuration) {
    super(config, new PostgreSqlPlatform(), OtherConnection, ['kysely', 'pg'])
  }
}

test('a connection that makes its pool in another way is refused at the first statement', async () => {
  const orm = await shop.init({ driver: OtherDriver as never })
  await expectRefused(() => insertTag(orm), 'AUDIT_NOT_INSTRUMENTED', 'supports 7.2')
})

test('the settings of the pool, type parsers and onPoolCreated of the application stay in force', async () => {
  const created: pg.Pool[] = []
  const onPoolCreated = (pool: pg.Pool) => void created.push(pool)
  const driverOptions = { application_name: 'shop', onPoolCreated }
  for (const given of [driverOptions, () => driverOptions]) {
    const orm = await shop.init({ pool: { min: 0, max: 3 }, driverOptions: given })
    await expectCaptured(orm)
    const pool = await orm.em.getConnection().getNativeClient()
    expect(created.at(-1)).toBe(pool)
    expect(pool.options).toMatchObject({ max: 3, application_name: 'shop' })
    const read = `select current_setting('application_name') as name, '2026-01-02'::date as day, '{1,2}'::int[] as list, 9::int8 as big`
    expect(await orm.em.fork().execute(read)).toEqual([
      { name: 'shop', day: '2026-01-02', list: [1, 2], big: '9' },
    ])
  }
})

test('onPoolCreated of the application may write, and is captured', async () => {
  let written: Promise<unknown> | undefined
  const onPoolCreated = (pool: pg.Pool) => {
    written = pool.query(`insert into "Tag" (name) values ('by onPoolCreated')`)
  }
  const orm = await shop.init({ driverOptions: { onPoolCreated } })
  const { entries } = await shop.oracle.check(async () => {
    await orm.connect()
    await written
  })
  expect(entries).toHaveLength(1)
})

test('with read replicas the trail lives where writes go, whatever is asked first', async () => {
  // Another database, without audit schema: it is read only if the trail is not looked for there.
  const replica = await createDatabase()
  await replica.query(`insert into "Tag" (name) values ('of the replica')`)
  const replicas = [
    { clientUrl: replica.url, dbName: replica.name, driverOptions: { application_name: 'replica' } },
  ]
  const orm = await shop.init({ preferReadReplicas: true, replicas })
  expect((await orm.em.fork().findAll(Tag)).map(({ name }) => name)).toEqual(['of the replica'])
  const pool = await orm.em.getConnection('read').getNativeClient()
  expect(pool.options).toMatchObject({ application_name: 'replica' })
  await expectCaptured(orm)
  expect(await auditOf(orm).status()).toMatchObject({ schema: { findings: [] } })
  await orm.close(true)
  await replica.drop()
})

test('auditOf connects an ORM that has sent nothing, and can be asked again after a reconnect', async () => {
  const orm = await shop.init()
  expect(await auditOf(orm).status()).toMatchObject({ schema: { findings: [] } })
  await orm.reconnect()
  await insertTag(orm)
  expect((await auditOf(orm).page({ table: 'Tag' }, { limit: 1 })).entries).toHaveLength(1)
})

test.each<[name: string, write: (em: MikroORM['em']) => Promise<unknown>]>([
  ['em.transactional', (em) => em.transactional((inner) => inner.insert(Tag, { name: 'refused' }))],
  [
    'a transaction of Kysely',
    (em) =>
      em
        .getKysely<{ Tag: { name: string } }>()
        .transaction()
        .execute((inner) => inner.insertInto('Tag').values({ name: 'refused' }).execute()),
  ],
  [
    'a write with a session context',
    (em) => {
      em.setSessionContext({ variables: { 'app.tenant': 7 } })
      return em.insert(Tag, { name: 'refused' })
    },
  ],
])('refused for the missing audit schema, %s gives its connection back', async (_, write) => {
  const orm = await shop.init({ pool: { max: 1 }, ensureDatabase: false })
  await shop.database.query('alter schema indelible rename to gone')
  try {
    for (let round = 0; round < 3; round += 1) {
      await expectRefused(() => write(orm.em.fork()), 'AUDIT_SCHEMA_MISSING', 'indelible migrate')
    }
  } finally {
    await shop.database.query('alter schema gone rename to indelible')
  }
  await expectCaptured(orm)
})

test('a wrong option is refused when the subscriber is made', () => {
  expect(() => new AuditSubscriber({ redacted: {} } as never)).toThrow(
    expect.objectContaining({ code: 'AUDIT_OPTION_INVALID', message: expect.stringContaining('redacted') }),
  )
})

test('PostgreSqlDriver may be given by hand', async () => {
  await expectCaptured(await shop.init({ driver: PostgreSqlDriver }))
})
