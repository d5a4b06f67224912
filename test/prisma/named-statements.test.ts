import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client.ts'
import {
  type AuditedClient,
  type AuditedShop,
  createAuditedShop,
  exactOptions,
} from './support/audited-shop.ts'
import { unique } from './support/shop-rows.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  await shop.create(
    'create table thing (id int primary key, a int, b text); insert into thing values (1, 1, 0)',
  )
})

beforeEach(() => {
  // One connection, so that its prepared statements can be asked for.
  prisma = shop.client({ max: 1 })
})

afterAll(() => shop.close())

interface Prepared {
  readonly name: string
  readonly statement: string
}

const prepared = (client: AuditedClient = prisma) =>
  client.$queryRaw<Prepared[]>`select name, statement from pg_prepared_statements order by prepare_time`

const update = (
  client: AuditedClient | Parameters<Parameters<AuditedClient['$transaction']>[0]>[0] = prisma,
) => client.$executeRaw`update thing set a = a + ${1} where id = ${1}`

test('a write gets its name at the second sighting, and one only', async () => {
  await update()
  expect(await prepared()).toEqual([])
  for (const _ of [1, 2, 3]) await shop.oracle.check(() => update())
  const all = await prepared()
  expect(all).toHaveLength(1)
  expect(all[0]).toMatchObject({
    name: expect.stringMatching(/^indelible_[0-9a-f]{20}$/),
    statement: expect.stringContaining('indelible.log'),
  })
})

test('operations of a model are named, reads and transaction control never', async () => {
  for (const _ of [1, 2, 3]) {
    await shop.oracle.check(() =>
      prisma.$transaction(async (tx) => {
        const { id } = await tx.tag.create({ data: { name: unique('tag') } })
        await tx.tag.findUnique({ where: { id } })
        await tx.$queryRaw`select ${id}`
        await tx.tag.delete({ where: { id } })
      }),
    )
  }
  const texts = (await prepared()).map(({ statement }) => statement)
  expect(texts).toHaveLength(2)
  expect(texts.every((text) => /indelible\.(?:log|"cascade_)/.test(text))).toBe(true)
})

test('RETURNING *, writes without binds and recorded statements are never named', async () => {
  for (const _ of [1, 2, 3]) {
    await prisma.$queryRaw`update thing set a = a + ${1} where id = 1 returning *`
    await prisma.$queryRaw`update thing set a = a + ${1} where id = 1 returning thing.*, a`
    await prisma.$executeRaw`update thing set a = a + 1 where id = 1`
    await prisma.$executeRaw`with x as (update thing set a = ${1} returning a) select * from x`
  }
  expect(await prepared()).toEqual([])
})

test('nothing is named with nameStatements: false', async () => {
  const unnamed = shop.client({ max: 1, nameStatements: false })
  for (const _ of [1, 2, 3]) await update(unnamed)
  expect(await prepared(unnamed)).toEqual([])
})

test('no more than a hundred statements are named', async () => {
  for (let at = 0; at < 115; at += 1) {
    for (const _ of [1, 2])
      await prisma.$executeRawUnsafe(`update thing set a = $1 where id = ${at + 1000}`, 1)
  }
  const named = await prepared()
  expect(named).toHaveLength(100)
  const { entries } = await shop.oracle.check(() =>
    prisma.$executeRawUnsafe('update thing set b = $1 where id = 1', unique()),
  )
  expect(entries).toHaveLength(1)
})

const losses: readonly [what: string, lose: (client: AuditedClient) => PromiseLike<unknown>][] = [
  ['DISCARD ALL', (client) => client.$executeRaw`discard all`],
  ['DEALLOCATE ALL', (client) => client.$executeRaw`deallocate all`],
  ['DEALLOCATE of one', deallocateOne],
  ['a function that deallocates', (client) => client.$queryRaw`select deallocate_all()`],
  ['ALTER COLUMN TYPE by somebody else', () => alterType()],
  ['ADD and DROP COLUMN by somebody else', () => addAndDrop()],
]

let asBigint = false
function alterType() {
  asBigint = !asBigint
  return shop.database.query(`alter table thing alter a type ${asBigint ? 'bigint' : 'int'}`)
}

async function deallocateOne(client: AuditedClient) {
  const [{ name } = { name: '' }] = await prepared(client)
  await client.$executeRawUnsafe(`deallocate prepare "${name}"`)
}

function addAndDrop() {
  return shop.database.query('alter table thing add extra int default 5; alter table thing drop extra')
}

test.each(losses)('outside a transaction nobody notices that a statement was lost: %s', async (_, lose) => {
  await shop.database.query(`create or replace function deallocate_all() returns int language plpgsql as
    $$ begin deallocate all; return 1; end $$`)
  const write = () => prisma.$queryRaw`update thing set a = a + ${1} where id = ${1} returning a, b`
  for (const __ of [1, 2, 3]) await write()
  expect(await prepared()).toHaveLength(1)
  await lose(prisma)
  for (const __ of [1, 2, 3, 4]) {
    const { result, entries } = await shop.oracle.check(write)
    expect([result, entries.length]).toEqual([[{ a: expect.anything(), b: expect.any(String) }], 1])
  }
})

test('inside a transaction the error comes through once, and the next transaction works', async () => {
  const write = () =>
    prisma.$transaction(async (tx) => tx.$queryRaw`update thing set a = a + ${1} where id = ${1} returning a`)
  for (const _ of [1, 2, 3]) await write()
  await alterType()
  await write().catch((error) => expect(error.message).toMatch(/cached plan/))
  const { entries } = await shop.oracle.check(write)
  expect(entries).toHaveLength(1)
})

test('DDL of the client itself lets no named statement fail', async () => {
  const write = () => prisma.$queryRaw`update thing set a = a + ${1} where id = ${1} returning a, b`
  for (const _ of [1, 2, 3]) await write()
  await prisma.$executeRaw`alter table thing alter b type varchar(50)`
  await prisma.$executeRaw`alter table thing alter a type numeric`
  const { entries } = await shop.oracle.check(write)
  expect(entries).toHaveLength(1)
  await prisma.$executeRaw`alter table thing alter a type int`
  await shop.oracle.check(write)
})

test("names of the user's own generator stay", async () => {
  const adapter = new PrismaPg(
    { connectionString: shop.database.url, max: 1 },
    {
      statementNameGenerator: ({ sql }) =>
        sql.startsWith('select') ? `mine_${sql.length}` : (undefined as never),
    },
  )
  const client = new PrismaClient({ adapter }).$extends(auditExtension(exactOptions))
  for (const _ of [1, 2, 3]) {
    await client.$queryRaw`select * from thing where id = ${1}`
    await client.$executeRaw`update thing set a = a + ${1} where id = ${1}`
  }
  const names = (await client.$queryRaw<Prepared[]>`select name from pg_prepared_statements`).map(
    ({ name }) => name,
  )
  expect(names.filter((name) => name.startsWith('indelible_'))).toHaveLength(1)
  expect(names.filter((name) => name.startsWith('mine_'))).not.toHaveLength(0)
  await client.$disconnect()
})

test('every connection of a pool names for itself', async () => {
  const pool = shop.client({ max: 4 })
  const { entries } = await shop.oracle.check(() =>
    Promise.all(Array.from({ length: 40 }, () => update(pool).then((count) => count))),
  )
  expect(entries).toHaveLength(40)
})
