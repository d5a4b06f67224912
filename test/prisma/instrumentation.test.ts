import { fromPgPool, migrate } from '@indelible/core'
import {
  AuditError,
  type AuditOptions,
  auditExtension,
  auditOf,
  runWithAuditContext,
  withAudit,
} from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { customerData, unique } from './support/shop-rows.ts'

let shop: AuditedShop
const clients: { $disconnect(): Promise<void> }[] = []

beforeAll(async () => {
  shop = await createAuditedShop()
})

afterAll(async () => {
  await Promise.all(clients.map((client) => client.$disconnect()))
  await shop.close()
})

const options: AuditOptions = { redact: { defaults: false }, seal: false }

function plainClient(adapter = new PrismaPg({ connectionString: shop.database.url })): PrismaClient {
  const client = new PrismaClient({ adapter })
  clients.push(client)
  return client
}

const createTag = (client: Pick<PrismaClient, 'tag'>) => client.tag.create({ data: { name: unique('tag') } })

test('a client without a driver adapter is refused', () => {
  const client = new PrismaClient({ accelerateUrl: 'prisma://accelerate.example.com/?api_key=x' } as never)
  expect(() => client.$extends(auditExtension())).toThrow(
    expect.objectContaining({ code: 'AUDIT_NOT_INSTRUMENTED', message: expect.stringContaining('adapter') }),
  )
})

test('a client that was connected before is refused at its first query, and nothing is written', async () => {
  const client = plainClient()
  await client.$connect()
  const late = client.$extends(auditExtension(options))
  const { entries, changes } = await shop.oracle.check(async () => {
    await expect(createTag(late as never)).rejects.toMatchObject({ code: 'AUDIT_NOT_INSTRUMENTED' })
    await expect(late.$executeRaw`delete from "Tag"`).rejects.toMatchObject({
      code: 'AUDIT_NOT_INSTRUMENTED',
    })
    await expect(
      late.$transaction(async (tx) => {
        await tx.$executeRaw`delete from "Tag"`
      }),
    ).rejects.toMatchObject({ code: 'AUDIT_NOT_INSTRUMENTED' })
    await expect(late.$transaction([late.$executeRaw`delete from "Tag"`])).rejects.toMatchObject({
      code: 'AUDIT_NOT_INSTRUMENTED',
    })
  })
  expect([...entries, ...changes]).toEqual([])
})

test('after disconnecting and connecting again such a client is captured', async () => {
  const client = plainClient()
  await client.$connect()
  const late = client.$extends(auditExtension(options))
  await client.$disconnect()
  const { entries } = await shop.oracle.check(() => createTag(late as never))
  expect(entries).toHaveLength(1)
})

test('the client under the extended one is captured too', async () => {
  const client = plainClient()
  client.$extends(auditExtension(options))
  const { entries } = await shop.oracle.check(() => createTag(client))
  expect(entries).toHaveLength(1)
})

test('disconnecting and connecting again keeps capturing', async () => {
  const client = plainClient().$extends(auditExtension(options))
  await createTag(client as never)
  await client.$disconnect()
  const { entries } = await shop.oracle.check(() => createTag(client as never))
  expect(entries).toHaveLength(1)
})

test('many first queries at once are captured', async () => {
  const client = plainClient().$extends(auditExtension(options))
  const { entries } = await shop.oracle.check(() =>
    Promise.all(Array.from({ length: 8 }, () => createTag(client as never))),
  )
  expect(entries).toHaveLength(8)
})

test('extended twice, every write is captured once', async () => {
  const extension = auditExtension(options)
  const client = plainClient().$extends(extension).$extends(extension).$extends(auditExtension())
  const { entries } = await shop.oracle.check(() => createTag(client as never))
  expect(entries).toHaveLength(1)
})

test('extended twice with different options is refused, since one of them would be lost', () => {
  const client = plainClient().$extends(auditExtension(options))
  expect(() => client.$extends(auditExtension({ onUncaptured: 'throw' }))).toThrow(
    expect.objectContaining({ code: 'AUDIT_OPTION_INVALID' }),
  )
})

test('withAudit and auditExtension together capture once', async () => {
  const adapter = withAudit(new PrismaPg({ connectionString: shop.database.url }), options)
  const client = plainClient(adapter).$extends(auditExtension())
  const { entries } = await shop.oracle.check(() => createTag(client as never))
  expect(entries).toHaveLength(1)
  expect((await client.$audit.page({ table: 'Tag' }, { limit: 1 })).entries).toHaveLength(1)
})

test('withAudit alone captures, and auditOf reads its trail', async () => {
  const adapter = withAudit(new PrismaPg({ connectionString: shop.database.url }), options)
  expect(withAudit(adapter)).toBe(adapter)
  const client = plainClient(adapter)
  await expect(auditOf(adapter).page()).rejects.toMatchObject({ code: 'AUDIT_NOT_INSTRUMENTED' })
  const { entries } = await shop.oracle.check(() => createTag(client))
  expect(entries).toHaveLength(1)
  const [entry] = (await auditOf(adapter).page({}, { limit: 1 })).entries
  expect(entry).toMatchObject({ op: 'insert', tableName: 'Tag' })
  expect(() => auditOf(new PrismaPg({ connectionString: '' }))).toThrow(
    expect.objectContaining({ code: 'AUDIT_NOT_INSTRUMENTED' }),
  )
})

