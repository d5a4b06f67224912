import type { AuditQueryable } from './audit-database.ts'

/** A checkpoint as the table holds it. */
export interface StoredNote {
  /** How many links it covers. */
  readonly size: number
  /** When it was written, by the database's clock: ISO 8601 in UTC with microseconds. */
  readonly at: string
  /** The note, to be kept outside the database. */
  readonly note: string
}

/** Reads the last checkpoint; undefined when there is none yet. It is taken as the table tells it: `verifyLog` judges it. */
export async function tryGetLastCheckpoint(database: AuditQueryable): Promise<StoredNote | undefined> {
  const [row] = await database.query(`
    select size, note, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from indelible.checkpoint order by size desc limit 1`)
  const { size, at, note } = row ?? {}
  return size && at && note ? { size: Number(size), at, note } : undefined
}
