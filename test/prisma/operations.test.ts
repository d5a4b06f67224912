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

const opsOf = (entries: readonly { op: string; table: string | null }[]) =>
  entries.map(({ op, table }) => `${op} ${table}`)

test('create leaves an insert with the whole row, defaults of the database included', async () => {
  const { result, entries } = await shop.oracle.check(() => prisma.customer.create({ data: customerData() }))
  expect(opsOf(entries)).toEqual(['insert public.Customer'])
  expect(JSON.parse(entries[0]?.after ?? '')).toMatchObject({ id: result.id, vip: false, referredById: null })
})

test('create with select records the whole row all the same', async () => {
  const { result, entries } = await shop.oracle.check(() =>
    prisma.customer.create({ data: customerData(), select: { id: true } }),
  )
  expect(Object.keys(result)).toEqual(['id'])
  expect(Object.keys(JSON.parse(entries[0]?.after ?? ''))).toHaveLength(9)
})

test('createMany leaves an insert for each row', async () => {
  const { result, entries } = await shop.oracle.check(() =>
    prisma.customer.createMany({ data: [customerData(), customerData(), customerData()] }),
  )
  expect(result).toEqual({ count: 3 })
  expect(opsOf(entries)).toEqual(Array(3).fill('insert public.Customer'))
})

test('createMany with skipDuplicates leaves no entry for a row that was skipped', async () => {
  const twin = customerData()
  await prisma.customer.create({ data: twin })
  const { result, entries } = await shop.oracle.check(() =>
    prisma.customer.createMany({ data: [customerData(), twin, customerData()], skipDuplicates: true }),
  )
  expect(result).toEqual({ count: 2 })
  expect(entries).toHaveLength(2)
})

test('createManyAndReturn returns its rows and leaves an insert for each', async () => {
  const { result, entries } = await shop.oracle.check(() =>
    prisma.customer.createManyAndReturn({ data: [customerData(), customerData()], select: { id: true } }),
  )
  expect(entries.map(({ key }) => key)).toEqual(result.map(({ id }) => String(id)))
})

test('update leaves the changed columns only', async () => {
  const { id } = await prisma.product.create({ data: productData() })
  const { entries } = await shop.oracle.check(() =>
    prisma.product.update({ where: { id }, data: { name: 'Lamp', price: '9.90', stock: { increment: 3 } } }),
  )
  expect(entries).toMatchObject([{ op: 'update', key: String(id) }])
  expect(JSON.parse(entries[0]?.after ?? '')).toEqual({ name: 'Lamp', stock: 3 })
})

test('an update that changes nothing leaves no entry', async () => {
  const data = productData()
  const { id } = await prisma.product.create({ data })
  const { result, entries } = await shop.oracle.check(() =>
    prisma.product.update({ where: { id }, data: { name: data.name } }),
  )
  expect(result.name).toBe(data.name)
  expect(entries).toEqual([])
})

test('update of a row that is not there fails as without us and leaves no entry', async () => {
  const { entries } = await shop.oracle.check(() =>
    expect(prisma.product.update({ where: { id: -1 }, data: { name: 'x' } })).rejects.toMatchObject({
      code: 'P2025',
    }),
  )
  expect(entries).toEqual([])
})

test('a row to null and back leaves both values', async () => {
  const { id } = await prisma.product.create({ data: { ...productData(), ean: 12n } })
  await shop.oracle.check(() => prisma.product.update({ where: { id }, data: { ean: null } }))
  const { entries } = await shop.oracle.check(() =>
    prisma.product.update({ where: { id }, data: { ean: 13n } }),
  )
  expect(entries).toMatchObject([{ before: '{"ean":null}', after: '{"ean":13}' }])
})

test('updateMany leaves an entry for each row that changed', async () => {
  const sku = unique('many')
  await prisma.product.createMany({
    data: [1, 2, 3].map((stock) => ({ ...productData(), sku: `${sku}-${stock}`, stock })),
  })
  const where = { sku: { startsWith: sku } }
  const { result, entries } = await shop.oracle.check(() =>
    prisma.product.updateMany({ where, data: { stock: 2 } }),
  )
  expect(result).toEqual({ count: 3 })
  expect(entries).toHaveLength(2)
})

test('updateMany without a condition, with a limit and with a relation in its condition', async () => {
  const category = await prisma.category.create({ data: { slug: unique(), name: 'Lamps' } })
  await prisma.product.createMany({
    data: [1, 2, 3].map(() => ({ ...productData(), categoryId: category.id })),
  })
  const every = await shop.oracle.check(() => prisma.category.updateMany({ data: { name: unique() } }))
  expect(every.entries).toHaveLength(every.result.count)
  const limited = await shop.oracle.check(() =>
    prisma.product.updateMany({ where: { categoryId: category.id }, data: { stock: 7 }, limit: 2 }),
  )
  expect(limited.entries).toHaveLength(2)
  const related = await shop.oracle.check(() =>
    prisma.product.updateMany({ where: { category: { id: category.id } }, data: { stock: 9 } }),
  )
  expect(related.entries).toHaveLength(3)
})