test('an adapter of another database is refused, and something else than an adapter as well', () => {
  const sqlite = { provider: 'sqlite', adapterName: '@prisma/adapter-libsql', connect: async () => ({}) }
  expect(() => withAudit(sqlite)).toThrow(
    expect.objectContaining({
      code: 'AUDIT_DATABASE_UNSUPPORTED',
      message: expect.stringContaining('sqlite'),
    }),
  )
  expect(() => withAudit({} as never)).toThrow(expect.objectContaining({ code: 'AUDIT_NOT_INSTRUMENTED' }))
  const foreign = {
    provider: 'postgres',
    adapterName: 'other',
    connect: async () => ({ dispose: async () => {} }),
  }
  return expect(withAudit(foreign).connect()).rejects.toMatchObject({ code: 'AUDIT_NOT_INSTRUMENTED' })
})

test.each([
  [{ redacted: {} }, 'redacted'],
  [{ redact: { column: [] } }, 'redact.column'],
  [{ onUncaptured: 'explode' }, 'onUncaptured'],
  [{ onMissingActor: true }, 'onMissingActor'],
  [{ nameStatements: 'yes' }, 'nameStatements'],
  [{ onWarning: 'console' }, 'onWarning'],
  [{ redact: { strategy: 'fingerprint' } }, 'fingerprintKey'],
  [{ redact: { strategy: 'blur' } }, 'strategy'],
  [{ redact: { tables: { Customer: { email: 'blur' } } } }, 'redact.tables.Customer.email'],
  [{ redact: { columns: 'email' } }, 'columns'],
  [{ seal: { evry: 1 } }, 'evry'],
])('a wrong option is refused by name, at start-up: %j', (wrong, named) => {
  expect(() => plainClient().$extends(auditExtension(wrong as never))).toThrow(
    expect.objectContaining({ code: 'AUDIT_OPTION_INVALID', message: expect.stringContaining(named) }),
  )
})

test('without the audit schema the first query fails, and says how to make it', async () => {
  const database = await createDatabase()
  const client = plainClient(new PrismaPg({ connectionString: database.url })).$extends(
    auditExtension(options),
  )
  for (const round of [1, 2]) {
    const error = await createTag(client as never).catch((thrown) => thrown)
    expect(error, `round ${round}`).toMatchObject({
      code: 'AUDIT_SCHEMA_MISSING',
      message: expect.stringContaining('npx indelible migrate'),
    })
  }
  expect(await database.query('select * from "Tag"')).toEqual([])
  await migrate(fromPgPool(database.pool))
  await createTag(client as never)
  expect(await database.query('select * from indelible.entry')).toHaveLength(1)
  await client.$disconnect()
  await database.drop()
})

test.each([
  'drop trigger append_only on indelible.entry',
  'alter table indelible.entry disable trigger append_only',
  'create or replace function indelible.refuse_change() returns trigger language plpgsql as $$ begin return null; end $$',
  'alter table indelible.entry alter salt drop not null',
])('an altered schema holds the client back: %s', async (alteration) => {
  const database: TestDatabase = await createDatabase()
  await migrate(fromPgPool(database.pool))
  await database.query(alteration)
  const client = plainClient(new PrismaPg({ connectionString: database.url })).$extends(
    auditExtension(options),
  )
  await expect(createTag(client as never)).rejects.toMatchObject({ code: 'AUDIT_SCHEMA_ALTERED' })
  await client.$disconnect()
  await database.drop()
})

test('$audit speaks of models and fields, and stays on the clients that are extended further', async () => {
  const client = plainClient()
    .$extends(auditExtension(options))
    .$extends({ name: 'more', model: { tag: { hello: () => 'hello' } } })
  const customer = await runWithAuditContext({ actor: { id: 'u_1' } }, () =>
    client.customer.create({
      data: { ...customerData(), profile: { create: { phone: '1' } } },
      include: { profile: true },
    }),
  )
  await client.customerProfile.update({ where: { customerId: customer.id }, data: { phone: '2' } })
  const history = []
  for await (const entry of client.$audit.history('CustomerProfile', customer.profile?.id ?? 0))
    history.push(entry)
  expect(history).toMatchObject([
    {
      entity: 'CustomerProfile',
      tableName: 'customer_profile',
      op: 'insert',
      after: { customerId: customer.id },
    },
    { entity: 'CustomerProfile', op: 'update', before: { phone: '1' }, after: { phone: '2' } },
  ])
  expect(Object.keys(history[0]?.after ?? {})).not.toContain('customer_id')
  const byTable = await client.$audit.page({ table: 'customer_profile' })
  expect(byTable.entries).toHaveLength(2)
  expect(client.tag.hello()).toBe('hello')
})

test('$audit is on the client of an interactive transaction, and can be asked before the first query', async () => {
  const client = plainClient().$extends(auditExtension(options))
  expect(await client.$audit.status()).toMatchObject({ schema: { findings: [] } })
  await client.$transaction(async (tx) => {
    expect(tx.$audit).toBe(client.$audit)
  })
})

test('a warning goes to the process unless a function takes it', async () => {
  const warned = new Promise<Error>((resolve) => process.once('warning', resolve))
  const client = plainClient().$extends(auditExtension({ ...options, onUncaptured: 'warn' }))
  await client.$executeRaw`truncate "_ProductToTag"`
  expect(await warned).toMatchObject({ name: 'AuditWarning', code: 'AUDIT_UNCAPTURED' })
})

test('errors are AuditError with a stable code', () => {
  expect(new AuditError('AUDIT_WRITE_FAILED', 'x', { cause: 1, facts: { a: 1 } })).toMatchObject({
    name: 'AuditError',
    code: 'AUDIT_WRITE_FAILED',
    cause: 1,
    facts: { a: 1 },
  })
})
