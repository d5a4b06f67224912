import { fromPgPool, migrate } from '@indelible/core'
import { withAudit } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapter, SqlQuery } from '@prisma/driver-adapter-utils'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Prisma, PrismaClient } from '../../prisma/generated/client.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { createAuditedClient } from './support/audited-shop.ts'

/** The same calls on two databases, without and with us: whatever the application can see must be equal. */
interface Side {
  readonly database: TestDatabase
  readonly prisma: PrismaClient
  readonly adapter: SqlDriverAdapter
}

let plain: Side
let audited: Side

beforeAll(async () => {
  plain = await createSide(false)
  audited = await createSide(true)
})

afterAll(async () => {
  for (const { prisma, adapter, database } of [plain, audited]) {
    await prisma.$disconnect()
    await adapter.dispose()
    await database.drop()
  }
})

async function createSide(isAudited: boolean): Promise<Side> {
  const database = await createDatabase()
  const connectionString = database.url
  await database.query(`create table odd (id int primary key, "row" text, old int, keep int default 1);
    create table strict (id int primary key, n int check (n < 100), u int unique, r int references strict);
    create table entry (id int primary key, amount int not null check (amount > 0)); create table pending (id int primary key)`)
  if (isAudited) await migrate(fromPgPool(database.pool))
  // One-line bridge: $extends returns a type of its own, and the calls below are those of the plain client.
  const prisma = isAudited
    ? (createAuditedClient(database.url) as unknown as PrismaClient)
    : new PrismaClient({ adapter: new PrismaPg({ connectionString }) })
  const factory = new PrismaPg({ connectionString })
  const adapter = await (isAudited ? withAudit(factory, { seal: false }) : factory).connect()
  return { database, prisma, adapter }
}

const at = new Date('2026-01-02T03:04:05.678Z')
const customer = (n: number) => ({
  email: `${n}@x`,
  name: `c${n}`,
  passwordHash: 'h',
  createdAt: at,
  updatedAt: at,
})
const product = (n: number) => ({ sku: `s${n}`, name: `p${n}`, price: '1.50' })

type Call = (prisma: PrismaClient) => PromiseLike<unknown>

