import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from '../prisma/support/audited-shop.ts'
import { customerData, productData, unique } from '../prisma/support/shop-rows.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.prisma
})

afterAll(() => shop.close())

/** Runs calls of Prisma against the oracle: every change must have its entry, with nothing left to announce. */
async function follow(work: () => PromiseLike<unknown>): Promise<string[]> {
  const { entries } = await shop.oracle.check(work)
  const texts = entries.map(
    ({ op, table, cause }) => `${cause === null ? '' : 'caused '}${op} ${table?.replace('public.', '')}`,
  )
  expect(texts.filter((text) => text.includes('statement'))).toEqual([])
  return texts
}

const newCategory = (parentId?: number) =>
  prisma.category.create({ data: { slug: unique('slug'), name: 'c', ...(parentId && { parentId }) } })

test('a category with children and products: delete, and deleteMany over parents and children at once', async () => {
  const root = await newCategory()
  const [left, right] = [await newCategory(root.id), await newCategory(root.id)]
  const leaf = await newCategory(left.id)
  await prisma.product.create({ data: { ...productData(), categoryId: root.id } })
  await prisma.product.create({ data: { ...productData(), categoryId: leaf.id } })
  expect(await follow(() => prisma.category.delete({ where: { id: root.id } }))).toEqual([
    'delete category',
    'caused update category',
    'caused update category',
    'caused update Product',
  ])
  expect(
    await follow(() => prisma.category.deleteMany({ where: { id: { in: [left.id, right.id, leaf.id] } } })),
  ).toEqual([...Array(3).fill('delete category'), 'caused update Product'])
})

test('a delete inside an interactive transaction, and one that is rolled back', async () => {
  const customer = await prisma.customer.create({ data: { ...customerData(), profile: { create: {} } } })
  const undo = new Error('undo')
  const attempt = () =>
    prisma
      .$transaction(async (tx) => {
        await tx.customer.delete({ where: { id: customer.id } })
        throw undo
      })
      .catch((error) => expect(error).toBe(undo))
  expect(await follow(attempt)).toEqual([])
  expect(
    await follow(() => prisma.$transaction([prisma.customer.delete({ where: { id: customer.id } })])),
  ).toEqual(['delete Customer', 'caused delete customer_profile'])
})

test('a new key, by update, updateMany and raw SQL with and without RETURNING', async () => {
  const { id } = await prisma.customer.create({ data: { ...customerData(), profile: { create: {} } } })
  const moved = ['update Customer', 'caused update customer_profile']
  const next = (step: number) => id + step * 1_000_000
  expect(await follow(() => prisma.customer.update({ where: { id }, data: { id: next(1) } }))).toEqual(moved)
  expect(
    await follow(() => prisma.customer.updateMany({ where: { id: next(1) }, data: { id: next(2) } })),
  ).toEqual(moved)
  expect(
    await follow(
      () => prisma.$executeRaw`update "Customer" set id = ${next(3)} where id = ${next(2)} returning name`,
    ),
  ).toEqual(moved)
  expect(
    await follow(() => prisma.$executeRaw`update "Customer" set id = ${next(4)} where id = ${next(3)}`),
  ).toEqual(moved)
})

test('an upsert of a new key in a table that refers to itself is announced: it may be one row of several', async () => {
  const { id } = await prisma.customer.create({ data: { ...customerData(), profile: { create: {} } } })
  const { entries } = await shop.oracle.check(() =>
    prisma.customer.upsert({ where: { id }, create: customerData(), update: { id: id + 9_000_000 } }),
  )
  expect(entries.map(({ op }) => op)).toEqual(['update', 'statement'])
})

test('secrets of a child are masked with the default rules', async () => {
  const careful = shop.client({ redact: {} })
  const customer = await prisma.customer.create({
    data: {
      ...customerData(),
      profile: { create: { iban: 'DE00 secret', preferences: { token: 'secret' } } },
    },
  })
  await careful.customer.delete({ where: { id: customer.id } })
  const [entry] = await shop.database.query<{ before: { iban: string; preferences: unknown } }>(
    "select before from indelible.entry where table_name = 'customer_profile' order by id desc limit 1",
  )
  expect(entry?.before).toMatchObject({ iban: '[redacted]', preferences: { token: '[redacted]' } })
})
