import type { DataSource } from 'typeorm'
import type { Document } from '../support/feature-entities.ts'
import { exact, failureOf, makeProducts, productData, products } from '../support/scenario.ts'
import type { Order, Tag } from '../support/shop-entities.ts'

async function productAndTags(db: DataSource, sku: string) {
  const tags = await db.getRepository<Tag>('Tag').save(['1', '2', '3'].map((n) => ({ name: `${sku}-${n}` })))
  await products(db).insert(productData(sku))
  return tags
}

const withTags = (db: DataSource, sku: string) =>
  products(db).findOneOrFail({ where: { sku }, relations: { tags: true }, order: { tags: { id: 'ASC' } } })

const tagsOf = (db: DataSource, sku: string) =>
  db
    .getRepository<Tag>('Tag')
    .createQueryBuilder('t')
    .where('t.name like :like', { like: `${sku}-%` })
    .orderBy('t.id')
    .getMany()

const relation = (db: DataSource, name: string) => db.createQueryBuilder().relation('Product', name)

const documentGraph = {
  id: '00000000-0000-4000-8000-000000000100',
  title: 'Graph',
  author: { name: 'Ada', home: {} },
  pages: [
    { number: 1, notes: [{ text: 'n1', topics: [{ name: 't1' }, { name: 't2' }] }, { text: 'n2' }] },
    { number: 2 },
  ],
}

const loadGraph = (db: DataSource) =>
  db.getRepository<Document>('Document').findOneOrFail({
    where: { title: 'Graph' },
    relations: { pages: { notes: { topics: true } } },
    order: { pages: { id: 'ASC', notes: { id: 'ASC', topics: { id: 'ASC' } } } },
  })

const orders = (db: DataSource) => db.getRepository<Order>('Order')

async function makeOrder(db: DataSource) {
  const { identifiers } = await db.getRepository('Customer').insert({
    email: 'rel@example.com',
    name: 'Rel',
    passwordHash: 'x',
    updatedAt: new Date('2024-01-01T00:00:00Z'),
  })
  await products(db).insert(productData('rel-line'))
  const { id } = await products(db).findOneByOrFail({ sku: 'rel-line' })
  const line = { productId: id, unitPrice: '2.50' }
  const lines = [
    { ...line, lineNo: 1, quantity: 2 },
    { ...line, lineNo: 2, quantity: 4 },
  ]
  return orders(db).save({ customerId: identifiers[0]?.['id'], note: 'rel', lines })
}

const loadOrder = (db: DataSource) =>
  orders(db).findOneOrFail({
    where: { note: 'rel' },
    relations: { lines: true },
    order: { lines: { lineNo: 'ASC' } },
  })

/** Relations of every kind, by cascades and by hand. */
export const relationScenarios = [
  exact(
    'many-to-many: save of a new list',
    async (db) => {
      const product = await withTags(db, 'm2m')
      return products(db).save({ ...product, tags: (await tagsOf(db, 'm2m')).slice(0, 2) })
    },
    (db) => productAndTags(db, 'm2m'),
  ),
  exact('many-to-many: save of a changed list, with a new tag', async (db) => {
    const product = await withTags(db, 'm2m')
    const [first] = product.tags ?? []
    return products(db).save({ ...product, tags: [...(first ? [first] : []), { name: 'm2m-4' } as Tag] })
  }),
  exact('many-to-many: save of an empty list', async (db) =>
    products(db).save({ ...(await withTags(db, 'm2m')), tags: [] }),
  ),
  exact('many-to-many: relation().add, addAndRemove, remove', async (db) => {
    const { id } = await products(db).findOneByOrFail({ sku: 'm2m' })
    const tags = (await tagsOf(db, 'm2m')).map((tag) => tag.id)
    await relation(db, 'tags').of(id).add(tags.slice(0, 2))
    await relation(db, 'tags').of(id).addAndRemove(tags.slice(2, 3), tags.slice(0, 1))
    await relation(db, 'tags').of(id).remove(tags.slice(1, 3))
    return withTags(db, 'm2m')
  }),
  exact('many-to-many: a pair that exists', async (db) => {
    const { id } = await products(db).findOneByOrFail({ sku: 'm2m' })
    const [tag] = await tagsOf(db, 'm2m')
    await relation(db, 'tags').of(id).add(tag?.id)
    return failureOf(relation(db, 'tags').of(id).add(tag?.id))
  }),
  exact('remove of an entity with many-to-many rows', async (db) =>
    products(db).remove(await withTags(db, 'm2m')),
  ),
  exact(
    'delete that foreign keys carry on to join rows',
    (db) => products(db).delete({ sku: 'm2m-db' }),
    async (db) => {
      const tags = await productAndTags(db, 'm2m-db')
      await products(db).save({ ...(await withTags(db, 'm2m-db')), tags })
    },
  ),
  exact(
    'many-to-one: relation().set and unset',
    async (db) => {
      const { id } = await products(db).findOneByOrFail({ sku: 'm2o' })
      const { identifiers } = await db.getRepository('Category').insert({ slug: 'm2o', name: 'M' })
      await relation(db, 'category').of(id).set(identifiers[0])
      const set = await products(db).findOneBy({ id })
      await relation(db, 'category').of(id).set(null)
      return [set, await products(db).findOneBy({ id })]
    },
    makeProducts('m2o'),
  ),
  exact('one-to-many: save of a graph of four levels', (db) =>
    db.getRepository('Document').save(structuredClone(documentGraph)),
  ),
  exact('one-to-many: save of a changed graph', async (db) => {
    const document = await loadGraph(db)
    const [first, second] = document.pages ?? []
    if (first === undefined || second === undefined) throw new Error('no pages')
    first.number = 10
    first.notes = [...(first.notes ?? []).slice(0, 1), { text: 'n3' } as never]
    second.notes = [{ text: 'n4', topics: [{ name: 't3' }] } as never]
    return db.getRepository<Document>('Document').save(document)
  }),
  exact('one-to-many: what was taken off the list is deleted, or loses its parent', async (db) => {
    const document = await loadGraph(db)
    const [first] = document.pages ?? []
    if (first === undefined) throw new Error('no page')
    first.notes = []
    document.pages = [first]
    return db.getRepository<Document>('Document').save(document)
  }),
  exact('one-to-many: relation().add and remove', async (db) => {
    const { id } = await db.getRepository<Document>('Document').findOneByOrFail({ title: 'Graph' })
    const { identifiers } = await db.getRepository('Page').insert({ number: 3 })
    const pages = db.createQueryBuilder().relation('Document', 'pages').of(id)
    await pages.add(identifiers[0])
    await pages.remove(identifiers[0])
  }),
  exact('one-to-many: save of an order with lines, whose key has two columns', makeOrder),
  exact('one-to-many: a changed line, a new one and one taken off', async (db) => {
    const order = await loadOrder(db)
    const [first] = order.lines ?? []
    if (first === undefined) throw new Error('no line')
    order.lines = [
      { ...first, quantity: 3 },
      { productId: first.productId, lineNo: 3, quantity: 1, unitPrice: '1' } as never,
    ]
    return orders(db).save(order)
  }),
  exact('delete by a composite key', (db) => db.getRepository('OrderLine').delete({ lineNo: 3 })),
  exact('remove of an order whose lines the database deletes', async (db) =>
    orders(db).remove(await orders(db).findOneByOrFail({ note: 'rel' })),
  ),
  exact('remove of a loaded graph deletes what cascades in TypeORM', async (db) =>
    db.getRepository<Document>('Document').remove(await loadGraph(db)),
  ),
]
