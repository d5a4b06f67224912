import type { Audit, NoteSigner } from '@indelible/core'
import { AuditSubscriber, auditOf } from '@indelible/typeorm'
import { DataSource, EntitySchema, LessThan } from 'typeorm'
import { RolledBack } from './rolled-back.ts'

/** Takes the money: the part of the shop that is written with TypeORM. */
export interface Payments {
  readonly audit: Audit
  pay(orderId: number): Promise<void>
  /** Marks the order as paid, in a transaction that the card company then refuses. */
  payWithBadCard(orderId: number): Promise<never>
  /** Notes on every order that is older than so many days and not paid that its customer was reminded. */
  remind(days: number): Promise<void>
  /** Erases what was noted about an order. */
  eraseNote(orderId: number): Promise<void>
  close(): Promise<void>
}

interface Order {
  id: number
  status: string
  note: string | null
  placedAt: Date
  paidAt: Date | null
}

const OrderSchema = new EntitySchema<Order>({
  name: 'Order',
  tableName: 'Order',
  columns: {
    id: { type: 'int', primary: true, generated: true },
    status: { type: 'enum', enum: ['NEW', 'PAID', 'SHIPPED', 'CANCELLED'], enumName: 'order_status' },
    note: { type: 'text', nullable: true },
    placedAt: { type: 'timestamptz' },
    paidAt: { type: 'timestamptz', nullable: true },
  },
})

/** Opens the payments. The subscriber is all that an application adds. */
export async function openPayments(url: string, signer: NoteSigner): Promise<Payments> {
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: [OrderSchema],
    subscribers: [AuditSubscriber.with({ seal: { signer } })],
  })
  await dataSource.initialize()
  return {
    audit: auditOf(dataSource),
    pay: (orderId) => pay(dataSource, orderId),
    payWithBadCard: (orderId) => payWithBadCard(dataSource, orderId),
    remind: (days) => remind(dataSource, days),
    eraseNote: (orderId) => eraseNote(dataSource, orderId),
    close: () => dataSource.destroy(),
  }
}

async function pay(dataSource: DataSource, id: number): Promise<void> {
  const orders = dataSource.getRepository(OrderSchema)
  const order = await orders.findOneOrFail({ select: { id: true, status: true }, where: { id } })
  order.status = 'PAID'
  order.paidAt = new Date()
  await orders.save(order)
}

function payWithBadCard(dataSource: DataSource, id: number): Promise<never> {
  return dataSource.transaction(async (manager) => {
    await manager.update(OrderSchema, { id }, { status: 'PAID', paidAt: new Date() })
    throw new RolledBack(`The card for order ${id} was declined.`)
  })
}

async function remind(dataSource: DataSource, days: number): Promise<void> {
  const placedAt = LessThan(new Date(Date.now() - days * 24 * 60 * 60 * 1000))
  const note = `reminded after ${days} days`
  await dataSource.getRepository(OrderSchema).update({ status: 'NEW', placedAt }, { note })
}

async function eraseNote(dataSource: DataSource, id: number): Promise<void> {
  await dataSource
    .createQueryBuilder()
    .update(OrderSchema)
    .set({ note: null })
    .where('id = :id', { id })
    .execute()
}
