import { type AuditContext, runWithAuditContext } from '@indelible/core'
import type { Orm } from './orm.ts'
import type { Services } from './services.ts'

/** What happened to the order, who did it, and by which ORM. */
interface Stage extends AuditContext {
  readonly orm: Orm
  run(services: Services, orderId: number): Promise<unknown>
}

/** An order that went from the basket to the lorry, through many hands and all ORMs. */
export interface OrderStory {
  readonly orderId: number
  /** How often the order itself was written. */
  readonly stages: number
}

/** The correlation id of the request that corrected the order. The intruder will be after its entry. */
export const CORRECTION = 'desk-7003'

/** The correlation id of the request that shipped the order. */
export const DISPATCH = 'dispatch-7004'

const STAGES: readonly Stage[] = [
  {
    orm: 'TypeORM',
    actor: { id: 'payment-gateway', type: 'service' },
    action: 'order.pay',
    correlationId: 'payment-7002',
    run: ({ payments }, orderId) => payments.pay(orderId),
  },
  {
    orm: 'Prisma',
    actor: { id: 'mira.kaya', type: 'employee' },
    action: 'order.correct',
    correlationId: CORRECTION,
    run: correctOrder,
  },
  {
    orm: 'MikroORM',
    actor: { id: 'warehouse-3', type: 'service' },
    action: 'order.ship',
    correlationId: DISPATCH,
    run: async ({ warehouse }, orderId) => warehouse?.ship(orderId),
  },
  {
    orm: 'TypeORM',
    actor: { id: 'dpo', type: 'employee' },
    action: 'order.tidy',
    correlationId: 'privacy-7005',
    run: ({ payments }, orderId) => payments.eraseNote(orderId),
  },
]

/** Lets the order be placed with Prisma, and then paid, corrected, shipped and tidied by whoever does that in this shop. */
export async function tellOrderStory(services: Services): Promise<OrderStory> {
  const customer = { actor: { id: 'customer-7', type: 'user' }, action: 'order.place' }
  const { id } = await runWithAuditContext(
    { ...customer, correlationId: 'web-7001', metadata: { orm: 'Prisma' } },
    () => placeOrder(services),
  )
  const stages = STAGES.filter(({ orm }) => orm !== 'MikroORM' || services.warehouse !== undefined)
  for (const { orm, run, ...context } of stages) {
    await runWithAuditContext({ ...context, metadata: { orm } }, () => run(services, id))
  }
  return { orderId: id, stages: stages.length + 1 }
}

function placeOrder({ shop }: Services) {
  const lines = [
    { lineNo: 1, productId: 11, quantity: 2, unitPrice: '49.90' },
    { lineNo: 2, productId: 12, quantity: 1, unitPrice: '30.00' },
  ]
  return shop.order.create({ data: { customerId: 7, total: '129.80', lines: { create: lines } } })
}

async function correctOrder({ shop }: Services, id: number): Promise<void> {
  await shop.order.update({
    where: { id },
    data: {
      total: { decrement: 30 },
      note: 'second item out of stock, refunded',
      lines: { delete: { orderId_lineNo: { orderId: id, lineNo: 2 } } },
    },
  })
}
