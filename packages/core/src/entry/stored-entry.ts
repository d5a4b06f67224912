import type { SqlText, TextRow } from '../store/audit-database.ts'

/** One row of `indelible.entry`, each column as the exact text that is hashed. */
export interface StoredEntry {
  readonly id: string
  /** The database's clock in UTC, with microseconds: `2026-11-22T10:15:00.123456Z`. */
  readonly at: string
  /** The transaction that wrote the entry. */
  readonly tx: string
  readonly op: string
  readonly tableSchema: SqlText
  readonly tableName: SqlText
  readonly rowKey: SqlText
  /** JSON, byte for byte as stored. */
  readonly before: SqlText
  /** JSON, byte for byte as stored. */
  readonly after: SqlText
  readonly actorId: SqlText
  readonly actorType: SqlText
  readonly tenant: SqlText
  readonly correlationId: SqlText
  /** JSON, byte for byte as stored. */
  readonly context: SqlText
  /** A UUID in lower case. Its 16 bytes are hashed with the images. */
  readonly salt: string
}

/**
 * The SQL expression that writes a timestamp as it is hashed: ISO 8601 in UTC with six digits, whatever the session's settings.
 *
 * `to_char` drops the era and has no text for infinity, so it alone would let someone move an entry by 2000 years unseen.
 */
export function hashedTimestamp(at: string): string {
  return `case when isfinite(${at}) then to_char(${at} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') \
|| case when ${at} < '0001-01-01 00:00:00+00' then ' BC' else '' end else ${at}::text end`
}

/** The select list that yields a {@link StoredEntry} as text. It expects `indelible.entry` under the alias `e`. */
export const STORED_ENTRY_COLUMNS: string = [
  'e.id::text as id',
  `${hashedTimestamp('e.at')} as at`,
  'e.tx as tx',
  'e.op as op',
  'e.table_schema as table_schema',
  'e.table_name as table_name',
  'e.row_key as row_key',
  'e.before::text as before',
  'e.after::text as after',
  'e.actor_id as actor_id',
  'e.actor_type as actor_type',
  'e.tenant as tenant',
  'e.correlation_id as correlation_id',
  'e.context::text as context',
  'e.salt::text as salt',
].join(', ')

/**
 * Reads a row selected with {@link STORED_ENTRY_COLUMNS}; `undefined` when an outer join found no entry.
 *
 * A NULL where the schema allows none is read as the empty text: its hash is then another one.
 */
export function toStoredEntry(row: TextRow): StoredEntry | undefined {
  const text = (column: string): SqlText => row[column] ?? null
  const id = text('id')
  if (id === null) return undefined
  return {
    id,
    at: text('at') ?? '',
    tx: text('tx') ?? '',
    op: text('op') ?? '',
    tableSchema: text('table_schema'),
    tableName: text('table_name'),
    rowKey: text('row_key'),
    before: text('before'),
    after: text('after'),
    actorId: text('actor_id'),
    actorType: text('actor_type'),
    tenant: text('tenant'),
    correlationId: text('correlation_id'),
    context: text('context'),
    salt: text('salt') ?? '',
  }
}
