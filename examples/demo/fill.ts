import { runWithAuditContext } from '@indelible/core'
import type { Shop } from './open-shop.ts'
import type { Random } from './random.ts'

const SIZE = { products: 110, customers: 120, orders: 120 }
const DAY = 24 * 60 * 60 * 1000

const CATEGORIES: readonly (readonly [string, readonly string[]])[] = [
  ['Kitchen', ['Knives', 'Pans', 'Kettles', 'Scales']],
  ['Garden', ['Spades', 'Hoses', 'Seeds']],
  ['Office', ['Lamps', 'Chairs', 'Paper', 'Pens']],
  ['Outdoors', ['Tents', 'Stoves', 'Torches']],
]
const TAGS = [
  'new',
  'sale',
  'eco',
  'gift',
  'fragile',
  'bulky',
  'handmade',
  'refurbished',
  'bestseller',
  'clearance',
]
const ADJECTIVES = ['Plain', 'Sturdy', 'Folding', 'Quiet', 'Copper', 'Oak', 'Linen', 'Compact'] as const
const FIRST_NAMES = [
  'Ada',
  'Grace',
  'Edsger',
  'Barbara',
  'Donald',
  'Frances',
  'Alan',
  'Radia',
  'Ken',
  'Hedy',
] as const
const LAST_NAMES = [
  'Okafor',
  'Lindqvist',
  'Moreau',
  'Tanaka',
  'Novak',
  'Silva',
  'Haddad',
  'Kaya',
  'Weber',
] as const

/** Fills the empty shop, as an import job would: in bulk where Prisma can, nested where a shop would. */
export async function fillShop(shop: Shop, random: Random): Promise<void> {
  const actor = { id: 'catalogue-import', type: 'job' }
  await runWithAuditContext(
    { actor, correlationId: 'import-1', action: 'shop.import', metadata: { orm: 'Prisma' } },
    async () => {
      await createCategories(shop)
      await createProducts(shop, random)
      await createTags(shop, random)
      await createCustomers(shop, random)
      await createOrders(shop, random)
    },
  )
}

async function createCategories(shop: Shop): Promise<void> {
  for (const [name, children] of CATEGORIES) {
    const nested = children.map((child) => ({ name: child, slug: child.toLowerCase() }))
    await shop.category.create({ data: { name, slug: name.toLowerCase(), children: { create: nested } } })
  }
}

async function createProducts(shop: Shop, random: Random): Promise<void> {
  const leaves = await shop.category.findMany({ where: { parentId: { not: null } }, orderBy: { id: 'asc' } })
  const products = Array.from({ length: SIZE.products }, (_, index) => {
    const category = leaves[index % leaves.length]
    return {
      sku: `SKU-${1000 + index}`,
      name: `${random.pick(ADJECTIVES)} ${category?.name.toLowerCase().replace(/s$/, '')}`,
      price: money(random.between(199, 19_999)),
      stock: random.between(20, 400),
      ean: 4_006_381_000_000n + BigInt(index),
      weight: random.between(1, 900) / 64,
      attributes: { colour: random.pick(['black', 'white', 'green']), warrantyMonths: random.between(6, 36) },
      keywords: [category?.slug ?? 'misc', 'demo'],
      picture: new Uint8Array([0xff, 0xd8, index % 256]),
      releasedAt: new Date(Date.now() - random.between(30, 900) * DAY),
      categoryId: category?.id ?? null,
    }
  })
  await shop.product.createMany({ data: products })
  const prices = (await shop.product.findMany()).flatMap(({ id: productId, price }) => [
    { productId, currency: 'EUR', amount: price },
    { productId, currency: 'SEK', amount: price.mul(11).toDecimalPlaces(2) },
  ])
  await shop.listPrice.createMany({ data: prices })
}

/** Tags reach their products through a join table that only Prisma writes. */
async function createTags(shop: Shop, random: Random): Promise<void> {
  const products = await shop.product.findMany({ select: { id: true } })
  for (const name of TAGS) {
    await shop.tag.create({ data: { name, products: { connect: random.sample(products, 12) } } })
  }
}

async function createCustomers(shop: Shop, random: Random): Promise<void> {
  const customers = await shop.customer.createManyAndReturn({
    data: Array.from({ length: SIZE.customers }, (_, index) => ({
      email: `customer-${index}@example.com`,
      name: `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`,
      passwordHash: createPasswordHash(random),
      vip: index % 25 === 0,
    })),
  })
  await shop.customerProfile.createMany({
    data: customers.map(({ id }) => ({ customerId: id, preferences: { newsletter: id % 3 === 0 } })),
  })
  await shop.customer.updateMany({ where: { id: { in: [2, 3, 5, 8, 13] } }, data: { referredById: 1 } })
}

/** Text that must never show up in the trail. */
export const PASSWORD_HASH_PREFIX = 'scrypt$'

export function createPasswordHash(random: Random): string {
  return `${PASSWORD_HASH_PREFIX}${random.between(2 ** 40, 2 ** 52).toString(36)}`
}

async function createOrders(shop: Shop, random: Random): Promise<void> {
  const products = await shop.product.findMany({ select: { id: true, price: true } })
  const carts = Array.from({ length: SIZE.orders }, () =>
    random.sample(products, random.between(1, 4)).map(({ id, price }, index) => ({
      lineNo: index + 1,
      productId: id,
      quantity: random.between(1, 3),
      unitPrice: price,
    })),
  )
  const orders = await shop.order.createManyAndReturn({
    data: carts.map((lines) => ({
      customerId: random.between(1, SIZE.customers),
      placedAt: new Date(Date.now() - random.between(1, 60) * DAY),
      total: lines.reduce((sum, { unitPrice, quantity }) => sum + Number(unitPrice) * quantity, 0).toFixed(2),
    })),
    select: { id: true },
  })
  const lines = carts.flatMap((cart, index) =>
    cart.map((line) => ({ ...line, orderId: orders[index]?.id ?? 0 })),
  )
  await shop.orderLine.createMany({ data: lines })
}

function money(cents: number): string {
  return (cents / 100).toFixed(2)
}
