import { AuditSubscriber, auditOf } from '@indelible/mikro-orm'
import { EntityCaseNamingStrategy, MikroORM, raw, type SqlEntityManager } from '@mikro-orm/postgresql'
import { Customer, Order, Product, shopEntities } from '../../test/mikro-orm/support/shop-entities.ts'
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

/** MikroORM as it comes. It writes values into its texts, so that none of its statements can be named. */
export const mikroOrm: BenchOrm = {
  name: 'mikro-orm',
  title: 'MikroORM',
  variants: ['plain', 'audited', 'sealing'],
  open,
}

async function open(...[variant, { url }]: Parameters<BenchOrm['open']>): Promise<OrmClient> {
  const options = auditOptionsOf(variant)
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: shopEntities,
    namingStrategy: EntityCaseNamingStrategy,
    pool: { max: sessions, idleTimeoutMillis: 0 },
    subscribers: options === undefined ? [] : [new AuditSubscriber(options)],
  })
  return {
    calls: callsOf(() => orm.em.fork()),
    audit: options === undefined ? undefined : auditOf(orm),
    close: () => orm.close(true),
  }
}

/** Every call has an entity manager of its own, as every request of an application has. */
function callsOf(fork: () => SqlEntityManager): Calls {
  return {
    read: (turn) => fork().findOne(Product, ownProduct(turn)),
    insert: (turn) => fork().insert(Product, newProduct(turn)),
    update: (turn) => fork().nativeUpdate(Product, ownProduct(turn), changes(turn)),
    upsert: (turn) => fork().upsert(Product, knownProduct(turn), { onConflictFields: ['sku'] }),
    remove: ({ spare }) => fork().nativeDelete(Product, spare),
    save: async (turn) => {
      const em = fork()
      Object.assign(await em.findOneOrFail(Product, ownProduct(turn)), changes(turn))
      return await em.flush()
    },
    transaction: (turn) => fork().transactional((em) => placeOrder(em, turn)),
    insertMany: (turn) => fork().insertMany(Product, newProducts(turn)),
    updateMany: (turn) => {
      const [$gte, $lte] = ownProducts(turn)
      const data = { stock: raw<number>('stock + 1'), active: false }
      return fork().nativeUpdate(Product, { id: { $gte, $lte } }, data)
    },
  }
}

async function placeOrder(em: SqlEntityManager, turn: Turn): Promise<void> {
  const [id, customer] = [ownProduct(turn), ownCustomer(turn)]
  const order = await em.insert(Order, { customer, total: '12.5' })
  await em.nativeUpdate(Product, id, { stock: raw<number>('stock - 1') })
  await em.nativeUpdate(Product, id, { price: `${turn.number % 100}` })
  await em.nativeUpdate(Customer, customer, { vip: turn.number % 2 === 0 })
  await em.nativeUpdate(Order, order, { status: 'PAID', note: 'paid' })
}
