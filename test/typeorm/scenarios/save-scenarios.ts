import type { DataSource, EntitySubscriberInterface } from 'typeorm'
import { exact, failureOf, makeProducts, productData, products } from '../support/scenario.ts'
import type { Product } from '../support/shop-entities.ts'

const everything: Omit<Product, 'id' | 'categoryId'> = {
  ...productData('save-types'),
  price: '12345678.90',
  stock: 3,
  ean: '9007199254740993',
  weight: 0.1,
  active: false,
  attributes: { size: 'l', nested: [1, null, 'ü'] },
  keywords: ['a "quoted" one', 'comma, brace}', ''],
  channels: ['APP', 'market_place'],
  picture: Buffer.from([0, 255, 39]),
  releasedAt: new Date('2020-02-29T12:34:56.789Z'),
}

const changingSubscriber: EntitySubscriberInterface<Product> = {
  listenTo: () => 'Product',
  beforeInsert: ({ entity }) => void Object.assign(entity, { name: 'changed on its way', stock: 41 }),
  beforeUpdate: ({ entity }) => void Object.assign(entity ?? {}, { stock: 42, keywords: ['changed'] }),
  afterInsert: async ({ manager }) => void (await manager.insert('Tag', { name: 'save-changing' })),
  beforeRemove: async ({ manager, entity }) =>
    void (await manager.update('Product', { id: entity?.id }, { stock: 43 })),
}

async function withSubscriber<Result>(
  { subscribers }: DataSource,
  subscriber: EntitySubscriberInterface,
  work: () => Promise<Result>,
): Promise<Result> {
  subscribers.push(subscriber)
  try {
    return await work()
  } finally {
    subscribers.splice(subscribers.indexOf(subscriber), 1)
  }
}

/** What `save`, `remove` and their kin do with one table. */
export const saveScenarios = [
  exact('save inserts a new entity', (db) => products(db).save(productData('save-new'))),
  exact('save inserts every type of column', (db) => products(db).save({ ...everything })),
  exact(
    'save updates the changed columns of a loaded entity',
    async (db) => {
      const product = await products(db).findOneByOrFail({ sku: 'save-changed' })
      return products(db).save({ ...product, stock: 5, attributes: { a: 1 }, ean: '7' })
    },
    makeProducts('save-changed'),
  ),
  exact(
    'save of a part of an entity changes that part',
    async (db) => {
      const { id } = await products(db).findOneByOrFail({ sku: 'save-part' })
      return products(db).save({ id, stock: 8 })
    },
    makeProducts('save-part'),
  ),
  exact(
    'save without a change writes nothing',
    async (db) => products(db).save(await products(db).findOneByOrFail({ sku: 'save-same' })),
    makeProducts('save-same'),
  ),
  exact(
    'save of a value equal in the database leaves no change',
    async (db) => {
      const product = await products(db).findOneByOrFail({ sku: 'save-equal' })
      return products(db).save({ ...product, price: '9.9' })
    },
    makeProducts('save-equal'),
  ),
  exact('save of many entities', (db) =>
    products(db).save(['save-m1', 'save-m2', 'save-m3'].map(productData)),
  ),
  exact('save in chunks', (db) =>
    products(db).save(['save-c1', 'save-c2', 'save-c3'].map(productData), { chunk: 1 }),
  ),
  exact('save without listeners', (db) => products(db).save(productData('save-nl'), { listeners: false })),
  exact('save without a transaction', (db) =>
    products(db).save(productData('save-nt'), { transaction: false }),
  ),
  exact('save without reload', (db) => products(db).save(productData('save-nr'), { reload: false })),
  exact('save with data for subscribers', (db) =>
    products(db).save(productData('save-d'), { data: { from: 'import' } }),
  ),
  exact(
    'save and remove beside a subscriber that changes the entity',
    (db) =>
      withSubscriber(db, changingSubscriber, async () => {
        const made = await products(db).save(productData('save-changing-1'))
        const product = await products(db).findOneByOrFail({ sku: 'save-changing-2' })
        const changed = await products(db).save({ ...product, name: 'changed by the application' })
        return [{ ...made }, { ...changed }, await products(db).remove(product)]
      }),
    makeProducts('save-changing-2'),
  ),
  exact('save of an entity that breaks a unique key', (db) =>
    failureOf(products(db).save(productData('save-new'))),
  ),
  exact('save of several entities of which the last fails writes none', (db) =>
    failureOf(products(db).save([productData('save-x1'), productData('save-new')])),
  ),
  exact('preload and save', async (db) => {
    const { id } = await products(db).findOneByOrFail({ sku: 'save-new' })
    const product = await products(db).preload({ id, name: 'Preloaded' })
    return product && products(db).save(product)
  }),
  exact('create and save', (db) => products(db).save(products(db).create(productData('save-created')))),
  exact(
    'remove of one entity',
    async (db) => products(db).remove(await products(db).findOneByOrFail({ sku: 'remove-1' })),
    makeProducts('remove-1'),
  ),
  exact(
    'remove of many entities',
    async (db) => products(db).remove(await products(db).findBy([{ sku: 'remove-2' }, { sku: 'remove-3' }])),
    makeProducts('remove-2', 'remove-3'),
  ),
  exact(
    'remove without listeners and transaction',
    async (db) => {
      const product = await products(db).findOneByOrFail({ sku: 'remove-4' })
      return products(db).remove(product, { listeners: false, transaction: false })
    },
    makeProducts('remove-4'),
  ),
]