test('updateManyAndReturn returns its rows, with a limit too', async () => {
  const name = unique()
  await prisma.product.createMany({ data: [1, 2, 3].map(() => ({ ...productData(), name })) })
  const { result, entries } = await shop.oracle.check(() =>
    prisma.product.updateManyAndReturn({
      where: { name },
      data: { stock: { increment: 1 } },
      limit: 2,
      select: { id: true, stock: true },
    }),
  )
  expect(result.map(({ stock }) => stock)).toEqual([1, 1])
  expect(entries.map(({ key }) => key)).toEqual(result.map(({ id }) => String(id)))
})

test('an upsert that the database does leaves an insert, then an update', async () => {
  const name = unique('tag')
  const upsert = () => prisma.tag.upsert({ where: { name }, create: { name }, update: { name: `${name}!` } })
  expect(opsOf((await shop.oracle.check(upsert)).entries)).toEqual(['insert public.Tag'])
  const { result, entries } = await shop.oracle.check(upsert)
  expect(entries).toMatchObject([
    { op: 'update', before: `{"name":"${name}"}`, after: `{"name":"${name}!"}` },
  ])
  expect(result.name).toBe(`${name}!`)
})

test('an upsert with an empty update leaves no entry for the row that is there', async () => {
  const name = unique('tag')
  await prisma.tag.create({ data: { name } })
  const { entries } = await shop.oracle.check(() =>
    prisma.tag.upsert({ where: { name }, create: { name }, update: {} }),
  )
  expect(entries).toEqual([])
})

test('an upsert that Prisma does in several statements leaves an insert, then an update', async () => {
  const data = customerData()
  const upsert = () =>
    prisma.customer.upsert({
      where: { email: data.email },
      create: { ...data, profile: { create: { phone: '1' } } },
      update: { vip: true },
      include: { profile: true },
    })
  expect(opsOf((await shop.oracle.check(upsert)).entries)).toEqual([
    'insert public.Customer',
    'insert public.customer_profile',
  ])
  expect(opsOf((await shop.oracle.check(upsert)).entries)).toEqual(['update public.Customer'])
})

test('an upsert on a table without primary key, by its unique key', async () => {
  const { id: productId } = await prisma.product.create({ data: productData() })
  const key = { productId, currency: 'EUR' }
  const upsert = (amount: string) => () =>
    prisma.listPrice.upsert({
      where: { productId_currency: key },
      create: { ...key, amount },
      update: { amount },
    })
  const [first, second] = [await shop.oracle.check(upsert('1.50')), await shop.oracle.check(upsert('2.50'))]
  expect([...first.entries, ...second.entries]).toMatchObject([
    { op: 'insert', key: `["${productId}","EUR"]` },
    { op: 'update', key: `["${productId}","EUR"]`, before: '{"amount":1.50}', after: '{"amount":2.50}' },
  ])
})

test('delete leaves the whole row', async () => {
  const { id } = await prisma.tag.create({ data: { name: unique('tag') } })
  const { entries } = await shop.oracle.check(() => prisma.tag.delete({ where: { id } }))
  expect(entries.filter(({ op }) => op === 'delete')).toMatchObject([{ key: String(id), after: null }])
})

test('delete of a row that is not there fails as without us and leaves no entry', async () => {
  const { entries } = await shop.oracle.check(() =>
    expect(prisma.tag.delete({ where: { id: -1 } })).rejects.toMatchObject({ code: 'P2025' }),
  )
  expect(entries).toEqual([])
})

test('deleteMany leaves an entry for each row, with a limit too', async () => {
  const text = unique('review')
  const product = await prisma.product.create({ data: productData() })
  await prisma.customer.createMany({ data: [1, 2, 3, 4].map(() => customerData()) })
  const customers = await prisma.customer.findMany({ take: 4, orderBy: { id: 'desc' } })
  await prisma.review.createMany({
    data: customers.map(({ id }) => ({ customerId: id, productId: product.id, stars: 5, text })),
  })
  const limited = await shop.oracle.check(() => prisma.review.deleteMany({ where: { text }, limit: 3 }))
  expect([limited.result.count, limited.entries.length]).toEqual([3, 3])
  const rest = await shop.oracle.check(() => prisma.review.deleteMany({ where: { text } }))
  expect([rest.result.count, rest.entries.length]).toEqual([1, 1])
})

test('a compound key is recorded as it was before the update that changes it', async () => {
  const product = await prisma.product.create({ data: productData() })
  const customer = await prisma.customer.create({ data: customerData() })
  const order = await prisma.order.create({ data: { customerId: customer.id } })
  await shop.oracle.check(() =>
    prisma.orderLine.create({
      data: { orderId: order.id, lineNo: 1, productId: product.id, quantity: 2, unitPrice: '3.50' },
    }),
  )
  const { entries } = await shop.oracle.check(() =>
    prisma.orderLine.update({
      where: { orderId_lineNo: { orderId: order.id, lineNo: 1 } },
      data: { lineNo: 2, quantity: 3 },
    }),
  )
  // line_total is computed by the database, and Prisma does not know of it.
  expect(entries).toMatchObject([{ op: 'update', key: `["${order.id}","1"]` }])
  expect(JSON.parse(entries[0]?.after ?? '')).toEqual({ line_no: 2, quantity: 3, line_total: 10.5 })
})

test('reads leave no entry', async () => {
  const { entries } = await shop.oracle.check(async () => {
    await prisma.product.findMany({ include: { tags: true, category: true } })
    await prisma.product.aggregate({ _sum: { stock: true } })
    await prisma.$queryRaw`select 1`
  })
  expect(entries).toEqual([])
})
