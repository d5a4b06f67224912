import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromPgPool } from '../../packages/core/src/pg/pg-database.ts'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import { migrate } from '../../packages/core/src/store/migrate.ts'
import { latestSchemaVersion } from '../../packages/core/src/store/schema-version.ts'
import { readStatus } from '../../packages/core/src/store/status.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

let database: TestDatabase
let audit: AuditDatabase

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' })
  audit = fromPgPool(database.pool)
})

afterAll(() => database.drop())

test('without a schema there is a finding and no log', async () => {
  expect(await readStatus(audit)).toMatchObject({
    server: expect.stringMatching(new RegExp(`^${database.major}\\.\\d+`)),
    schema: {
      version: null,
      latest: latestSchemaVersion(),
      findings: [{ kind: 'missing', object: 'schema indelible' }],
    },
    log: null,
    unaudited: [],
  })
})

test('a fresh log is empty and in order', async () => {
  await migrate(audit)
  expect(await readStatus(audit)).toEqual({
    server: expect.any(String),
    schema: { version: latestSchemaVersion(), latest: latestSchemaVersion(), findings: [] },
    log: {
      entries: 0,
      sealed: 0,
      pending: { count: 0, isEstimate: false, oldestSeconds: null },
      checkpoint: null,
    },
    role: { name: expect.any(String), canAlterSchema: true },
    outdatedCascades: [],
    unaudited: [],
  })
})

test('entries are those sealed and those that wait, and the oldest of these has an age', async () => {
  await database.query(
    "select indelible.log('insert', 's', 't', i::text, null, '{}', null) from generate_series(1, 5) i",
  )
  await database.query('delete from indelible.pending where id <= 2')
  await database.query(`insert into indelible.link select i, i, h, h, h, h
    from (values (sha256('x'))) as v (h), generate_series(1, 2) i`)
  await database.query(
    "insert into indelible.checkpoint values (2, sha256('x'), sha256('x'), '', 'note', '2026-01-02 03:04:05+00')",
  )
  const { log } = await readStatus(audit)
  expect(log).toEqual({
    entries: 5,
    sealed: 2,
    pending: { count: 3, isEstimate: false, oldestSeconds: expect.any(Number) },
    checkpoint: { size: 2, at: '2026-01-02T03:04:05.000000Z', note: 'note' },
  })
  expect(log?.pending.oldestSeconds).toBeGreaterThan(0)
  expect(log?.pending.oldestSeconds).toBeLessThan(60)
})

test('a table that is written to and has no entry is named', async () => {
  await database.query('create table audited (id int)')
  await database.query('create table "Un audited" (id int)')
  await database.query('insert into audited select 1')
  await database.query('create schema other')
  await database.query('create table other.audited as select 1 as id')
  await database.query('insert into "Un audited" select generate_series(1, 3)')
  await database.query("select indelible.log('insert', 'public', 'audited', '1', null, '{}', null)")
  const expected = [
    { schema: 'public', table: 'Un audited', writes: 3 },
    { schema: 'other', table: 'audited', writes: 1 },
  ]
  await expect.poll(async () => (await readStatus(audit)).unaudited, { timeout: 10_000 }).toEqual(expected)
})

test('a role without rights learns the schema findings, and no figures', async () => {
  const role = `${database.name}_nobody`
  await database.query(`create role "${role}" login password 'secret'`)
  const url = new URL(database.url)
  url.username = role
  url.password = 'secret'
  const pool = new pg.Pool({ connectionString: url.href })
  expect(await readStatus(fromPgPool(pool))).toMatchObject({
    schema: { version: null, findings: [] },
    log: null,
    role: { name: role, canAlterSchema: false },
  })
  await pool.end()
  await database.query(`drop role "${role}"`)
})
