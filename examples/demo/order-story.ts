import { type AuditActor, runWithAuditContext } from '@indelible/prisma'
import type { Shop } from './open-shop.ts'

/** Takes one order from the basket to the lorry, through five hands. Returns its id, to look up its trail. */
export async function tellOrderStory(shop: Shop): Promise<number> {
  const order = await as({ id: 'customer-7', type: 'user' }, 'order.place', () =>
    shop.order.create({
      data: {
        customerId: 7,
        total: '129.80',
        lines: {
          create: [
            { lineNo: 1, productId: 11, quantity: 2, unitPrice: '49.90' },
            { lineNo: 2, productId: 12, quantity: 1, unitPrice: '30.00' },
          ],
        },
      },
    }),
  )
  const where = { id: order.id }
  await as({ id: 'payment-gateway', type: 'service' }, 'order.pay', () =>
    shop.order.update({ where, data: { status: 'PAID', paidAt: new Date() } }),
  )
  await as({ id: 'mira.kaya', type: 'employee' }, 'order.correct', () =>
    shop.order.update({
      where,
      data: {
        total: { decrement: 30 },
        note: 'second item out of stock, refunded',
        lines: { delete: { orderId_lineNo: { orderId: order.id, lineNo: 2 } } },
      },
    }),
  )
  await as({ id: 'warehouse-3', type: 'service' }, 'order.ship', () =>
    shop.order.update({
      where,
      data: {
        status: 'SHIPPED',
        shipments: { create: { carrier: 'Northpost', trackingCode: `NP-${order.id}` } },
      },
    }),
  )
  await as({ id: 'dpo', type: 'employee' }, 'order.tidy', () =>
    shop.order.updateMany({ where: { status: 'SHIPPED' }, data: { note: null } }),
  )
  return order.id
}

function as<Value>(actor: AuditActor, action: string, work: () => PromiseLike<Value>): Promise<Value> {
  return runWithAuditContext({ actor, action, correlationId: `story-${action}` }, work)
}
