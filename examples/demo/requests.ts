import type { AuditActor } from '@indelible/prisma'
import { createPasswordHash } from './fill.ts'
import type { Shop } from './open-shop.ts'
import type { Random } from './random.ts'

/** One request to the shop, as a router would hand it over. */
export interface WebRequest {
  readonly actor: AuditActor
  readonly action: string
  readonly path: string
  /** Writes with plain Prisma: nothing in here knows of the audit trail. */
  handle(shop: Shop): Promise<unknown>
}

/** What the requests are about. */
export interface ShopIds {
  readonly orders: readonly number[]
  readonly customers: readonly number[]
  readonly products: readonly number[]
}

/** Thrown in the middle of a transaction, which is rolled back. */
export class CardDeclined extends Error {}

interface RequestIds {
  readonly order: number
  readonly customer: number
  readonly product: number
}

type Make = (ids: RequestIds, random: Random) => WebRequest

const KINDS: readonly [Make, ...Make[]] = [
  checkOut,
  checkOut,
  payOrder,
  changePhone,
  changePassword,
  reviewProduct,
  relabelProduct,
  cancelOrder,
  payWithBadCard,
]

/** Decides what the requests do. Each one is about another order, so that none finds its order gone. */
export function planRequests({ orders, customers, products }: ShopIds, random: Random): WebRequest[] {
  return random.sample(orders, orders.length).map((order, index) => {
    const customer = customers[index % customers.length] ?? 1
    const product = products[index % products.length] ?? 1
    return random.pick(KINDS)({ order, customer, product }, random)
  })
}

function checkOut({ customer, product }: RequestIds, random: Random): WebRequest {
  const quantity = random.between(1, 3)
  return {
    actor: user(customer),
    action: 'order.place',
    path: 'POST /orders',
    handle: (shop) =>
      shop.$transaction(async (tx) => {
        const { price } = await tx.product.update({
          where: { id: product },
          data: { stock: { decrement: quantity } },
        })
        const line = { lineNo: 1, productId: product, quantity, unitPrice: price }
        const total = price.mul(quantity)
        await tx.order.create({ data: { customerId: customer, total, lines: { create: line } } })
      }),
  }
}

function payOrder({ order }: RequestIds): WebRequest {
  return {
    actor: { id: 'payment-gateway', type: 'service', authMethod: 'api-key' },
    action: 'order.pay',
    path: `POST /webhooks/payments?order=${order}`,
    handle: (shop) =>
      shop.order.update({ where: { id: order }, data: { status: 'PAID', paidAt: new Date() } }),
  }
}

function changePhone({ customer }: RequestIds, random: Random): WebRequest {
  const phone = `+46 8 ${random.between(100_000, 999_999)}`
  return {
    actor: user(customer),
    action: 'profile.change',
    path: 'PATCH /me',
    handle: (shop) =>
      shop.customer.update({
        where: { id: customer },
        data: {
          profile: { upsert: { create: { phone }, update: { phone, preferences: { newsletter: false } } } },
        },
      }),
  }
}

function changePassword({ customer }: RequestIds, random: Random): WebRequest {
  const passwordHash = createPasswordHash(random)
  return {
    actor: user(customer),
    action: 'password.change',
    path: 'PUT /me/password',
    handle: (shop) => shop.customer.update({ where: { id: customer }, data: { passwordHash } }),
  }
}

function reviewProduct({ customer, product }: RequestIds, random: Random): WebRequest {
  const stars = random.between(1, 5)
  return {
    actor: user(customer),
    action: 'product.review',
    path: `PUT /products/${product}/review`,
    handle: (shop) =>
      shop.review.upsert({
        where: { productId_customerId: { productId: product, customerId: customer } },
        create: { productId: product, customerId: customer, stars },
        update: { stars },
      }),
  }
}

function relabelProduct({ product }: RequestIds): WebRequest {
  return {
    actor: { id: 'mira.kaya', type: 'employee', authMethod: 'sso' },
    action: 'product.relabel',
    path: `PUT /products/${product}/tags`,
    handle: (shop) =>
      shop.product.update({
        where: { id: product },
        data: { keywords: { push: 'relabelled' }, tags: { set: [{ name: 'sale' }, { name: 'eco' }] } },
      }),
  }
}

/** Deletes the lines itself: rows that a foreign key takes along are not told one by one, only that it may have done so. */
function cancelOrder({ order }: RequestIds): WebRequest {
  return {
    actor: { id: 'jonas.weber', type: 'employee', authMethod: 'sso' },
    action: 'order.cancel',
    path: `DELETE /orders/${order}`,
    handle: (shop) =>
      shop.$transaction([
        shop.orderLine.deleteMany({ where: { orderId: order } }),
        shop.order.delete({ where: { id: order } }),
      ]),
  }
}

function payWithBadCard({ order, customer }: RequestIds): WebRequest {
  return {
    actor: user(customer),
    action: 'order.pay',
    path: `POST /orders/${order}/payment`,
    handle: (shop) =>
      shop.$transaction(async (tx) => {
        await tx.order.update({ where: { id: order }, data: { status: 'PAID', paidAt: new Date() } })
        throw new CardDeclined(`The card for order ${order} was declined.`)
      }),
  }
}

function user(customer: number): AuditActor {
  return { id: `customer-${customer}`, type: 'user', authMethod: 'jwt' }
}
