import { type MikroORM, raw, wrap } from '@mikro-orm/postgresql'
import { exactly } from '../../../conformance/scenario-lists.ts'
import {
  Category,
  Customer,
  CustomerProfile,
  Order,
  OrderLine,
  Product,
  Review,
  Shipment,
  Tag,
} from '../shop-entities.ts'
import { customerData, findProduct, insertOrder, insertProduct, productData } from './rows.ts'

/** What a flush does with entities. */
export const flushScenarios = exactly<MikroORM>(
  [
    'flush: create one',
    async (orm) => {
      const em = orm.em.fork()
      const made = em.create(Customer, customerData('flush-one'))
      await em.flush()
      return wrap(made).toObject()
    },
  ],
  [
    'flush: create many in one statement',
    async (orm) => {
      const em = orm.em.fork()
      const tags = [1, 2, 3].map((n) => em.create(Tag, { name: `flush-many-${n}` }))
      await em.flush()
      return tags.map(({ id }) => id)
    },
  ],
  [
    'flush: create in batches',
    async (orm) => {
      const em = orm.em.fork()
      for (let n = 0; n < 320; n += 1) em.create(Tag, { name: `flush-batch-${n}` })
      await em.flush()
    },
  ],
  [
    'flush: every type',
    async (orm) => {
      const em = orm.em.fork()
      const made = em.create(Product, {
        ...productData('flush-types'),
        price: '12345678.90',
        ean: '9007199254740993',
        weight: 1.1,
        attributes: { a: 1.5, n: null, text: "it's ? RETURNING $1 'WHERE' -- \\" },
        keywords: ['a', '', 'b,"c"'],
        channels: ['APP', 'market_place'],
        picture: Buffer.from([0, 255, 39]),
        releasedAt: new Date('2026-01-02T03:04:05.678Z'),
      })
      await em.flush()
      const { picture, ...read } = wrap(await findProduct(orm.em.fork(), 'flush-types')).toObject()
      return [wrap(made).toObject(), read, picture?.toString('hex')]
    },
  ],
  [
    'flush: a text full of SQL',
    async (orm) => {
      const em = orm.em.fork()
      const name = "'; delete from \"Tag\"; -- /* $1 ? :x \\' E'\\\\' $$ returning * where"
      const made = em.create(Customer, { ...customerData('flush-sql'), name })
      await em.flush()
      made.name = `${name} \u{1f600}\n`
      await em.flush()
      return (await orm.em.fork().findOneOrFail(Customer, made.id)).name
    },
  ],
  [
    'flush: a graph, persisted through its relations',
    async (orm) => {
      const em = orm.em.fork()
      const customer = em.create(Customer, {
        ...customerData('flush-graph'),
        referredBy: customerData('flush-friend'),
      })
      em.create(CustomerProfile, {
        customer,
        phone: '1',
        iban: 'DE02',
        birthday: '2000-02-29',
        avatar: Buffer.from('x'),
      })
      const order = em.create(Order, { customer, lines: [] })
      const product = em.create(Product, {
        ...productData('flush-graph'),
        tags: [em.create(Tag, { name: 'flush-graph' })],
      })
      order.lines.add(em.create(OrderLine, { order, lineNo: 1, product, quantity: 2, unitPrice: '1.25' }))
      await em.flush()
      return [customer.id, order.id, order.lines[0]?.lineTotal]
    },
  ],
  [
    'flush: keys and columns that the database makes',
    async (orm) => {
      const em = orm.em.fork()
      const order = await em.findOneOrFail(Order, { customer: { name: 'flush-made' } })
      const shipment = em.create(Shipment, { order, carrier: 'DHL' })
      await em.flush()
      return [shipment.id.length, shipment.shippedAt]
    },
    (orm) => insertOrder(orm, 'flush-made'),
  ],
  [
    'flush: update what was loaded',
    async (orm) => {
      const em = orm.em.fork()
      const product = await findProduct(em, 'flush-update')
      em.assign(product, { name: 'Lamp', stock: 7, active: false, attributes: { a: [1] }, keywords: ['x'] })
      await em.flush()
      return wrap(product).toObject()
    },
    (orm) => insertProduct(orm, 'flush-update'),
  ],
  [
    'flush: a loaded graph, changed at every level',
    async (orm) => {
      const em = orm.em.fork()
      const order = await em.findOneOrFail(
        Order,
        { customer: { name: 'flush-nested' } },
        { populate: ['customer', 'lines.product'], orderBy: { lines: { lineNo: 1 } } },
      )
      em.assign(order, { status: 'PAID', note: 'nested' })
      em.assign(order.customer, { vip: true, name: 'flush-nested!' })
      for (const line of order.lines) {
        line.quantity += 10
        line.product.stock = 3
      }
      await em.flush()
      return order.lines.map(({ lineNo, quantity, product }) => [lineNo, quantity, product.stock])
    },
    (orm) => insertOrder(orm, 'flush-nested'),
  ],
  [
    'flush: nothing changed',
    async (orm) => {
      const em = orm.em.fork()
      const product = await findProduct(em, 'flush-update')
      product.name = `${product.name}`
      await em.flush()
    },
  ],
  [
    'flush: update many in one statement of CASE',
    async (orm) => {
      const em = orm.em.fork()
      const tags = await em.find(Tag, { name: { $like: 'flush-many-%' } }, { orderBy: { id: 1 } })
      for (const tag of tags) tag.name += '!'
      await em.flush()
      return tags.map(({ name }) => name)
    },
  ],
  [
    'flush: update through a reference that was never loaded',
    async (orm) => {
      const { id } = await findProduct(orm.em.fork(), 'flush-update')
      const em = orm.em.fork()
      em.getReference(Product, id).stock = 70
      await em.flush()
    },
  ],
  [
    'flush: update of what is not there any more',
    async (orm) => {
      const em = orm.em.fork()
      em.getReference(Product, 987_654).stock = 70
      await em.flush()
    },
  ],
  [
    'flush: a property computed by SQL',
    async (orm) => {
      const em = orm.em.fork()
      const product = await findProduct(em, 'flush-update')
      product.stock = raw<number>('stock + ?', [5])
      await em.flush()
      return product.stock
    },
  ],
  [
    'flush: create with a value computed by SQL',
    async (orm) => {
      const em = orm.em.fork()
      const made = em.create(Product, { ...productData('flush-raw'), stock: raw<number>('1 + ?', [41]) })
      await em.flush()
      return made.stock
    },
  ],
  [
    'flush: remove one and many',
    async (orm) => {
      const em = orm.em.fork()
      const tags = await em.find(Tag, { name: { $like: 'flush-batch-%' } }, { orderBy: { id: 1 }, limit: 3 })
      await em.remove(tags).flush()
      const [one] = await em.find(Tag, { name: { $like: 'flush-batch-%' } }, { orderBy: { id: 1 }, limit: 1 })
      if (one !== undefined) await em.remove(one).flush()
      return tags.map(({ name }) => name)
    },
  ],
  [
    'flush: remove by reference',
    async (orm) => {
      const { id } = await orm.em.fork().findOneOrFail(Tag, { name: 'flush-many-1!' })
      const em = orm.em.fork()
      await em.remove(em.getReference(Tag, id)).flush()
    },
  ],
  [
    'flush: create, update and remove together',
    async (orm) => {
      const em = orm.em.fork()
      const [first, second] = await em.find(Tag, { name: { $like: 'flush-many-%' } }, { orderBy: { id: 1 } })
      em.create(Tag, { name: 'flush-mixed' })
      if (first !== undefined) first.name = 'flush-mixed-too'
      if (second !== undefined) em.remove(second)
      await em.flush()
    },
  ],
  [
    'flush: many to many, added, replaced and emptied',
    async (orm) => {
      const em = orm.em.fork()
      const product = await em.findOneOrFail(Product, { sku: 'flush-graph' }, { populate: ['tags'] })
      const [one, two] = ['flush-pivot-1', 'flush-pivot-2'].map((name) => em.create(Tag, { name }))
      if (one === undefined || two === undefined) return
      product.tags.add(one, two)
      await em.flush()
      product.tags.set([two])
      await em.flush()
      product.tags.removeAll()
      await em.flush()
    },
  ],
  [
    'flush: many to many from the other side',
    async (orm) => {
      const em = orm.em.fork()
      const tag = await em.findOneOrFail(Tag, { name: 'flush-pivot-1' }, { populate: ['products'] })
      tag.products.add(await findProduct(em, 'flush-graph'))
      await em.flush()
      tag.products.removeAll()
      await em.flush()
    },
  ],
  [
    'flush: orphans are removed',
    async (orm) => {
      const em = orm.em.fork()
      const order = await em.findOneOrFail(
        Order,
        { customer: { name: 'flush-orphan' } },
        { populate: ['lines'] },
      )
      const [line] = order.lines
      if (line !== undefined) order.lines.remove(line)
      await em.flush()
      return order.lines.length
    },
    (orm) => insertOrder(orm, 'flush-orphan'),
  ],
  [
    'flush: a row of a composite key',
    async (orm) => {
      const order = await orm.em.fork().findOneOrFail(Order, { customer: { name: 'flush-orphan' } })
      const em = orm.em.fork()
      const line = await em.findOneOrFail(OrderLine, { order: order.id, lineNo: 2 })
      line.quantity = 9
      await em.flush()
      const { lineTotal } = line
      await em.remove(line).flush()
      return lineTotal
    },
  ],
  [
    'flush: self references, in a circle',
    async (orm) => {
      const em = orm.em.fork()
      const root = em.create(Category, { slug: 'flush-root', name: 'Root' })
      const leaf = em.create(Category, { slug: 'flush-leaf', name: 'Leaf', parent: root })
      await em.flush()
      root.parent = leaf
      await em.flush()
      root.parent = null
      await em.flush()
      return wrap(leaf).toObject()
    },
  ],
  [
    'flush: parent and children removed by the ORM, the tree by the database',
    async (orm) => {
      const em = orm.em.fork()
      await em.remove(await em.findOneOrFail(Category, { slug: 'flush-root' })).flush()
    },
  ],
  [
    'flush: a parent whose children the database removes',
    async (orm) => {
      const em = orm.em.fork()
      await em.remove(await em.findOneOrFail(Order, { customer: { name: 'flush-cascade' } })).flush()
    },
    (orm) => insertOrder(orm, 'flush-cascade'),
  ],
  [
    'flush: bigint key',
    async (orm) => {
      const em = orm.em.fork()
      const [product, customer] = [
        await findProduct(em, 'flush-update'),
        await em.findOneOrFail(Customer, { name: 'flush-one' }),
      ]
      const review = em.create(Review, { product, customer, stars: 5 })
      await em.flush()
      review.text = 'good'
      await em.flush()
      return review.id
    },
  ],
  [
    'flush: em.persist of several forks, one after another',
    async (orm) => {
      const [a, b] = [orm.em.fork(), orm.em.fork()]
      const tag = a.create(Tag, { name: 'fork-a' })
      b.create(Tag, { name: 'fork-b' })
      await a.flush()
      await b.flush()
      const managed = b.merge(Tag, { id: tag.id, name: 'fork-a' })
      managed.name = 'fork-merged'
      await b.flush()
    },
  ],
  [
    'flush: hooks that change the entity on its way',
    async (orm) => {
      const em = orm.em.fork({ freshEventManager: true })
      em.getEventManager().registerSubscriber({
        getSubscribedEntities: () => [Tag],
        beforeCreate: ({ entity }) => {
          Object.assign(entity, { name: 'hooked' })
        },
      })
      em.create(Tag, { name: 'unhooked' })
      await em.flush()
      return em.count(Tag, { name: 'hooked' })
    },
  ],
)
