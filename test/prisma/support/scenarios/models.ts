import { Prisma, type PrismaClient } from '../../../../prisma/generated/client.ts'
import { exactly } from '../../../conformance/scenario-lists.ts'
import { at, customer, product } from './rows.ts'

/** The calls of one model. */
export const modelScenarios = exactly<PrismaClient>(
  ['create', (p) => p.customer.create({ data: customer('c1') })],
  ['create with select', (p) => p.customer.create({ data: customer('c2'), select: { id: true, vip: true } })],
  ['create with omit', (p) => p.customer.create({ data: customer('c3'), omit: { passwordHash: true } })],
  ['create with every type', (p) => p.product.create({ data: { ...product('typed'), ...everyType } })],
  ['create with nothing but defaults', (p) => p.product.create({ data: product('defaults') })],
  ['createMany', (p) => p.customer.createMany({ data: [customer('m1'), customer('m2')] })],
  [
    'createMany skipping duplicates',
    (p) =>
      p.customer.createMany({
        data: [customer('m3'), customer('twin'), customer('m4')],
        skipDuplicates: true,
      }),
    (p) => p.customer.create({ data: customer('twin') }),
  ],
  [
    'createManyAndReturn',
    (p) => p.customer.createManyAndReturn({ data: [customer('r1'), customer('r2')], select: { id: true } }),
  ],
  [
    'update',
    (p) =>
      p.product.update({
        where: { sku: 'upd' },
        data: {
          name: 'Lamp',
          price: { multiply: 2 },
          stock: { increment: 3 },
          keywords: { push: ['x', 'y'] },
        },
      }),
    (p) => p.product.create({ data: product('upd') }),
  ],
  [
    'update that changes nothing',
    (p) => p.product.update({ where: { sku: 'same' }, data: { name: 'Product same' } }),
    (p) => p.product.create({ data: product('same') }),
  ],
  [
    'update to null and back, and the nulls of JSON',
    async (p) => {
      const where = { sku: 'nulls' }
      await p.product.update({ where, data: { ean: null, attributes: Prisma.JsonNull } })
      await p.product.update({ where, data: { picture: null, attributes: Prisma.DbNull } })
      return await p.product.update({ where, data: { ean: 13n, attributes: { a: [1, null] } } })
    },
    (p) => p.product.create({ data: { ...product('nulls'), ...everyType } }),
  ],
  [
    'update of a compound key',
    (p) =>
      p.orderLine.update({
        where: { orderId_lineNo: { orderId: 900, lineNo: 1 } },
        data: { lineNo: 2, quantity: 3 },
      }),
    (p) => p.customer.create({ data: { ...customer('compound'), orders: { create: orderWithLine } } }),
  ],
  ['updateMany without a condition', (p) => p.category.updateMany({ data: { name: 'All' } }), createCategory],
  [
    'updateMany of rows of which some are so already',
    (p) => p.product.updateMany({ where: { sku: { startsWith: 'so' } }, data: { stock: 2 } }),
    (p) => p.product.createMany({ data: [1, 2, 3].map((stock) => ({ ...product(`so${stock}`), stock })) }),
  ],
  ['updateMany of no row', (p) => p.product.updateMany({ where: { id: -1 }, data: { active: true } })],
  [
    'updateMany with a limit and with a relation in its condition',
    async (p) => [
      await p.product.updateMany({ where: { sku: { startsWith: 'def' } }, data: { stock: 7 }, limit: 2 }),
      await p.product.updateMany({ where: { category: { slug: 'lamps' } }, data: { stock: 9 } }),
    ],
    (p) => p.product.create({ data: { ...product('lamp'), category: { connect: { slug: 'lamps' } } } }),
  ],
  [
    'updateManyAndReturn',
    (p) =>
      p.product.updateManyAndReturn({ where: { name: { contains: 'a' } }, data: { stock: 3 }, limit: 2 }),
  ],
  ...upserts(),
  ['delete', (p) => p.customer.delete({ where: { email: 'c1@example.com' } })],
  [
    'deleteMany, with a limit too',
    async (p) => [
      await p.review.deleteMany({ where: { text: 'bad' }, limit: 1 }),
      await p.review.deleteMany({ where: { text: 'bad' } }),
    ],
    createReviews,
  ],
  [
    'reads',
    async (p) => [
      await p.product.findMany({
        include: { tags: { orderBy: { id: 'asc' } }, category: true },
        orderBy: { id: 'asc' },
      }),
      await p.product.aggregate({ _sum: { stock: true } }),
    ],
  ],
)

const everyType = {
  price: new Prisma.Decimal('12345678.90'),
  ean: 9007199254740993n,
  weight: 1.1,
  attributes: { a: 1.5, n: null },
  keywords: ['a', ''],
  channels: ['APP'],
  picture: new Uint8Array([0, 255]),
  releasedAt: at,
} satisfies Partial<Prisma.ProductCreateInput>

const orderWithLine = {
  id: 900,
  lines: { create: { lineNo: 1, quantity: 2, unitPrice: 3, productId: 1 } },
}

function upserts() {
  const tag = (p: PrismaClient) =>
    p.tag.upsert({ where: { name: 'up' }, create: { name: 'up' }, update: { name: 'up' } })
  const price = (amount: number) => (p: PrismaClient) =>
    p.listPrice.upsert({
      where: { productId_currency: { productId: 1, currency: 'EUR' } },
      create: { productId: 1, currency: 'EUR', amount },
      update: { amount },
    })
  const customerWithProfile = (p: PrismaClient) =>
    p.customer.upsert({
      where: { email: 'up@example.com' },
      create: { ...customer('up'), profile: { create: { phone: '1' } } },
      update: { vip: true },
      include: { profile: true },
    })
  return [
    ['upsert that inserts', tag],
    ['upsert that changes nothing', tag],
    ['upsert by a unique key, inserting', price(1.5)],
    ['upsert by a unique key, updating', price(2.5)],
    ['upsert in several statements, inserting', customerWithProfile],
    ['upsert in several statements, updating', customerWithProfile],
    [
      'upsert with a further filter',
      (p: PrismaClient) =>
        p.tag.upsert({ where: { name: 'up', id: 1000 }, create: { name: 'v' }, update: { name: 'w' } }),
    ],
  ] as const
}

function createCategory(p: PrismaClient) {
  return p.category.createMany({ data: ['lamps', 'chairs'].map((slug) => ({ slug, name: slug })) })
}

async function createReviews(p: PrismaClient): Promise<void> {
  for (const name of ['b1', 'b2', 'b3']) {
    const by = { create: customer(name) }
    await p.review.create({ data: { product: { connect: { id: 1 } }, customer: by, stars: 1, text: 'bad' } })
  }
}
