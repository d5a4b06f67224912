import pg from 'pg'
import { beforeAll, expect, inject, test } from 'vitest'
import { createDatabase, type TestDatabase } from './support/fresh-database.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  return database.drop
})

test('the server has the version that the project asks for', async () => {
  const [row] = await database.query<{ version: string }>('select version()')
  expect(row?.version).toMatch(/^PostgreSQL /)
  if (!process.env['TEST_DATABASE_URL']) expect(database.major).toBe(inject('postgresMajor'))
})

test('a second session does not see what the first has not committed', async () => {
  const [writer, reader] = [new pg.Client(database.url), new pg.Client(database.url)]
  await Promise.all([writer.connect(), reader.connect()])
  await writer.query('create table note (text text)')
  await writer.query("begin; insert into note values ('draft')")
  expect((await reader.query('select * from note')).rows).toEqual([])
  await writer.query('commit')
  expect((await reader.query('select * from note')).rows).toEqual([{ text: 'draft' }])
  await Promise.all([writer.end(), reader.end()])
})

test('an empty database holds no table', async () => {
  const empty = await createDatabase({ template: 'empty' })
  const tables = await empty.query(
    "select from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
  )
  expect(tables).toEqual([])
  await empty.drop()
})
