import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectUnbroken } from '../conformance/suite/unbroken.ts'
import { untilOneWaits } from '../support/lock-waiters.ts'
import { createSignal } from '../support/signal.ts'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { productData, unique } from './support/shop-rows.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.client({ max: 8 })
  await shop.create(`
    create table counter (id int primary key, n int not null default 0, note text);
    create table keyed (k int primary key, v int, w int);
    create table waited (id int primary key, v int, note text)`)
})

afterAll(() => shop.close())

const times = (count: number) => Array.from({ length: count }, (_, at) => at)
const all = (count: number, work: (at: number) => PromiseLike<unknown>) => Promise.all(times(count).map(work))

test('eight writers incrementing one row', async () => {
  await prisma.$executeRaw`insert into counter values (1, 0)`
  const { entries } = await shop.oracle.check(() =>
    all(120, () => prisma.$executeRaw`update counter set n = n + 1 where id = ${1}`),
  )
  expect(entries).toHaveLength(120)
  // Each increment waits for the lock of the one before, whose entry has the smaller id by then.
  expect(entries.map(({ after }) => after)).toEqual(times(120).map((n) => `{"n":${n + 1}}`))
  expectUnbroken(entries)
})

test('upserts and deletes racing for one key', async () => {
  for (const round of times(6)) {
    const { entries } = await shop.oracle.check(() =>
      all(24, (at) =>
        at % 4 === 3
          ? prisma.$executeRaw`delete from keyed where k = ${round}`
          : prisma.$executeRaw`insert into keyed (k, v) values (${round}, ${at})
              on conflict (k) do update set v = excluded.v, w = coalesce(keyed.w, 0) + 1`,
      ),
    )
    expectUnbroken(entries)
  }
})

test('upserts of a model racing for one key', async () => {
  const { id: productId } = await prisma.product.create({ data: productData() })
  const key = { productId, currency: 'EUR' }
  const { entries } = await shop.oracle.check(() =>
    all(40, (at) =>
      at % 5 === 4
        ? prisma.listPrice.deleteMany({ where: key })
        : prisma.listPrice.upsert({
            where: { productId_currency: key },
            create: { ...key, amount: at },
            update: { amount: at + 100 },
          }),
    ),
  )
  expectUnbroken(entries)
})

test('conditional upserts racing for one key', async () => {
  const { entries } = await shop.oracle.check(() =>
    all(
      40,
      (at) => prisma.$executeRaw`insert into keyed (k, v) values (${500}, ${at})
        on conflict (k) do update set v = excluded.v where keyed.v < excluded.v`,
    ),
  )
  expect(entries.filter(({ op }) => op === 'insert')).toHaveLength(1)
  expectUnbroken(entries)
})

test('overlapping updateMany', async () => {
  const name = unique('overlap')
  await prisma.product.createMany({ data: times(20).map((stock) => ({ ...productData(), name, stock })) })
  const { entries } = await shop.oracle.check(() =>
    all(24, (at) =>
      prisma.product
        .updateMany({ where: { name, stock: { gte: at % 7 } }, data: { stock: { increment: 1 } } })
        // Two of them may wait for each other: PostgreSQL ends one, and nothing of it remains.
        .catch((error) => expect(JSON.stringify(error)).toMatch(/P2034|40P01/)),
    ),
  )
  expectUnbroken(entries)
})

test('a condition that no longer holds after waiting leaves no entry', async () => {
  await prisma.$executeRaw`insert into counter values (2, 0)`
  const { result, entries } = await shop.oracle.check(() =>
    all(8, () => prisma.$executeRaw`update counter set n = n + 1 where id = 2 and n = 0`),
  )
  expect((result as number[]).toSorted()).toEqual([0, 0, 0, 0, 0, 0, 0, 1])
  expect(entries).toHaveLength(1)
})

test.each(['RepeatableRead', 'Serializable'] as const)(
  '%s: a transaction that loses a conflict leaves no entry, and can be run again',
  async (isolationLevel) => {
    const { id } = await prisma.product.create({ data: productData() })
    const allHaveRead = createSignal()
    let readers = 0
    const { result, entries } = await shop.oracle.check(() =>
      all(4, () =>
        prisma
          .$transaction(
            async (tx) => {
              await tx.product.findUnique({ where: { id } })
              readers += 1
              if (readers === 4) allHaveRead.give()
              await allHaveRead.given
              await tx.product.update({ where: { id }, data: { stock: { increment: 1 } } })
            },
            { isolationLevel },
          )
          .then(
            () => 'ok',
            (error) => error.code,
          ),
      ),
    )
    expect((result as string[]).toSorted()).toEqual(['P2034', 'P2034', 'P2034', 'ok'])
    expect(entries).toHaveLength(1)
    const again = await shop.oracle.check(() => prisma.product.update({ where: { id }, data: { stock: 50 } }))
    expect(again.entries).toHaveLength(1)
  },
)

test.each([
  ['the key', 'update waited set id = id + 100', 101],
  ['another column', 'update waited set v = 50', 1],
])('%s of a row that changes while we wait for it', async (_, meanwhile, id) => {
  await shop.database.query('delete from waited; insert into waited values (1, 1)')
  const { result, entries } = await shop.oracle.check(async () => {
    const holder = await shop.database.pool.connect()
    await holder.query(
      `begin; alter table waited disable trigger zz_oracle; ${meanwhile}; alter table waited enable trigger zz_oracle`,
    )
    const waiting = prisma.$executeRaw`update waited set v = v + 1 where v < ${60}`
    const settled = waiting.then((count) => count)
    await untilOneWaits(shop.database)
    await holder.query('commit')
    holder.release()
    return await settled
  })
  expect(result).toBe(1)
  expect(entries).toMatchObject([{ op: 'update', key: String(id) }])
  const [row] = await shop.database.query('select v from waited')
  expect(entries[0]?.after).toBe(`{"v":${row?.['v']}}`)
})

test('a row that another transaction moves to a key of ours is awaited by an upsert', async () => {
  await shop.database.query('delete from keyed; insert into keyed values (7, 1)')
  const { entries } = await shop.oracle.check(async () => {
    const holder = await shop.database.pool.connect()
    await holder.query('begin')
    await holder.query("set local session_replication_role = 'replica'; insert into keyed values (8, 1)")
    const waiting = prisma.$executeRaw`insert into keyed values (${8}, 5) on conflict (k) do update set v = excluded.v`
    const settled = waiting.then((count) => count)
    await untilOneWaits(shop.database)
    await holder.query('commit')
    holder.release()
    expect(await settled).toBe(1)
  })
  expect(entries).toMatchObject([{ op: 'update', key: '8', before: '{"v":1}', after: '{"v":5}' }])
})
