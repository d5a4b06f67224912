import { AuditSubscriber, auditOf, type NamedEntry } from '@indelible/typeorm'
import { type DataSource, EntitySchema } from 'typeorm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedShop, createAuditedShop, exactOptions } from './support/audited-shop.ts'
import { Asset, type Document, type Note, Picture } from './support/feature-entities.ts'
import type { TreeNode } from './support/tree-entities.ts'

let shop: AuditedShop
let db: DataSource

beforeAll(async () => {
  shop = await createAuditedShop()
  db = await shop.open()
})

afterAll(() => shop?.close())

async function history(entity: string, key: Parameters<ReturnType<typeof auditOf>['history']>[1]) {
  const entries: NamedEntry[] = []
  for await (const entry of auditOf(db).history(entity, key)) entries.push(entry)
  return entries
}

test('entries tell entities and properties, embedded ones by their path', async () => {
  const author = { name: 'Ada', home: { city: 'London' } }
  const { id } = await db
    .getRepository<Document>('Document')
    .save({ title: 'Named', secretCode: 'abc', author })
  await db.getRepository<Document>('Document').update(id, { author: { home: { city: 'Paris' } } })
  const [made, moved] = await history('Document', id)
  expect(made).toMatchObject({ entity: 'Document', tableName: 'document', op: 'insert' })
  expect(made?.after).toMatchObject({
    'author.name': 'Ada',
    'author.home.city': 'London',
    secretCode: 'cba',
    revision: 1,
  })
  expect(moved?.before).toMatchObject({ 'author.home.city': 'London', revision: 1 })
  expect(moved?.after).toMatchObject({ 'author.home.city': 'Paris', revision: 2 })
})

test('a join column without a property is told by the path of the relation', async () => {
  const folders = db.getTreeRepository<TreeNode>('Folder')
  const root = await folders.save({ name: 'root' })
  const leaf = await folders.save({ name: 'leaf', parent: root })
  expect((await history('Folder', leaf.id))[0]?.after).toEqual({
    id: leaf.id,
    name: 'leaf',
    'parent.id': root.id,
  })
})

test('rows of closure and join tables are found by the names that TypeORM gives them', async () => {
  const folders = db.getTreeRepository<TreeNode>('Folder')
  const { id } = await folders.save({ name: 'alone' })
  const [link] = await history('folder_closure', [String(id), String(id)])
  expect(link).toMatchObject({ entity: 'folder_closure', after: { id_ancestor: id, id_descendant: id } })
  const note: Note = await db.getRepository<Note>('Note').save({ text: 'n', topics: [{ name: 't' }] })
  const topic = note.topics?.[0]?.id
  const [joined] = await history('note_topics_topic', [String(note.id), String(topic)])
  expect(joined?.after).toEqual({ noteId: note.id, topicId: topic })
})

test('a row of a child entity is told by the root of its table, and found by either name', async () => {
  const { id } = await db.manager.save(Object.assign(new Picture(), { label: 'Sunset', width: 800 }))
  const [entry] = await history('Picture', String(id))
  expect(entry).toMatchObject({ entity: Asset.name, after: { kind: 'picture', width: 800 } })
  expect(await history('Asset', String(id))).toEqual([entry])
})

test('tables of one name in two schemas are told apart', async () => {
  await shop.database.query('create schema hr; create table hr.member (id int primary key, full_name text)')
  await shop.database.query('create table member (id int primary key, nick text)')
  const schemaOf = (name: string, column: string, schema?: string) =>
    new EntitySchema<{ id: number; name: string }>({
      name,
      tableName: 'member',
      ...(schema && { schema }),
      columns: { id: { type: 'int', primary: true }, name: { type: 'text', name: column } },
    })
  const entities = [schemaOf('Employee', 'full_name', 'hr'), schemaOf('Guest', 'nick', 'public')]
  const two = await shop.open({ entities })
  await two.getRepository('Employee').insert({ id: 1, name: 'Ada' })
  await two.getRepository('Guest').insert({ id: 1, name: 'Bob' })
  const { entries } = await auditOf(two).page({}, { limit: 2 })
  expect(entries).toMatchObject([
    { entity: 'Guest', tableSchema: 'public', after: { name: 'Bob' } },
    { entity: 'Employee', tableSchema: 'hr', after: { name: 'Ada' } },
  ])
  expect((await auditOf(two).page({ table: 'Employee' })).entries).toHaveLength(1)
})

test('a table of another schema that no entity is of has no part in the history of an entity of its name', async () => {
  await shop.database.query('create schema aside; create table aside."Tag" (id int primary key, name text)')
  await db.query(`insert into "Tag" (id, name) values (900, 'entity')`)
  await db.query(`insert into aside."Tag" (id, name) values (900, 'aside')`)
  expect(await history('Tag', 900)).toMatchObject([{ entity: 'Tag', after: { name: 'entity' } }])
  const { entries } = await auditOf(db).page({ table: { schema: 'aside', name: 'Tag' }, key: 900 })
  expect(entries).toMatchObject([{ entity: null, after: { name: 'aside' } }])
})

test('an entity without a schema of its own is of the schema of its data source', async () => {
  await shop.database.query('create schema own; create table own."Tag" (id int primary key, name text)')
  const own = await shop.open({ schema: 'own' })
  await own.query(`insert into own."Tag" values (901, 'own')`)
  await own.query(`insert into public."Tag" (id, name) values (901, 'public')`)
  const { entries } = await auditOf(own).page({ table: 'Tag', key: 901 })
  expect(entries).toMatchObject([{ entity: 'Tag', tableSchema: 'own' }])
})

test('a table that TypeORM does not know keeps the names of the database', async () => {
  await db.query(`insert into list_price (product_id, currency)
    select id, 'EUR' from "Product" limit 0`)
  await db.query('create table unmapped (the_key int primary key)')
  await db.query('insert into unmapped values (1)')
  const { entries } = await auditOf(db).page({ table: 'unmapped' }, { limit: 1 })
  expect(entries).toMatchObject([{ entity: null, after: { the_key: 1 } }])
})

test('the trail of a data source is sealed and verified through it', async () => {
  const subscribers = [AuditSubscriber.with(exactOptions)]
  const own = await shop.open({ subscribers })
  await own.query(`insert into "Tag" (name) values ('sealed')`)
  await auditOf(own).seal()
  expect(await auditOf(own).verify()).toMatchObject({ ok: true, findings: [] })
})
