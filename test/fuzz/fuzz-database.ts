import { type AuditOptions, addCaptureTriggers, fromPgPool, migrate } from '@indelible/core'
import type { Random } from '../sql/random.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import type { FuzzSchema } from './random-schema.ts'
import { nameOf } from './sql-name.ts'

/** Makes a database with the tables of a schema. */
export async function createPlainDatabase({ sql }: FuzzSchema): Promise<TestDatabase> {
  const database = await createDatabase({ template: 'empty' })
  // A session that a test terminates is told to the pool.
  database.pool.on('error', () => undefined)
  await database.query(sql)
  return database
}

/** The same with the audit schema, and capture triggers where the schema wants them. */
export async function createAuditedDatabase(schema: FuzzSchema): Promise<TestDatabase> {
  const database = await createPlainDatabase(schema)
  const audit = fromPgPool(database.pool)
  await migrate(audit)
  if (schema.watched.length > 0) {
    await addCaptureTriggers(audit, schema.watched.map(nameOf), { redact: { defaults: false } })
  }
  return database
}

/** Everything in clear, so that images can be compared with the rows; no sealer, so that nothing else runs. */
export function optionsOf({ compared }: FuzzSchema): AuditOptions {
  return { redact: { defaults: false }, seal: false, completeness: compared ? 'record' : 'off' }
}

/** Cuts off sessions that are at work. */
export async function killSometimes(random: Random, database: TestDatabase): Promise<void> {
  for (let kills = random.below(4); kills > 0; kills -= 1) {
    await database.query(`select pg_sleep(${(1 + random.below(20)) / 200})`)
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' order by pid limit 1`,
    )
  }
}
