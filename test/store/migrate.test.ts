import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromPgPool } from '../../packages/core/src/pg/pg-database.ts'
import { migrate } from '../../packages/core/src/store/migrate.ts'
import { readMigrations } from '../../packages/core/src/store/migration-files.ts'
import { migrationSql } from '../../packages/core/src/store/migration-sql.ts'
import { latestSchemaVersion } from '../../packages/core/src/store/schema-version.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

const MIGRATIONS = readMigrations().map(({ version, name }) => ({ version, name }))
const NAMES = MIGRATIONS.map(({ name }) => name)
const LATEST = latestSchemaVersion()
const cascades = { made: [], dropped: [] }
const databases: TestDatabase[] = []

async function emptyDatabase(): Promise<TestDatabase> {
  const database = await createDatabase({ template: 'empty' })
  databases.push(database)
  return database
}

afterAll(async () => {
  for (const database of databases) await database.drop()
})

test('migrate makes the schema once and says what it applied', async () => {
  const { pool } = await emptyDatabase()
  expect(await migrate(fromPgPool(pool))).toEqual({ version: LATEST, applied: NAMES, cascades })
  expect(await migrate(fromPgPool(pool))).toEqual({ version: LATEST, applied: [], cascades })
  const { rows } = await pool.query('select version, name from indelible.migration')
  expect(rows).toEqual(MIGRATIONS)
})

test('of eight migrations started at once one works and the others find nothing to do', async () => {
  const { url, query } = await emptyDatabase()
  const pools = Array.from({ length: 8 }, () => new pg.Pool({ connectionString: url, max: 1 }))
  const results = await Promise.all(pools.map((pool) => migrate(fromPgPool(pool))))
  await Promise.all(pools.map((pool) => pool.end()))
  expect(results.flatMap(({ applied }) => applied)).toEqual(NAMES)
  expect(await query('select count(*)::int as n from indelible.origin')).toEqual([{ n: 1 }])
})

test('a migration that fails leaves nothing behind', async () => {
  const { pool, query } = await emptyDatabase()
  const grants = { writers: ['store_no_such_role'] }
  await expect(migrate(fromPgPool(pool), { grants })).rejects.toMatchObject({ code: '42704' })
  expect(await query("select from pg_namespace where nspname = 'indelible'")).toEqual([])
})

test('a schema made by a later release is refused', async () => {
  const { pool, query } = await emptyDatabase()
  await migrate(fromPgPool(pool))
  await query("insert into indelible.migration (version, name) values (7, '0007-later')")
  await expect(migrate(fromPgPool(pool))).rejects.toMatchObject({
    code: 'AUDIT_SCHEMA_NEWER',
    facts: { version: 7, latest: LATEST },
  })
})

describe('the schema as SQL text', () => {
  let database: TestDatabase

  beforeAll(async () => {
    database = await emptyDatabase()
  })

  test('makes the schema, and does nothing when run again', async () => {
    await database.pool.query(migrationSql())
    const [before] = await database.query('select log_id from indelible.origin')
    await database.pool.query(migrationSql())
    expect(await database.query('select log_id from indelible.origin')).toEqual([before])
  })

  test('is recognised by migrate', async () => {
    expect(await migrate(fromPgPool(database.pool))).toEqual({ version: LATEST, applied: [], cascades })
  })
})
