import { fromPgPool, migrate, migrationSql } from '@indelible/core'
import { AuditSubscriber, auditOf } from '@indelible/typeorm'
import {
  DataSource,
  type DataSourceOptions,
  EntitySchema,
  type MigrationInterface,
  type QueryRunner,
} from 'typeorm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { exactOptions } from './support/audited-shop.ts'
import { recordingLogger } from './support/recorder.ts'

let database: TestDatabase
let db: DataSource | undefined

beforeEach(async () => {
  database = await createDatabase({ template: 'empty' })
  await migrate(fromPgPool(database.pool))
})

afterEach(async () => {
  if (db?.isInitialized) await db.destroy()
  db = undefined
  await database.drop()
})

const Person = new EntitySchema<{ id: number; name: string }>({
  name: 'Person',
  tableName: 'person',
  columns: { id: { type: 'int', primary: true, generated: true }, name: { type: 'text' } },
})

class CreatePerson1700000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create table person (id serial primary key, name text not null)')
    await runner.query(`insert into person (name) values ('first')`)
    await runner.manager.insert('Person', { name: 'second' })
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table person')
  }
}

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>

function open(options: Partial<PostgresOptions>): Promise<DataSource> {
  const subscribers = [AuditSubscriber.with(exactOptions)]
  const common: PostgresOptions = {
    type: 'postgres',
    url: database.url,
    entities: [Person],
    subscribers,
    logger: recordingLogger([]),
  }
  db = new DataSource({ ...common, ...options })
  return db.initialize()
}

async function trail(source: DataSource) {
  const told: string[] = []
  for await (const entry of auditOf(source).entries({}, { order: 'oldest' })) {
    told.push(`${entry.op} ${entry.tableName ?? ''} ${JSON.stringify(entry.after?.['name'] ?? '')}`)
  }
  return told
}

test.each(['all', 'each', 'none'] as const)(
  'rows that migrations write at start-up are captured, with transactions: %s',
  async (migrationsTransactionMode) => {
    const source = await open({
      migrations: [CreatePerson1700000000000],
      migrationsRun: true,
      migrationsTransactionMode,
    })
    const told = await trail(source)
    expect(told).toContain('insert person "first"')
    expect(told).toContain('insert person "second"')
    expect(told).toContain('insert migrations "CreatePerson1700000000000"')
    expect(told.filter((line) => line.startsWith('ddl')).length).toBeGreaterThanOrEqual(2)
  },
)

test('a migration that is run and undone by the application is captured', async () => {
  const source = await open({ migrations: [CreatePerson1700000000000] })
  await source.runMigrations()
  await source.undoLastMigration()
  expect((await trail(source)).at(-2)).toMatch(/^ddl /)
  expect((await trail(source)).at(-1)).toBe('delete migrations ""')
})

test('a migration that fails leaves neither rows nor entries of rows', async () => {
  class Failing1700000000001 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      await runner.query('create table person (id serial primary key, name text not null)')
      await runner.query(`insert into person (name) values ('never')`)
      throw new Error('this migration fails')
    }
    async down(): Promise<void> {}
  }
  const source = await open({ migrations: [Failing1700000000001] })
  await expect(source.runMigrations()).rejects.toThrow('this migration fails')
  expect((await trail(source)).filter((line) => line.includes('person'))).toEqual([])
})

test('synchronize makes the tables, says so, and what is written to them is captured', async () => {
  const source = await open({ synchronize: true })
  await source.getRepository('Person').save({ name: 'Ada' })
  const told = await trail(source)
  expect(told.filter((line) => line.startsWith('ddl')).length).toBeGreaterThanOrEqual(1)
  expect(told.at(-1)).toBe('insert person "Ada"')
})

test('dropSchema and synchronize leave the trail alone', async () => {
  const first = await open({ synchronize: true })
  await first.getRepository('Person').insert({ name: 'Before' })
  await first.destroy()
  const second = await open({ synchronize: true, dropSchema: true })
  await second.getRepository('Person').insert({ name: 'After' })
  const told = await trail(second)
  expect(told).toContain('insert person "Before"')
  expect(told.at(-1)).toBe('insert person "After"')
  await auditOf(second).seal()
  expect(await auditOf(second).verify()).toMatchObject({ ok: true, findings: [] })
})

test('a column that synchronize adds is in the images at once', async () => {
  const source = await open({ synchronize: true })
  await source.getRepository('Person').insert({ name: 'Ada' })
  await source.query('alter table person add column age int default 5')
  await source.getRepository('Person').insert({ name: 'Bob' })
  const { entries } = await auditOf(source).page({ table: 'Person' }, { limit: 1 })
  expect(entries[0]?.after).toEqual({ id: 2, name: 'Bob', age: 5 })
})

test('the audit schema can be a migration, run without subscribers as the command line of TypeORM does', async () => {
  class AuditSchema1700000000002 implements MigrationInterface {
    async up(runner: QueryRunner): Promise<void> {
      await runner.query(migrationSql())
    }
    async down(): Promise<void> {}
  }
  await database.query('drop schema indelible cascade')
  const cli = await open({ migrations: [AuditSchema1700000000002], subscribers: [] })
  await cli.runMigrations()
  await cli.destroy()
  const source = await open({ synchronize: true })
  await source.getRepository('Person').insert({ name: 'Ada' })
  expect((await trail(source)).at(-1)).toBe('insert person "Ada"')
})

test('the query result cache of TypeORM works, and its rows have entries like those of any table', async () => {
  const source = await open({ synchronize: true, cache: true })
  const cached = () => source.getRepository('Person').find({ cache: { id: 'people', milliseconds: 60_000 } })
  expect(await cached()).toEqual([])
  await source.getRepository('Person').insert({ name: 'Ada' })
  expect(await cached()).toEqual([])
  const { entries } = await auditOf(source).page({ table: 'query-result-cache' })
  expect(entries.map(({ op }) => op)).toEqual(['insert'])
})
