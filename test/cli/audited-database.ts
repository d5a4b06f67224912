import { fromPgPool, migrate } from '@indelible/core'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

/** An entry to write, as `indelible.log` takes it. */
export interface LoggedRow {
  readonly op?: string
  readonly schema?: string
  readonly table?: string
  readonly key?: string
  readonly before?: unknown
  readonly after?: unknown
  readonly actor?: string
  readonly correlation?: string
  readonly context?: unknown
}

/** Creates a database with the audit schema and nothing else. */
export async function createAuditedDatabase(): Promise<TestDatabase> {
  const database = await createDatabase({ template: 'empty' })
  await migrate(fromPgPool(database.pool))
  return database
}

/** Writes an entry as a capture would. */
export async function log(database: Pick<TestDatabase, 'query'>, row: LoggedRow): Promise<void> {
  await database.query(
    `select indelible.log($1, $2, $3, $4, $5::json, $6::json,
      row($7::text, null, null, $8::text, $9::json, null, null, null, null)::indelible.context)`,
    [
      row.op ?? 'insert',
      row.schema ?? 'public',
      row.table ?? 'order',
      row.key ?? '1',
      toJson(row.before),
      toJson(row.after),
      row.actor ?? null,
      row.correlation ?? null,
      toJson(row.context),
    ],
  )
}

function toJson(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}
