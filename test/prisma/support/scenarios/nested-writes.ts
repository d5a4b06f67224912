import type { Prisma, PrismaClient } from '../../../../prisma/generated/client.ts'
import { exactly } from '../../../conformance/scenario-lists.ts'
import { at, customer, product } from './rows.ts'

/** Writes that reach into relations, and what foreign keys do on their own. */
export const nestedScenarios = exactly<PrismaClient>(
  [
    'create ten rows deep',
    (p) =>
      p.customer.create({
        data: {
          ...customer('deep'),
          profile: { create: { phone: '1', preferences: { theme: 'dark' } } },
          referrals: { create: [customer('deep1'), customer('deep2')] },
          orders: { create: { status: 'PAID', placedAt: at, lines: { create: [1, 2].map(deepLine) } } },
        },
        include: {
          profile: true,
          orders: { include: { lines: { include: { product: { include: { tags: true } } } } } },
        },
      }),
  ],
  [
    'createMany inside create',
    (p) =>
      p.category.create({
        data: {
          slug: 'inside',
          name: 'Inside',
          products: { createMany: { data: [product('i1'), product('i2')] } },
        },
      }),
  ],
  ...[
    { connect: [{ sku: 'i3' }, { sku: 'i4' }] },
    { disconnect: { sku: 'i3' } },
    { set: [{ sku: 'i3' }] },
  ].map(
    (products) =>
      [
        `${Object.keys(products)[0]} of a one-to-many relation`,
        (p: PrismaClient) => p.category.update({ where: { slug: 'inside' }, data: { products } }),
        (p: PrismaClient) =>
          p.product.createMany({ data: [product('i3'), product('i4')], skipDuplicates: true }),
      ] as const,
  ),
  ['connectOrCreate, creating', connectOrCreate('o1')],
  ['connectOrCreate, connecting', connectOrCreate('o2')],
  ...children(),
  ...manyToMany(),
  [
    'delete with children that go and that stay',
    (p) => p.customer.delete({ where: { email: 'p@example.com' } }),
  ],
  [
    'deleteMany with children',
    (p) => p.customer.deleteMany({ where: { email: { in: ['q1@example.com', 'q2@example.com'] } } }),
    async (p) => {
      for (const name of ['q1', 'q2'])
        await p.customer.create({
          data: { ...customer(name), profile: { create: {} }, referrals: { create: customer(`${name}r`) } },
        })
    },
  ],
  [
    'update of a primary key that others refer to',
    (p) => p.customer.update({ where: { email: 'k@example.com' }, data: { id: 5000 } }),
    (p) => p.customer.create({ data: { ...customer('k'), profile: { create: {} } } }),
  ],
)

function deepLine(lineNo: number) {
  const tags = { create: { name: `deep${lineNo}` } }
  return {
    lineNo,
    quantity: 1,
    unitPrice: '1.00',
    product: { create: { ...product(`deep${lineNo}`), tags } },
  }
}

function connectOrCreate(sku: string) {
  const category = { connectOrCreate: { where: { slug: 'or' }, create: { slug: 'or', name: 'Or' } } }
  return (p: PrismaClient) => p.product.create({ data: { ...product(sku), category } })
}

/** Each step of a parent's children, in order, of one parent. */
function children() {
  const arrange = (p: PrismaClient) =>
    p.customer.upsert({
      where: { email: 'p@example.com' },
      create: { ...customer('p'), id: 4000, profile: { create: {} }, referrals: { create: customer('pr') } },
      update: {},
    })
  const key = (productId: number) => ({ productId_customerId: { productId, customerId: 4000 } })
  const upsert = (stars: number) => ({
    upsert: { where: key(1), create: { productId: 1, stars, createdAt: at }, update: { stars } },
  })
  const steps: readonly [
    name: string,
    data: Prisma.CustomerUpdateInput | Prisma.CustomerUncheckedUpdateInput,
  ][] = [
    ['update of a child', { profile: { update: { phone: '2' } } }],
    ['upsert of a child, inserting', { reviews: upsert(1) }],
    ['upsert of a child, updating', { reviews: upsert(2) }],
    ['create of children', { reviews: { create: [2, 3].map((productId) => ({ productId, stars: 3 })) } }],
    ['updateMany of children', { reviews: { updateMany: { where: { stars: 3 }, data: { text: 'ok' } } } }],
    ['delete of a child', { vip: true, reviews: { delete: key(1) } }],
    ['deleteMany of children', { reviews: { deleteMany: {} } }],
    ['delete of a to-one child', { profile: { delete: true } }],
    ['create of a to-one child', { profile: { create: { phone: '3' } }, reviews: upsert(5) }],
  ]
  return steps.map(
    ([name, data]) =>
      [
        name,
        (p: PrismaClient) => p.customer.update({ where: { email: 'p@example.com' }, data }),
        arrange,
      ] as const,
  )
}

/** Each step of a many-to-many relation without a model, in order. */
function manyToMany() {
  const [a, b, c] = [{ name: 'ta' }, { name: 'tb' }, { name: 'tc' }]
  const steps: readonly [name: string, tags: Prisma.TagUpdateManyWithoutProductsNestedInput][] = [
    ['create', { create: [a, b] }],
    ['connectOrCreate', { connectOrCreate: { where: c, create: c } }],
    ['set', { set: [b, c] }],
    ['disconnect', { disconnect: b }],
    ['connect of what is connected', { connect: c }],
    ['delete', { delete: c }],
  ]
  return steps.map(
    ([name, tags]) =>
      [
        `many to many: ${name}`,
        (p: PrismaClient) =>
          p.product.update({ where: { sku: 'tagged' }, data: { tags }, include: { tags: true } }),
        (p: PrismaClient) => p.product.createMany({ data: product('tagged'), skipDuplicates: true }),
      ] as const,
  )
}
