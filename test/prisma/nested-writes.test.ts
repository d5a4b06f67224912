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
  entries.map(({ op, table }) => `${op} ${table?.replace('public.', '')}`)

const createTags = (count: number) =>
  prisma.tag.createManyAndReturn({ data: Array.from({ length: count }, () => ({ name: unique('tag') })) })

test('a create ten rows deep leaves ten entries in one transaction', async () => {
  const { entries } = await shop.oracle.check(() =>
    prisma.customer.create({
      data: {
        ...customerData(),
        profile: { create: { phone: '1', preferences: { theme: 'dark' } } },
        referrals: { create: [customerData(), customerData()] },
        orders: {
          create: {
            status: 'PAID',
            lines: {
              create: [1, 2].map((lineNo) => ({
                lineNo,
                quantity: 1,
                unitPrice: '1.00',
                product: { create: { ...productData(), tags: { create: { name: unique('tag') } } } },
              })),
            },
          },
        },
      },
    }),
  )
  expect(entries.length).toBe(13)
  expect(new Set(entries.map(({ tx }) => tx)).size).toBe(1)
})

test('createMany inside create', async () => {
  const { entries } = await shop.oracle.check(() =>
    prisma.category.create({
      data: {
        slug: unique(),
        name: 'Lamps',
        products: { createMany: { data: [productData(), productData()] } },
      },
    }),
  )
  expect(opsOf(entries)).toEqual(['insert category', 'insert Product', 'insert Product'])
})

test('connect, disconnect and set of a one-to-many relation', async () => {
  const category = await prisma.category.create({ data: { slug: unique(), name: 'Lamps' } })
  const products = await prisma.product.createManyAndReturn({ data: [productData(), productData()] })
  const [first, second] = products.map(({ id }) => ({ id }))
  const change = (data: object) => () => prisma.category.update({ where: { id: category.id }, data })
  const connected = await shop.oracle.check(change({ products: { connect: [first, second] } }))
  expect(opsOf(connected.entries)).toEqual(['update Product', 'update Product'])
  const left = await shop.oracle.check(change({ products: { disconnect: first } }))
  expect(opsOf(left.entries)).toEqual(['update Product'])
  const set = await shop.oracle.check(change({ products: { set: [first] } }))
  expect(opsOf(set.entries)).toEqual(['update Product', 'update Product'])
})

test('connectOrCreate creates once and connects after', async () => {
  const slug = unique()
  const create = () =>
    prisma.product.create({
      data: {
        ...productData(),
        category: { connectOrCreate: { where: { slug }, create: { slug, name: 'Lamps' } } },
      },
    })
  expect(opsOf((await shop.oracle.check(create)).entries)).toEqual(['insert category', 'insert Product'])
  expect(opsOf((await shop.oracle.check(create)).entries)).toEqual(['insert Product'])
})

test('update, updateMany, upsert, delete and deleteMany of children', async () => {
  const { id } = await prisma.customer.create({ data: { ...customerData(), profile: { create: {} } } })
  const products = await prisma.product.createManyAndReturn({
    data: [1, 2, 3].map(() => productData()),
  })
  const [one = 0, two = 0, three = 0] = products.map((product) => product.id)
  const change = (data: object) => () => prisma.customer.update({ where: { id }, data })
  const reviewOf = (productId: number) => ({ productId_customerId: { productId, customerId: id } })
  const steps: [data: object, ops: string[]][] = [
    [{ profile: { update: { phone: '2' } } }, ['update customer_profile']],
    [
      { reviews: { upsert: { where: reviewOf(one), create: { productId: one, stars: 1 }, update: {} } } },
      ['insert Review'],
    ],
    [
      {
        reviews: {
          upsert: { where: reviewOf(one), create: { productId: one, stars: 1 }, update: { stars: 2 } },
        },
      },
      ['update Review'],
    ],
    [
      { reviews: { create: [two, three].map((productId) => ({ productId, stars: 3 })) } },
      ['insert Review', 'insert Review'],
    ],
    [{ reviews: { update: { where: reviewOf(two), data: { stars: 4 } } } }, ['update Review']],
    [
      { reviews: { updateMany: { where: { stars: { gte: 3 } }, data: { text: 'ok' } } } },
      ['update Review', 'update Review'],
    ],
    [{ reviews: { delete: reviewOf(one) } }, ['delete Review']],
    [{ vip: true, reviews: { deleteMany: {} } }, ['update Customer', 'delete Review', 'delete Review']],
    [{ profile: { delete: true } }, ['delete customer_profile']],
  ]
  for (const [data, ops] of steps) {
    const { entries } = await shop.oracle.check(change(data))
    expect(opsOf(entries), JSON.stringify(data)).toEqual(ops)
  }
})

