import { type MikroORM, raw, wrap } from '@mikro-orm/postgresql'
import { exactly } from '../../../conformance/scenario-lists.ts'
import { ListPrice, Order, OrderLine, Product, Tag } from '../shop-entities.ts'
import { insertOrder, insertProduct, productData } from './rows.ts'

/** The methods of the entity manager that write at once, without a flush or a transaction. */
export const nativeScenarios = exactly<MikroORM>(
  ['em.insert', (orm) => orm.em.fork().insert(Product, productData('native-1'))],
  [
    'em.insert of an entity',
    (orm) => {
      const em = orm.em.fork()
      const made = em.create(Tag, { name: 'native-entity' }, { persist: false })
      return em.insert(made)
    },
  ],
  [
    'em.insertMany',
    (orm) =>
      orm.em.fork().insertMany(
        Product,
        [1, 2, 3].map((n) => productData(`native-many-${n}`)),
      ),
  ],
  [
    'em.insertMany with different columns',
    (orm) =>
      orm.em.fork().insertMany(Product, [
        { ...productData('native-mixed-1'), stock: 3 },
        { ...productData('native-mixed-2'), ean: '12' },
      ]),
  ],
  [
    'em.nativeUpdate',
    (orm) =>
      orm.em.fork().nativeUpdate(Product, { sku: { $like: 'native-many-%' } }, { stock: 4, name: 'Same' }),
  ],
  [
    'em.nativeUpdate that changes nothing',
    (orm) => orm.em.fork().nativeUpdate(Product, { name: 'Same' }, { name: 'Same' }),
  ],
  [
    'em.nativeUpdate of no row',
    (orm) => orm.em.fork().nativeUpdate(Product, { sku: 'nobody' }, { name: 'x' }),
  ],
  [
    'em.nativeUpdate with SQL',
    (orm) => orm.em.fork().nativeUpdate(Product, { name: 'Same' }, { stock: raw<number>('stock * ?', [2]) }),
  ],
  [
    'em.nativeUpdate by a condition on a relation',
    (orm) =>
      orm.em
        .fork()
        .nativeUpdate(OrderLine, { order: { customer: { name: 'native-join' } } }, { quantity: 5 }),
    (orm) => insertOrder(orm, 'native-join'),
  ],
  ['em.nativeUpdate of a key', (orm) => orm.em.fork().nativeUpdate(OrderLine, { lineNo: 2 }, { lineNo: 22 })],
  [
    'em.nativeDelete',
    (orm) => orm.em.fork().nativeDelete(Product, { sku: { $in: ['native-many-1', 'nobody'] } }),
  ],
  [
    'em.nativeDelete by a condition on a relation',
    (orm) => orm.em.fork().nativeDelete(OrderLine, { order: { customer: { name: 'native-join' } } }),
  ],
  [
    'em.nativeDelete of a parent whose children the database removes',
    (orm) => orm.em.fork().nativeDelete(Order, { customer: { name: 'native-cascade' } }),
    (orm) => insertOrder(orm, 'native-cascade'),
  ],
  [
    'em.upsert: inserts, then updates',
    async (orm) => {
      const em = orm.em.fork()
      const made = await em.upsert(Product, { ...productData('native-upsert'), stock: 1 })
      const again = await orm.em.fork().upsert(Product, { ...productData('native-upsert'), stock: 2 })
      return [made.id === again.id, again.stock]
    },
  ],
  [
    'em.upsert of a managed entity',
    async (orm) => {
      const em = orm.em.fork()
      const made = em.create(Tag, { name: 'native-upsert' }, { persist: false })
      await em.upsert(made)
      return wrap(made).toObject()
    },
  ],
  [
    'em.upsert that ignores what is there',
    async (orm) => {
      const data = { ...productData('native-upsert'), stock: 99 }
      const read = await orm.em
        .fork()
        .upsert(Product, data, { onConflictAction: 'ignore', onConflictFields: ['sku'] })
      return read.stock
    },
  ],
  [
    'em.upsert with a condition',
    async (orm) => {
      const data = { ...productData('native-upsert'), stock: 50 }
      const upsert = (stock: number) =>
        orm.em
          .fork()
          .upsert(Product, data, { onConflictFields: ['sku'], onConflictWhere: { stock: { $lt: stock } } })
      return [(await upsert(1)).stock, (await upsert(10)).stock]
    },
  ],
  [
    'em.upsertMany: some are there, some are not',
    async (orm) => {
      const rows = ['native-upsert', 'native-upsert-2', 'native-upsert-3'].map((sku, n) => ({
        ...productData(sku),
        stock: n,
      }))
      return (await orm.em.fork().upsertMany(Product, rows)).map(({ sku, stock }) => [sku, stock])
    },
  ],
  [
    'em.upsertMany with merged fields',
    async (orm) => {
      const rows = ['native-upsert', 'native-upsert-4'].map((sku) => ({
        ...productData(sku),
        name: 'x',
        stock: 8,
      }))
      const read = await orm.em
        .fork()
        .upsertMany(Product, rows, { onConflictFields: ['sku'], onConflictMergeFields: ['stock'] })
      return read.map(({ name, stock }) => [name, stock])
    },
  ],
  [
    'em.upsert on a table without primary key',
    async (orm) => {
      const product = await orm.em.fork().findOneOrFail(Product, { sku: 'native-keyless' })
      const upsert = (amount: string) => orm.em.fork().upsert(ListPrice, { product, currency: 'EUR', amount })
      return [(await upsert('1.50')).amount, (await upsert('2.50')).amount]
    },
    (orm) => insertProduct(orm, 'native-keyless'),
  ],
  [
    'em.count and em.find write nothing',
    async (orm) => [
      await orm.em.fork().count(Product),
      (await orm.em.fork().findAll(Tag, { limit: 2 })).length,
    ],
  ],
)
