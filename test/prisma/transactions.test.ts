import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { customerData, productData, unique } from './support/shop-rows.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.prisma
})

afterAll(() => shop.close())

const failure = new Error('the application changed its mind')

test('the entries of an interactive transaction share its transaction', async () => {
  const { entries } = await shop.oracle.check(() =>
    prisma.$transaction(async (tx) => {
      const { id } = await tx.product.create({ data: productData() })
      await tx.product.update({ where: { id }, data: { stock: 1 } })
      await tx.product.updateMany({ where: { id }, data: { stock: 2 } })
      await tx.listPrice.create({ data: { productId: id, currency: 'EUR', amount: 1 } })
    }),
  )
  expect(entries.map(({ op }) => op)).toEqual(['insert', 'update', 'update', 'insert'])
  expect(new Set(entries.map(({ tx }) => tx)).size).toBe(1)
})

test('the entries of a batch share its transaction', async () => {
  const { entries } = await shop.oracle.check(() =>
    prisma.$transaction([
      prisma.tag.create({ data: { name: unique('tag') } }),
      prisma.tag.createMany({ data: [{ name: unique('tag') }, { name: unique('tag') }] }),
      prisma.$executeRaw`insert into "Tag" (name) values (${unique('tag')})`,
    ]),
  )
  expect(entries).toHaveLength(4)
  expect(new Set(entries.map(({ tx }) => tx)).size).toBe(1)
})

test('a batch that fails leaves no entry', async () => {
  const name = unique('tag')
  const { entries, changes } = await shop.oracle.check(() =>
    expect(
      prisma.$transaction([1, 2].map(() => prisma.tag.create({ data: { name } }))),
    ).rejects.toMatchObject({ code: 'P2002' }),
  )
  expect([...entries, ...changes]).toEqual([])
})

test('a rolled-back transaction leaves no entry', async () => {
  const { entries, changes } = await shop.oracle.check(() =>
    expect(
      prisma.$transaction(async (tx) => {
        await tx.customer.create({ data: customerData() })
        await tx.tag.create({ data: { name: unique('tag') } })
        throw failure
      }),
    ).rejects.toBe(failure),
  )
  expect([...entries, ...changes]).toEqual([])
})

test('a rolled-back nested transaction leaves no entry, and the outer one keeps its own', async () => {
  const kept = [unique('kept'), unique('kept')]
  const { entries } = await shop.oracle.check(() =>
    prisma.$transaction(async (tx) => {
      await tx.tag.create({ data: { name: kept[0] as string } })
      await tx
        .$transaction(async (inner) => {
          await inner.tag.create({ data: { name: unique('lost') } })
          throw failure
        })
        .catch(() => undefined)
      await tx.$transaction(async (inner) => {
        await inner.tag.create({ data: { name: kept[1] as string } })
      })
    }),
  )
  expect(entries.map(({ after }) => JSON.parse(after ?? '').name)).toEqual(kept)
})

test('savepoints written by hand roll their entries back', async () => {
  const { entries } = await shop.oracle.check(() =>
    prisma.$transaction(async (tx) => {
      await tx.$executeRaw`savepoint here`
      await tx.tag.create({ data: { name: unique('lost') } })
      await tx.$executeRaw`rollback to savepoint here`
      await tx.tag.create({ data: { name: unique('kept') } })
      await tx.$executeRaw`release savepoint here`
    }),
  )
  expect(entries).toHaveLength(1)
})

test('a statement that fails behind a savepoint leaves no entry, and later ones do', async () => {
  const name = unique('tag')
  const { entries } = await shop.oracle.check(() =>
    prisma.$transaction(async (tx) => {
      await tx.tag.create({ data: { name } })
      await tx.$transaction((inner) => inner.tag.create({ data: { name } })).catch(() => undefined)
      await tx.tag.create({ data: { name: unique('tag') } })
    }),
  )
  expect(entries).toHaveLength(2)
})

test.each(['ReadCommitted', 'RepeatableRead', 'Serializable'] as const)(
  'a transaction that is %s is captured',
  async (isolationLevel) => {
    const { entries } = await shop.oracle.check(() =>
      prisma.$transaction(
        async (tx) => {
          const { id } = await tx.product.create({ data: productData() })
          await tx.product.update({ where: { id }, data: { stock: { increment: 1 } } })
          const name = unique('tag')
          await tx.tag.upsert({ where: { name }, create: { name }, update: {} })
        },
        { isolationLevel },
      ),
    )
    expect(entries).toHaveLength(3)
  },
)

test('the same row changed twice in one transaction has its two entries, in order', async () => {
  const { id } = await prisma.product.create({ data: productData() })
  const { entries } = await shop.oracle.check(() =>
    prisma.$transaction([
      prisma.product.update({ where: { id }, data: { stock: 1 } }),
      prisma.product.update({ where: { id }, data: { stock: 2 } }),
    ]),
  )
  expect(entries.map(({ before }) => before)).toEqual(['{"stock":0}', '{"stock":1}'])
})