test('many to many without a model: the join table has its entries, keyed by both sides', async () => {
  const [a, b, c] = (await createTags(3)).map(({ id }) => ({ id }))
  const product = await shop.oracle.check(() =>
    prisma.product.create({ data: { ...productData(), tags: { connect: [a, b] as { id: number }[] } } }),
  )
  const { id } = product.result
  expect(product.entries.slice(1)).toMatchObject([
    { op: 'insert', table: 'public._ProductToTag', key: `["${id}","${a?.id}"]` },
    { op: 'insert', table: 'public._ProductToTag', key: `["${id}","${b?.id}"]` },
  ])
  const change = (tags: object) => () => prisma.product.update({ where: { id }, data: { tags } })
  const set = await shop.oracle.check(change({ set: [b, c] }))
  // Prisma takes all connections away and makes the wanted ones anew.
  expect(opsOf(set.entries)).toEqual([
    ...Array(2).fill('delete _ProductToTag'),
    ...Array(2).fill('insert _ProductToTag'),
  ])
  const left = await shop.oracle.check(change({ disconnect: b }))
  expect(opsOf(left.entries)).toEqual(['delete _ProductToTag'])
  const twice = await shop.oracle.check(change({ connect: c }))
  expect(twice.entries).toEqual([])
  const deleted = await shop.oracle.check(change({ delete: c }))
  expect(opsOf(deleted.entries)).toContain('delete Tag')
})

test('a nested write that fails leaves nothing of the whole operation', async () => {
  const twin = customerData()
  await prisma.customer.create({ data: twin })
  const { entries, changes } = await shop.oracle.check(() =>
    expect(
      prisma.customer.create({ data: { ...customerData(), referrals: { create: [customerData(), twin] } } }),
    ).rejects.toMatchObject({ code: 'P2002' }),
  )
  expect([...entries, ...changes]).toEqual([])
})

test('what a foreign key deletes or sets to null has its entries, with their cause', async () => {
  const customer = await prisma.customer.create({
    data: { ...customerData(), profile: { create: {} }, referrals: { create: customerData() } },
  })
  const { entries, changes } = await shop.oracle.check(() =>
    prisma.customer.delete({ where: { id: customer.id } }),
  )
  expect(changes.filter(({ caused }) => caused)).toHaveLength(2)
  expect(opsOf(entries)).toEqual(['delete Customer', 'update Customer', 'delete customer_profile'])
  const cause = { schema: 'public', table: 'Customer', key: String(customer.id) }
  expect(entries.map((entry) => entry.cause)).toEqual([null, cause, cause])
})

test('a deleteMany with foreign keys that do nothing has the entries of its rows only', async () => {
  const name = unique()
  await prisma.customer.createMany({ data: [1, 2, 3].map(() => ({ ...customerData(), name })) })
  const { entries } = await shop.oracle.check(() => prisma.customer.deleteMany({ where: { name } }))
  expect(opsOf(entries)).toEqual(Array(3).fill('delete Customer'))
})

test('a changed primary key and the children that follow it', async () => {
  const { id } = await prisma.customer.create({ data: { ...customerData(), profile: { create: {} } } })
  const { entries, changes } = await shop.oracle.check(() =>
    prisma.customer.update({ where: { id }, data: { id: id + 1_000_000 } }),
  )
  expect(changes.filter(({ caused }) => caused).map(({ table }) => table)).toEqual([
    'public.customer_profile',
  ])
  expect(opsOf(entries)).toEqual(['update Customer', 'update customer_profile'])
})

test('rows that go with a row that a foreign key deletes are announced where no function was made for the tables', async () => {
  await shop.create(`
    create table grandparent (id int primary key);
    create table parent (id int primary key, of int references grandparent on delete cascade);
    create table child (id int primary key, of int references parent on delete cascade);
    insert into grandparent values (1); insert into parent values (1, 1); insert into child values (1, 1)`)
  const { changes } = await shop.oracle.check(
    () => prisma.$executeRaw`delete from grandparent where id = ${1}`,
  )
  expect(changes.filter(({ caused }) => caused).map(({ table }) => table)).toEqual([
    'public.parent',
    'public.child',
  ])
})

test('an upsert that changes a referenced key announces the rows that follow it, where no function was made', async () => {
  await shop.create(`
    create table country (code text primary key, alias text unique);
    create table city (id int primary key, country text references country (alias) on update cascade);
    insert into country values ('de', 'ger'); insert into city values (1, 'ger')`)
  await shop.oracle.check(
    () => prisma.$executeRaw`insert into country values (${'de'}, ${'deu'})
      on conflict (code) do update set alias = excluded.alias`,
  )
})
