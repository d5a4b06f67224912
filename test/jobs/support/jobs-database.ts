import { type AuditContext, fromPgPool, migrate } from '@indelible/core'
import type { DataSource } from 'typeorm'
import { createDatabase, type TestDatabase } from '../../support/fresh-database.ts'
import { Mark, openMarks } from './marks.ts'

/** What an entry tells of a mark that a job has written. */
export interface MarkEntry {
  readonly actorId: string | null
  readonly actorType: string | null
  readonly tenant: string | null
  readonly correlationId: string | null
  readonly context: AuditContext | null
}

/** A database in which jobs write marks through TypeORM. */
export interface JobsDatabase {
  readonly database: TestDatabase
  readonly source: DataSource
  /** Writes a mark through the ORM. */
  mark(text: string): Promise<unknown>
  /** The entries of the marks with a text, oldest first. */
  entries(text: string): Promise<readonly MarkEntry[]>
  readonly close: () => Promise<void>
}

/** Creates the database, the audit schema and an audited data source. */
export async function createJobsDatabase(): Promise<JobsDatabase> {
  const database = await createDatabase({ template: 'empty' })
  await database.query(
    'create table mark (id int generated always as identity primary key, text text not null)',
  )
  await migrate(fromPgPool(database.pool))
  const source = await openMarks(database.url)
  return {
    database,
    source,
    mark: (text) => source.manager.insert(Mark, { text }),
    entries: (text) => database.query<MarkEntry & Record<string, unknown>>(ENTRIES, [text]),
    close: async () => {
      await source.destroy()
      await database.drop()
    },
  }
}

const ENTRIES = `
  select actor_id as "actorId", actor_type as "actorType", tenant, correlation_id as "correlationId", context
  from indelible.entry where table_name = 'mark' and after->>'text' = $1 order by id`
