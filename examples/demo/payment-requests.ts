import type { RequestIds, WebRequest } from './requests.ts'

const GATEWAY = { id: 'payment-gateway', type: 'service', authMethod: 'api-key' }

export function payOrder({ order }: RequestIds): WebRequest {
  return {
    orm: 'TypeORM',
    actor: GATEWAY,
    action: 'order.pay',
    path: `POST /webhooks/payments?order=${order}`,
    handle: ({ payments }) => payments.pay(order),
  }
}

export function payWithBadCard({ order, customer }: RequestIds): WebRequest {
  return {
    orm: 'TypeORM',
    actor: { id: `customer-${customer}`, type: 'user', authMethod: 'jwt' },
    action: 'order.pay',
    path: `POST /orders/${order}/payment`,
    handle: ({ payments }) => payments.payWithBadCard(order),
  }
}
