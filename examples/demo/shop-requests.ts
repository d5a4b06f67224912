import type { AuditActor } from '@indelible/core'
import { createPasswordHash } from './fill.ts'
import type { Random } from './random.ts'
import type { RequestIds, WebRequest } from './requests.ts'

export function checkOut({ customer, product }: RequestIds, random: Random): WebRequest {
  const quantity = random.between(1, 3)
  return {
    orm: 'Prisma',
    actor: user(customer),
    action: 'order.place',
    path: 'POST /orders',
    handle: ({ shop }) =>
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

export function changePhone({ customer }: RequestIds, random: Random): WebRequest {
  const phone = `+46 8 ${random.between(100_000, 999_999)}`
  return {
    orm: 'Prisma',
    actor: user(customer),
    action: 'profile.change',
    path: 'PATCH /me',
    handle: ({ shop }) =>
      shop.customer.update({
        where: { id: customer },
        data: {
          profile: { upsert: { create: { phone }, update: { phone, preferences: { newsletter: false } } } },
        },
      }),
  }
}

export function changePassword({ customer }: RequestIds, random: Random): WebRequest {
  const passwordHash = createPasswordHash(random)
  return {
    orm: 'Prisma',
    actor: user(customer),
    action: 'password.change',
    path: 'PUT /me/password',
    handle: ({ shop }) => shop.customer.update({ where: { id: customer }, data: { passwordHash } }),
  }
}

export function reviewProduct({ customer, product }: RequestIds, random: Random): WebRequest {
  const stars = random.between(1, 5)
  return {
    orm: 'Prisma',
    actor: user(customer),
    action: 'product.review',
    path: `PUT /products/${product}/review`,
    handle: ({ shop }) =>
      shop.review.upsert({
        where: { productId_customerId: { productId: product, customerId: customer } },
        create: { productId: product, customerId: customer, stars },
        update: { stars },
      }),
  }
}

export function relabelProduct({ product }: RequestIds): WebRequest {
  return {
    orm: 'Prisma',
    actor: { id: 'mira.kaya', type: 'employee', authMethod: 'sso' },
    action: 'product.relabel',
    path: `PUT /products/${product}/tags`,
    handle: ({ shop }) =>
      shop.product.update({
        where: { id: product },
        data: { keywords: { push: 'relabelled' }, tags: { set: [{ name: 'sale' }, { name: 'eco' }] } },
      }),
  }
}

/** Deletes the lines itself: rows that a foreign key takes along are not told one by one, only that it may have done so. */
export function cancelOrder({ order }: RequestIds): WebRequest {
  return {
    orm: 'Prisma',
    actor: { id: 'jonas.weber', type: 'employee', authMethod: 'sso' },
    action: 'order.cancel',
    path: `DELETE /orders/${order}`,
    handle: ({ shop }) =>
      shop.$transaction([
        shop.orderLine.deleteMany({ where: { orderId: order } }),
        shop.order.delete({ where: { id: order } }),
      ]),
  }
}

function user(customer: number): AuditActor {
  return { id: `customer-${customer}`, type: 'user', authMethod: 'jwt' }
}
