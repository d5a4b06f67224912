import { type Audit, auditOf, type NamedEntry } from '@indelible/mikro-orm'
import { EntitySchema, type MikroORM } from '@mikro-orm/postgresql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { Car, CreditNote, Note, Person, Setting, SettingNote, Truck } from './support/kinds-entities.ts'
import { Product, Tag } from './support/shop-entities.ts'

let shop: AuditedShop
let orm: MikroORM
let audit: Audit

beforeAll(async () => {
  shop = await createAuditedShop()
  orm = await shop.init()
  audit = auditOf(orm)
})

afterAll(() => shop.close())

async function historyOf(entity: string, key: number | readonly string[]): Promise<NamedEntry[]> {
  const entries: NamedEntry[] = []
  for await (const entry of audit.history(entity, key)) entries.push(entry)
  return entries
}

test('columns are told as properties, those of relations too', async () => {
  const em = orm.em.fork()
  const product = em.create(Product, { sku: 'names', name: 'x', price: '1', releasedAt: new Date() })
  await em.flush()
  const [entry] = await historyOf('Product', product.id)
  expect(Object.keys(entry?.after ?? {})).toEqual(expect.arrayContaining(['releasedAt', 'categoryId']))
  expect(Object.keys(entry?.after ?? {})).not.toEqual(expect.arrayContaining(['released_at']))
})

test('a row of a pivot table is an entity of its own', async () => {
  const em = orm.em.fork()
  const product = em.create(Product, { sku: 'names-2', name: 'x', price: '1' })
  product.tags.add(em.create(Tag, { name: 'names-2' }))
  await em.flush()
  const { entries } = await audit.page({ table: '_ProductToTag' })
  const [entry] = entries
  expect(entry).toMatchObject({
    entity: '_ProductToTag',
    after: { Product_owner: product.id, Tag_inverse: expect.any(Number) },
  })
})

test('classes of one table are told as its root, and found by their own names', async () => {
  const em = orm.em.fork()
  const [car, truck] = [em.create(Car, { name: 'c', doors: 3 }), em.create(Truck, { name: 't' })]
  await em.flush()
  expect(await historyOf('Vehicle', car.id)).toMatchObject([
    { entity: 'Vehicle', after: { kind: 'car', doors: 3 } },
  ])
  expect(await historyOf('Truck', truck.id)).toMatchObject([{ entity: 'Vehicle', after: { kind: 'truck' } }])
})

test('each table of a class is told as the class that it belongs to', async () => {
  const em = orm.em.fork()
  const credit = em.create(CreditNote, { title: 't', amount: '1', reason: 'r' })
  await em.flush()
  const entities = ['Document', 'Invoice', 'CreditNote']
  const entries = await Promise.all(entities.map((entity) => historyOf(entity, credit.id)))
  expect(entries.flat().map(({ entity, after }) => [entity, Object.keys(after ?? {})])).toEqual([
    ['Document', ['id', 'title']],
    ['Invoice', ['id', 'amount']],
    ['CreditNote', ['id', 'reason']],
  ])
})

test('an inlined embeddable is told by path, one that is stored as an object by its property', async () => {
  const em = orm.em.fork()
  const geo = { lat: 1.5, lng: 2.5 }
  const person = em.create(Person, { name: 'p', home: { city: 'c', geo }, work: { city: 'w', geo } })
  await em.flush()
  expect(await historyOf('Person', person.id)).toMatchObject([
    { after: { 'home.city': 'c', 'home.geo.lat': 1.5, 'home.geo.lng': 2.5, work: { city: 'w', geo } } },
  ])
})

test('composite keys: history takes the key in its order, a relation of two columns keeps their names', async () => {
  const em = orm.em.fork()
  const setting = em.create(Setting, { tenant: 't', name: 'n', value: '1' })
  const note = em.create(SettingNote, { text: 'x', setting })
  await em.flush()
  expect(await historyOf('Setting', ['t', 'n'])).toMatchObject([{ op: 'insert', after: { value: '1' } }])
  expect(await historyOf('SettingNote', note.id)).toMatchObject([
    { after: { setting_tenant: 't', setting_name: 'n' } },
  ])
})

test('an entity of another schema is told apart from a table of the same name', async () => {
  await shop.database.query('create table public.note (id serial primary key, text text)')
  const em = orm.em.fork()
  const note = em.create(Note, { text: 'archived' })
  await em.flush()
  await em.execute(`insert into public.note (id, text) values (?, 'not an entity')`, [note.id])
  expect(await historyOf('Note', note.id)).toMatchObject([{ entity: 'Note', tableSchema: 'archive' }])
  const { entries } = await audit.page({ table: 'note' }, { order: 'oldest' })
  expect(entries.map(({ entity, tableSchema }) => [tableSchema, entity])).toContainEqual(['public', null])
})

test('a table of another schema that no entity is of has no part in the history of an entity of its name', async () => {
  await shop.database.query('create schema aside; create table aside."Tag" (id int primary key, name text)')
  const em = orm.em.fork()
  const id = await em.insert(Tag, { name: 'entity' })
  await em.execute('insert into aside."Tag" values (?, ?)', [id, 'aside'])
  expect(await historyOf('Tag', id)).toMatchObject([{ entity: 'Tag', after: { name: 'entity' } }])
  const { entries } = await audit.page({ table: { schema: 'aside', name: 'Tag' } })
  expect(entries).toMatchObject([{ entity: null, after: { name: 'aside' } }])
})

test('an entity without a schema of its own is of the schema of the configuration', async () => {
  await shop.database.query('create schema own; create table own."Tag" (id serial primary key, name text)')
  const own = await shop.init({ schema: 'own' })
  const id = await own.em.fork().insert(Tag, { name: 'own' })
  const { entries } = await auditOf(own).page({ table: 'Tag', key: id })
  expect(entries).toMatchObject([{ entity: 'Tag', tableSchema: 'own' }])
})

test('rows of an entity of every schema are told apart by the schema of their table', async () => {
  const Thing = new EntitySchema<{ id: number; title: string }>({
    name: 'Thing',
    schema: '*',
    tableName: 'thing',
    properties: {
      id: { type: 'integer', primary: true },
      title: { type: 'string', fieldName: 'full_title' },
    },
  })
  const tenants = await shop.init({ entities: [Thing] })
  for (const schema of ['t1', 't2']) {
    await shop.database.query(
      `create schema ${schema}; create table ${schema}.thing (id int primary key, full_title text)`,
    )
    await tenants.em.fork({ schema }).insert(Thing, { id: 1, title: schema })
  }
  for (const schema of ['t1', 't2']) {
    const { entries } = await auditOf(tenants).page({ table: { schema, name: 'thing' }, key: 1 })
    expect(entries).toMatchObject([{ entity: 'Thing', after: { title: schema } }])
  }
})

test('an ORM without metadata of a table tells the names of the database', async () => {
  const other = await shop.init({ entities: [Note] })
  await other.em.fork().execute(`insert into "Tag" (name) values ('unknown')`)
  expect((await auditOf(other).page({ table: 'Tag' }, { limit: 1 })).entries).toMatchObject([
    { entity: null, tableName: 'Tag' },
  ])
})