/** In order: later calls find what earlier ones made. */
const calls: readonly [name: string, call: Call][] = [
  ['create', (p) => p.customer.create({ data: customer(1) })],
  ['create with select', (p) => p.customer.create({ data: customer(2), select: { id: true, vip: true } })],
  ['create with omit', (p) => p.customer.create({ data: customer(3), omit: { passwordHash: true } })],
  [
    'create with include',
    (p) =>
      p.customer.create({
        data: { ...customer(4), profile: { create: { preferences: { a: [1, null] } } } },
        include: { profile: true, orders: true },
      }),
  ],
  ['createMany', (p) => p.customer.createMany({ data: [customer(5), customer(6)] })],
  [
    'createMany skipping',
    (p) => p.customer.createMany({ data: [customer(6), customer(7)], skipDuplicates: true }),
  ],
  [
    'createManyAndReturn',
    (p) =>
      p.customer.createManyAndReturn({ data: [customer(8), customer(9)], select: { id: true, email: true } }),
  ],
  [
    'every type',
    (p) =>
      p.product.create({
        data: {
          ...product(1),
          price: new Prisma.Decimal('12345678.90'),
          ean: 9007199254740993n,
          weight: 1.1,
          attributes: { a: 1.5, n: null },
          keywords: ['a', ''],
          channels: ['APP'],
          picture: new Uint8Array([0, 255]),
          releasedAt: at,
        },
      }),
  ],
  ['defaults only', (p) => p.product.create({ data: product(2) })],
  ['json null', (p) => p.product.update({ where: { id: 1 }, data: { attributes: Prisma.JsonNull } })],
  [
    'db null',
    (p) => p.product.update({ where: { id: 1 }, data: { attributes: Prisma.DbNull, picture: null } }),
  ],
  [
    'increment',
    (p) =>
      p.product.update({ where: { sku: 's1' }, data: { stock: { increment: 5 }, price: { multiply: 2 } } }),
  ],
  ['push', (p) => p.product.update({ where: { id: 1 }, data: { keywords: { push: ['x', 'y'] } } })],
  ['updateMany', (p) => p.product.updateMany({ data: { active: false } })],
  ['updateMany of none', (p) => p.product.updateMany({ where: { id: -1 }, data: { active: true } })],
  ['updateManyAndReturn', (p) => p.product.updateManyAndReturn({ where: { id: 1 }, data: { stock: 3 } })],
  [
    'upsert insert',
    (p) => p.tag.upsert({ where: { name: 't' }, create: { name: 't' }, update: { name: 'u' } }),
  ],
  [
    'upsert update',
    (p) => p.tag.upsert({ where: { name: 't' }, create: { name: 't' }, update: { name: 'u' } }),
  ],
  [
    'upsert with a further filter',
    (p) => p.tag.upsert({ where: { name: 'u', id: 100 }, create: { name: 'v' }, update: { name: 'w' } }),
  ],
  [
    'upsert on a composite key',
    (p) =>
      p.listPrice.upsert({
        where: { productId_currency: { productId: 1, currency: 'EUR' } },
        create: { productId: 1, currency: 'EUR', amount: 1 },
        update: { amount: 2 },
      }),
  ],
  [
    'nested',
    (p) =>
      p.order.create({
        data: {
          customerId: 1,
          placedAt: at,
          lines: { create: [{ lineNo: 1, productId: 1, quantity: 2, unitPrice: 3 }] },
        },
        include: { lines: { include: { product: { select: { sku: true } } } } },
      }),
  ],
  [
    'many to many',
    (p) =>
      p.product.update({
        where: { id: 1 },
        data: { tags: { connectOrCreate: { where: { name: 'z' }, create: { name: 'z' } } } },
        include: { tags: true },
      }),
  ],
  ['P2002 on a column', (p) => p.customer.create({ data: customer(1) })],
  ['P2002 on a primary key', (p) => p.customer.create({ data: { ...customer(99), id: 1 } })],
  ['P2002 in createMany', (p) => p.customer.createMany({ data: [customer(50), customer(1)] })],
  ['P2002 in update', (p) => p.customer.update({ where: { id: 1 }, data: { email: '2@x' } })],
  ['P2003', (p) => p.order.create({ data: { customerId: 12345 } })],
  ['P2003 on delete', (p) => p.customer.delete({ where: { id: 1 } })],
  ['P2025 in update', (p) => p.customer.update({ where: { id: 12345 }, data: { name: 'x' } })],
  ['P2025 in delete', (p) => p.customer.delete({ where: { id: 12345 } })],
  ['P2025 in connect', (p) => p.order.create({ data: { customer: { connect: { id: 12345 } } } })],
  ['a value out of range', (p) => p.product.update({ where: { id: 1 }, data: { price: '99999999999.99' } })],
  ['a validation error', (p) => p.product.create({ data: {} as never })],
  [
    'batch',
    (p) =>
      p.$transaction([
        p.tag.create({ data: { name: 'b1' } }),
        p.tag.count(),
        p.$executeRaw`update "Tag" set name = name`,
      ]),
  ],
  [
    'a failing batch',
    (p) => p.$transaction([p.tag.create({ data: { name: 'b2' } }), p.tag.create({ data: { name: 'b2' } })]),
  ],
  [
    'interactive',
    (p) =>
      p.$transaction(async (tx) => [await tx.tag.create({ data: { name: 'i1' } }), await tx.tag.count()]),
  ],
  [
    'interactive with an error inside',
    (p) =>
      p.$transaction(async (tx) => {
        await tx.tag.create({ data: { name: 'i1' } })
      }),
  ],
  [
    'a statement after a failed one',
    (p) =>
      p.$transaction(async (tx) => {
        await tx.$executeRaw`select 1/0`.catch(() => 0)
        await tx.tag.create({ data: { name: 'late' } })
      }),
  ],
  [
    'executeRaw insert',
    (p) => p.$executeRaw`insert into odd (id, "row", old) values (${1}, ${'a'}, ${2}), (2, 'b', 3)`,
  ],
  ['executeRaw update', (p) => p.$executeRaw`update odd set old = old + 1`],
  ['executeRaw update without change', (p) => p.$executeRaw`update odd set old = old`],
  [
    'executeRaw with returning',
    (p) => p.$executeRaw`update odd set old = old + ${1} where id = 1 returning *`,
  ],
  ['executeRaw delete of none', (p) => p.$executeRaw`delete from odd where id = ${77}`],
  [
    'queryRaw insert',
    (p) =>
      p.$queryRaw`insert into odd values (${3}, 'c', 1) returning id, "row" as "The Row", 1.50 as n, array[1,2] as l`,
  ],
  ['queryRaw without returning', (p) => p.$queryRaw`update odd set old = 5`],
  ['queryRaw returning nothing', (p) => p.$queryRaw`update odd set old = 5 where false returning *`],
  [
    'queryRaw returning star and duplicate names',
    (p) => p.$queryRaw`update odd set old = 6 where id = 1 returning *, id, id as "row"`,
  ],
  [
    'queryRaw update from',
    (p) =>
      p.$queryRaw`update odd o set old = s.n from (values (1, 10)) as s (id, n) where s.id = o.id returning o.*, s.*`,
  ],
  [
    'queryRaw with a big result',
    (p) =>
      p.$queryRaw`update "Product" set stock = 1 returning id, price, ean, picture, keywords, attributes, released_at`,
  ],
  [
    'queryRaw upsert',
    (p) =>
      p.$queryRaw`insert into odd values (1, 'z', 1) on conflict (id) do update set "row" = excluded."row" returning *`,
  ],
  ['queryRaw delete', (p) => p.$queryRaw`delete from odd where id = 3 returning id`],
  ['queryRaw read', (p) => p.$queryRaw`select * from odd order by id`],
  ['check violated', (p) => p.$executeRaw`insert into strict values (1, 100)`],
  ['unique violated', (p) => p.$executeRaw`insert into strict values (1, 1, 1), (2, 1, 1)`],
  ['foreign key violated', (p) => p.$executeRaw`insert into strict values (1, 1, 1, 9)`],
  ['not null violated', (p) => p.$executeRaw`insert into strict values (null)`],
  ['check violated in a table called entry', (p) => p.$executeRaw`insert into entry values (1, 0)`],
  ['null in a table called entry', (p) => p.$executeRaw`insert into entry values (1, null)`],
  ['unique violated in a table called pending', (p) => p.$executeRaw`insert into pending values (1), (1)`],
  ['null in a table called pending', (p) => p.$executeRaw`insert into pending values (null)`],
  ['unknown column in SET', (p) => p.$executeRaw`update odd set nope = 1`],
  ['unknown column in WHERE', (p) => p.$executeRaw`update odd set old = 1 where nope = ${1}`],
  ['unknown table', (p) => p.$executeRaw`update nope set a = 1`],
  ['a syntax error', (p) => p.$executeRaw`update odd set where`],
  ['a type error', (p) => p.$executeRaw`update odd set old = ${'text'}::text || 'x' where id = 1`],
  ['a division by zero', (p) => p.$executeRaw`update odd set old = 1 / (id - 1)`],
  ['a wrong literal', (p) => p.$executeRaw`update odd set old = 'abc' where id = 1`],
  [
    'a parameter of unknown type',
    (p) => p.$queryRaw`insert into odd (id) values (${8}) returning ${'x'} as given`,
  ],
  ['too few values', (p) => p.$executeRaw`insert into odd (id, old) values (1)`],
  ['a duplicate assignment', (p) => p.$executeRaw`update odd set old = 1, old = 2`],
  ['an ambiguous name', (p) => p.$executeRaw`update odd set old = id from "Tag"`],
  [
    'on conflict without such a key',
    (p) => p.$executeRaw`insert into odd values (1) on conflict (old) do nothing`,
  ],
  [
    'on conflict twice on one row',
    (p) => p.$executeRaw`insert into odd values (1), (1) on conflict (id) do update set old = 1`,
  ],
  ['deleteMany', (p) => p.tag.deleteMany({ where: { name: { startsWith: 'b' } } })],
  ['delete', (p) => p.tag.delete({ where: { name: 'i1' } })],
  ['the rest', (p) => p.tag.findMany({ orderBy: { id: 'asc' } })],
]

