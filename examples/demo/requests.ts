import type { AuditActor } from '@indelible/core'
import type { Orm } from './orm.ts'
import { payOrder, payWithBadCard } from './payment-requests.ts'
import type { Random } from './random.ts'
import type { Services } from './services.ts'
import {
  cancelOrder,
  changePassword,
  changePhone,
  checkOut,
  relabelProduct,
  reviewProduct,
} from './shop-requests.ts'
import { loseParcel, restockProduct, shipOrder } from './warehouse-requests.ts'

/** One request to the shop, as a router would hand it over. */
export interface WebRequest {
  readonly orm: Orm
  readonly actor: AuditActor
  readonly action: string
  readonly path: string
  /** Writes with a plain ORM: nothing in here knows of the audit trail. */
  handle(services: Services): Promise<unknown>
}

/** What the requests are about. */
export interface ShopIds {
  readonly orders: readonly number[]
  readonly customers: readonly number[]
  readonly products: readonly number[]
}

/** What one request is about. */
export interface RequestIds {
  readonly order: number
  readonly customer: number
  readonly product: number
}

/** Makes a request of one kind. */
export type MakeRequest = (ids: RequestIds, random: Random) => WebRequest

type Kinds = readonly [MakeRequest, ...MakeRequest[]]

const OF_SHOP_AND_PAYMENTS: Kinds = [
  checkOut,
  checkOut,
  changePhone,
  changePassword,
  reviewProduct,
  relabelProduct,
  cancelOrder,
  payOrder,
  payOrder,
  payWithBadCard,
]
const ALL: Kinds = [...OF_SHOP_AND_PAYMENTS, shipOrder, shipOrder, restockProduct, restockProduct, loseParcel]

/** How the requests are planned. */
export interface RequestPlan {
  readonly random: Random
  /** Whether some are for the warehouse. */
  readonly ships: boolean
}

/**
 * Decides what the requests do. Each one is about another order, so that none finds its order gone; the products are few, so that
 * the ORMs meet on their rows.
 */
export function planRequests(
  { orders, customers, products }: ShopIds,
  { random, ships }: RequestPlan,
): WebRequest[] {
  const kinds = ships ? ALL : OF_SHOP_AND_PAYMENTS
  return random.sample(orders, orders.length).map((order, index) => {
    const customer = customers[index % customers.length] ?? 1
    const product = products[index % Math.min(products.length, 20)] ?? 1
    return random.pick(kinds)({ order, customer, product }, random)
  })
}
