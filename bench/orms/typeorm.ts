import { AuditSubscriber, auditOf } from '@indelible/typeorm'
import { Between, DataSource, type EntityManager } from 'typeorm'
import {
  CustomerSchema,
  OrderSchema,
  ProductSchema,
  shopEntities,
} from '../../test/typeorm/support/shop-entities.ts'
import {
  auditOptionsOf,
  type BenchOrm,
  type Calls,
  type OrmClient,
  sessions,
  type Turn,
} from '../bench-orm.ts'
import {
  changes,
  knownProduct,
  newProduct,
  newProducts,
  ownCustomer,
  ownProduct,
  ownProducts,
} from '../shop-data.ts'

/** TypeORM as it comes. */
export const typeorm: BenchOrm = {
  name: 'typeorm',
  title: 'TypeORM',
  variants: ['plain', 'audited', 'audited unnamed', 'sealing'],
  open,
}

async function open(...[variant, { url }]: Parameters<BenchOrm['open']>): Promise<OrmClient> {
  const options = auditOptionsOf(variant)
  const dataSource = new DataSource({
    type: 'postgres',
    url,
    entities: shopEntities,
    installExtensions: false,
    poolSize: sessions,
    extra: { idleTimeoutMillis: 0 },
    subscribers: options === undefined ? [] : [AuditSubscriber.with(options)],
  })
  await dataSource.initialize()
  return {
    calls: callsOf(dataSource.manager),
    audit: options === undefined ? undefined : auditOf(dataSource),
    close: () => dataSource.destroy(),
  }
}

function callsOf(manager: EntityManager): Calls {
  const products = manager.getRepository(ProductSchema)
  return {
    read: (turn) => products.findOneBy({ id: ownProduct(turn) }),
    insert: (turn) => products.insert(newProduct(turn)),
    update: (turn) => products.update(ownProduct(turn), changes(turn)),
    upsert: (turn) => products.upsert(knownProduct(turn), ['sku']),
    remove: ({ spare }) => products.delete(spare),
    save: async (turn) => {
      const product = await products.findOneByOrFail({ id: ownProduct(turn) })
      return await products.save(Object.assign(product, changes(turn)))
    },
    transaction: (turn) => manager.transaction((tx) => placeOrder(tx, turn)),
    insertMany: (turn) => products.insert(newProducts(turn)),
    updateMany: (turn) =>
      products.update({ id: Between(...ownProducts(turn)) }, { stock: () => 'stock + 1', active: false }),
  }
}

async function placeOrder(tx: EntityManager, turn: Turn): Promise<void> {
  const [id, customerId] = [ownProduct(turn), ownCustomer(turn)]
  const { identifiers } = await tx.insert(OrderSchema, { customerId, total: '12.5' })
  await tx.decrement(ProductSchema, { id }, 'stock', 1)
  await tx.update(ProductSchema, id, { price: `${turn.number % 100}` })
  await tx.update(CustomerSchema, customerId, { vip: turn.number % 2 === 0 })
  await tx.update(OrderSchema, { id: identifiers[0]?.['id'] }, { status: 'PAID', note: 'paid' })
}