test.each(calls)('%s', async (_, call) => {
  const [without, within] = [await outcome(plain, call), await outcome(audited, call)]
  expect(within).toEqual(without)
})

async function outcome({ prisma }: Side, call: Call): Promise<unknown> {
  try {
    return visible(await call(prisma))
  } catch (error) {
    const { name, message, code, meta } = error as Error & { code?: string; meta?: unknown }
    return {
      class: error?.constructor.name,
      name,
      message: withoutPlace(message),
      code,
      meta: JSON.parse(JSON.stringify(meta ?? null)),
    }
  }
}

/** Values with their JavaScript types, which `toEqual` alone does not tell apart. Times set by Prisma differ between two calls. */
function visible(value: unknown): unknown {
  if (value === null || typeof value !== 'object') return `${typeof value} ${String(value)}`
  if (value instanceof Date) return Math.abs(value.getTime() - Date.now()) < 60_000 ? 'now' : value
  if (value instanceof Uint8Array) return `${value.constructor.name} ${Buffer.from(value).toString('hex')}`
  if (Prisma.Decimal.isDecimal(value)) return `Decimal ${value.toString()}`
  if (Array.isArray(value)) return value.map(visible)
  return {
    keys: Object.keys(value),
    ...Object.fromEntries(Object.entries(value).map(([key, each]) => [key, visible(each)])),
  }
}

/** Prisma quotes the calling line, with a number of its own for each. */
function withoutPlace(message: string): string {
  return message.slice(message.lastIndexOf('\n') + 1)
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
