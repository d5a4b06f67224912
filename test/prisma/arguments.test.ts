import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.prisma
  await shop.create(
    'create table pair (id int primary key, a text, b text, c text); insert into pair values (1)',
  )
})

afterAll(() => shop.close())

const driverCode = (code: string) => ({ meta: { driverAdapterError: { cause: { originalCode: code } } } })

test.each([
  ['update pair set a = $1, b = $2 where id = 1', ['only']],
  ['insert into pair values ($1::int, $2, $3)', [7, 'x']],
  ['insert into pair (id, a) values (5, $1) on conflict (id) do update set a = $2', ['x']],
  ['delete from pair where a = $1 or b = $2 or c = $3', ['x', 'y']],
  ['update pair set a = $1 where id = 1', ['x', 'too many']],
  ['update pair set a = null where id = 1', ['too many']],
  ['delete from pair where id = $1', [1, 2, 3]],
])('too few or too many arguments raise the error of the server: %s with %j', async (sql, values) => {
  const plain = await shop.database.query(sql, values).catch((error) => error)
  expect(plain.code).toMatch(/^08P01$/)
  const { entries } = await shop.oracle.check(() =>
    expect(prisma.$executeRawUnsafe(sql, ...values)).rejects.toMatchObject(driverCode('08P01')),
  )
  expect(entries).toEqual([])
})

test('a parameter used twice, out of order, or only in RETURNING', async () => {
  await shop.oracle.check(() =>
    prisma.$executeRawUnsafe('update pair set a = $2, b = $1, c = $2 where id = $3', 'b', 'a', 1),
  )
  const { result } = await shop.oracle.check(() =>
    prisma.$queryRawUnsafe('update pair set a = $1 where id = 1 returning a || $2 as joined', 'x', 'y'),
  )
  expect(result).toEqual([{ joined: 'xy' }])
})

test('a parameter that a statement skips is refused by the server as without us', async () => {
  const sql = 'update pair set a = $3 where id = $1'
  const plain = await shop.database.query(sql, [1, 2, 'x']).catch((error) => error)
  await shop.oracle.check(() =>
    expect(prisma.$executeRawUnsafe(sql, 1, 2, 'x')).rejects.toMatchObject(driverCode(plain.code)),
  )
})

test('a statement that uses all 65,535 binds still carries its context', async () => {
  const ids = Array.from({ length: 65_534 }, (_, at) => at)
  const sql = `update pair set b = $65535 where id in (${ids.map((at) => `$${at + 1}`).join()}) returning b`
  const single = await shop.oracle.check(() => prisma.$queryRawUnsafe(sql, ...ids, 'single'))
  expect([single.result, single.entries.length]).toEqual([[{ b: 'single' }], 1])
  const inside = await shop.oracle.check(() =>
    prisma.$transaction(async (tx) => {
      await tx.$executeRawUnsafe(sql, ...ids, 'in a transaction')
      await tx.tag.create({ data: { name: 'after it' } })
    }),
  )
  expect(inside.entries.map(({ op }) => op)).toEqual(['update', 'insert'])
  const undo = new Error('undo')
  const rolledBack = await shop.oracle.check(() =>
    expect(
      prisma.$transaction(async (tx) => {
        await tx.$executeRawUnsafe(sql, ...ids, 'rolled back')
        throw undo
      }),
    ).rejects.toBe(undo),
  )
  expect(rolledBack.entries).toEqual([])
})

test('createMany of five thousand rows', async () => {
  const data = Array.from({ length: 5_000 }, (_, at) => ({ name: `bulk ${at}` }))
  const { result, entries } = await shop.oracle.check(() => prisma.tag.createMany({ data }))
  expect([result.count, entries.length]).toEqual([5_000, 5_000])
})
