import { checkSchema, fromPgPool, migrate } from '@indelible/core'
import { AuditSubscriber, auditOf } from '@indelible/mikro-orm'
import { defineEntity, MikroORM, p } from '@mikro-orm/postgresql'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { exact } from '../conformance/suite/exact-options.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

const Author = defineEntity({
  name: 'Author',
  tableName: 'author',
  properties: { id: p.integer().primary(), name: p.string() },
})
const Book = defineEntity({
  name: 'Book',
  tableName: 'book',
  properties: { id: p.integer().primary(), title: p.string(), author: () => p.manyToOne(Author) },
})

let database: TestDatabase
let orm: MikroORM

beforeEach(async () => {
  database = await createDatabase({ template: 'empty' })
  await migrate(fromPgPool(database.pool))
  orm = await MikroORM.init({
    clientUrl: database.url,
    entities: [Author, Book],
    subscribers: [new AuditSubscriber(exact)],
  })
})

afterEach(async () => {
  await orm.close(true)
  await database.drop()
})

async function expectAuditedStill(): Promise<void> {
  expect(await checkSchema(fromPgPool(database.pool))).toEqual([])
  const em = orm.em.fork()
  const author = em.create(Author, { name: 'Ada' })
  await em.flush()
  const [entry] = (await auditOf(orm).page({ table: 'Author' }, { limit: 1 })).entries
  expect(entry).toMatchObject({ op: 'insert', rowKey: String(author.id), after: { name: 'Ada' } })
}

test('orm.schema.create makes its tables, which are captured from the next statement on', async () => {
  await orm.schema.create()
  await expectAuditedStill()
  const { entries } = await auditOf(orm).page({ op: 'ddl' }, { order: 'oldest' })
  expect(entries.length).toBeGreaterThan(0)
})

test('the schema generator finds nothing to do to the audit schema', async () => {
  await orm.schema.create()
  expect(await orm.schema.getUpdateSchemaSQL()).toBe('')
  expect(await orm.schema.getUpdateSchemaMigrationSQL()).toEqual({ up: '', down: '' })
})

test('orm.schema.update adds and removes columns, and leaves the audit schema alone', async () => {
  await orm.schema.create()
  await database.query(
    'alter table author drop column name, add column stranger int; create table extra (id int)',
  )
  await orm.schema.update()
  await expectAuditedStill()
})

test('schemas that the application has MikroORM ignore stay ignored', async () => {
  await database.query('create schema own create table kept (id int)')
  const options = { entities: [Author, Book], subscribers: [new AuditSubscriber(exact)] }
  const other = await MikroORM.init({
    ...options,
    clientUrl: database.url,
    schemaGenerator: { ignoreSchema: ['own'] },
  })
  await other.schema.update()
  await other.close(true)
  expect(await database.query('select * from own.kept')).toEqual([])
  await expectAuditedStill()
})

test('orm.schema.drop and refresh leave the audit schema and its entries alone', async () => {
  await orm.schema.create()
  await expectAuditedStill()
  await orm.schema.drop()
  await orm.schema.create()
  await expectAuditedStill()
  await orm.schema.refresh()
  await expectAuditedStill()
  expect((await auditOf(orm).page({ op: 'insert', table: 'Author' })).entries).toHaveLength(3)
})

test('orm.schema.clear leaves the audit schema alone, and is announced', async () => {
  await orm.schema.create()
  await expectAuditedStill()
  await orm.schema.clear()
  expect(await database.query('select * from author')).toEqual([])
  const { entries } = await auditOf(orm).page({ op: 'truncate' })
  expect(entries.map(({ tableName }) => tableName).sort()).toEqual(['author', 'book'])
  await expectAuditedStill()
})

test('a database that is not there yet is refused aloud, by the name of the one it would be created from', async () => {
  const missing = new URL(database.url)
  missing.pathname = '/not_there_yet'
  const options = { clientUrl: missing.href, entities: [Author], subscribers: [new AuditSubscriber(exact)] }
  const fresh = await MikroORM.init(options)
  try {
    await expect(fresh.connect()).rejects.toMatchObject({
      code: 'AUDIT_SCHEMA_MISSING',
      message: expect.stringContaining('in the database "postgres"'),
    })
    expect(fresh.config.get('dbName')).toBe('postgres')
  } finally {
    await fresh.close(true)
  }
})
