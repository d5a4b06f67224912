import type { Audit, NoteSigner } from '@indelible/core'
import { AuditSubscriber, auditOf } from '@indelible/mikro-orm'
import { EntityCaseNamingStrategy, MikroORM, raw } from '@mikro-orm/postgresql'
import { RolledBack } from './rolled-back.ts'
import { Order, OrderLine, Product, Shipment } from './warehouse-entities.ts'

/** Packs and ships: the part of the shop that is written with MikroORM. */
export interface Warehouse {
  readonly audit: Audit
  /** Puts all lines of an order into one parcel. */
  ship(orderId: number): Promise<void>
  /** Ships an order and finds, before the commit, that the parcel is lost. */
  shipAndLose(orderId: number): Promise<never>
  restock(productId: number, quantity: number): Promise<void>
  close(): Promise<void>
}

/** Opens the warehouse. The subscriber is all that an application adds. */
export async function openWarehouse(url: string, signer: NoteSigner): Promise<Warehouse> {
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: [Order, OrderLine, Product, Shipment],
    namingStrategy: EntityCaseNamingStrategy,
    subscribers: [new AuditSubscriber({ seal: { signer } })],
  })
  return {
    audit: auditOf(orm),
    ship: (orderId) => ship(orm.em.fork(), orderId),
    shipAndLose: (orderId) => shipAndLose(orm.em.fork(), orderId),
    restock: (productId, quantity) => restock(orm.em.fork(), { productId, quantity }),
    close: () => orm.close(),
  }
}

type EntityManager = MikroORM['em']

async function ship(em: EntityManager, orderId: number): Promise<void> {
  const order = await em.findOneOrFail(Order, orderId, { populate: ['lines'] })
  const shipment = em.create(Shipment, { order, carrier: 'Northpost', trackingCode: `NP-${orderId}` })
  order.status = 'SHIPPED'
  for (const line of order.lines) line.shipment = shipment
  await em.flush()
}

function shipAndLose(em: EntityManager, orderId: number): Promise<never> {
  return em.transactional(async (inner) => {
    await ship(inner, orderId)
    throw new RolledBack(`The parcel of order ${orderId} is lost.`)
  })
}

interface Delivery {
  readonly productId: number
  readonly quantity: number
}

async function restock(em: EntityManager, { productId, quantity }: Delivery): Promise<void> {
  await em.nativeUpdate(Product, productId, { stock: raw<number>('stock + ?', [quantity]) })
}
