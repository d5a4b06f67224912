import { type AuditDatabase, fromPgPool, migrate } from '@indelible/core'
import { createDatabase, type TestDatabase } from './fresh-database.ts'

/** A database that holds the audit tables and nothing else. */
export interface TrailDatabase {
  readonly database: TestDatabase
  /** Its trail, as Indelible reads and writes it. */
  readonly audit: AuditDatabase
}

/** Creates that database for a test file. */
export async function createTrailDatabase(): Promise<TrailDatabase> {
  const database = await createDatabase({ template: 'empty' })
  const audit = fromPgPool(database.pool)
  await migrate(audit)
  return { database, audit }
}
