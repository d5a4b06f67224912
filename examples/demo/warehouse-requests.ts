import type { Random } from './random.ts'
import type { RequestIds, WebRequest } from './requests.ts'

const PACKER = { id: 'warehouse-3', type: 'service', authMethod: 'mtls' }
const FORKLIFT = { id: 'forklift-2', type: 'device', authMethod: 'mtls' }

export function shipOrder({ order }: RequestIds): WebRequest {
  return {
    orm: 'MikroORM',
    actor: PACKER,
    action: 'order.ship',
    path: `POST /orders/${order}/shipment`,
    handle: async ({ warehouse }) => warehouse?.ship(order),
  }
}

export function loseParcel({ order }: RequestIds): WebRequest {
  return {
    orm: 'MikroORM',
    actor: PACKER,
    action: 'order.ship',
    path: `POST /orders/${order}/shipment`,
    handle: async ({ warehouse }) => warehouse?.shipAndLose(order),
  }
}

export function restockProduct({ product }: RequestIds, random: Random): WebRequest {
  const quantity = random.between(5, 50)
  return {
    orm: 'MikroORM',
    actor: FORKLIFT,
    action: 'product.restock',
    path: `POST /products/${product}/stock`,
    handle: async ({ warehouse }) => warehouse?.restock(product, quantity),
  }
}
