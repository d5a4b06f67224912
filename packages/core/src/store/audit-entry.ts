import { STORED_ENTRY_COLUMNS, type StoredEntry, toStoredEntry } from '../entry/stored-entry.ts'
import { AuditError } from '../errors.ts'
import type { SqlText, TextRow } from './audit-database.ts'
import { type JsonValue, parseExactJson } from './exact-json.ts'

/** What an entry tells about: a row written, a statement whose rows are unknown, a schema change, or an event of the application. */
export type AuditOp = 'insert' | 'update' | 'delete' | 'truncate' | 'statement' | 'ddl' | 'event'

/**
 * A JSON object by key. Numbers of more than 15 significant digits are strings with their exact text. Zeros at the end of a number
 * and all but the last of several equal keys are lost: `beforeText` and `afterText` of an entry have them.
 */
export type JsonRecord = Readonly<Record<string, JsonValue>>

/** One entry of the audit trail, for reading. Hashes are made from the stored text, never from this. */
export interface AuditEntry {
  readonly id: number
  /** When it was written, by the database's clock: ISO 8601 in UTC with microseconds. */
  readonly at: string
  /** The database transaction: entries with the same `tx` were committed together. */
  readonly tx: string
  readonly op: AuditOp
  readonly tableSchema: string | null
  readonly tableName: string | null
  /** The row's key as text; a composite key as a JSON array of texts in key order. */
  readonly rowKey: string | null
  /** The changed columns before an update, the whole row before a delete. */
  readonly before: JsonRecord | null
  /** The changed columns after an update, the whole row after an insert; the details of other entries. */
  readonly after: JsonRecord | null
  /**
   * The JSON text of `before` as it is stored and hashed, with the columns as the database names them. Nothing is lost in it: it
   * tells `1.50` from `1.5`, keeps every digit of a number, and a key that a value of type `json` has twice.
   */
  readonly beforeText: string | null
  /** The JSON text of `after`, in the same way. */
  readonly afterText: string | null
  readonly actorId: string | null
  readonly actorType: string | null
  readonly tenant: string | null
  readonly correlationId: string | null
  readonly context: JsonRecord | null
  /** The business action of the context, such as `order.refund`. */
  readonly action: string | null
  /** The reason of the context. */
  readonly reason: string | null
  /** Its place in the chain, from 1; null until it is sealed. */
  readonly seq: number | null
  /** The chain's hash up to and with this entry, in hex; null until it is sealed. */
  readonly hash: string | null
}

/** What {@link toAuditEntry} reads. Expects `indelible.entry e` and `indelible.link l`. */
export const AUDIT_ENTRY_COLUMNS: string = `${STORED_ENTRY_COLUMNS}, l.seq as seq, encode(l.hash, 'hex') as hash`

/** Reads a row selected with {@link AUDIT_ENTRY_COLUMNS}. */
export function toAuditEntry(row: TextRow): AuditEntry {
  const { salt: _, ...entry } = getStoredEntry(row)
  const context = toRecord(entry.context)
  return {
    ...entry,
    id: Number(entry.id),
    op: toOp(entry),
    before: toRecord(entry.before),
    after: toRecord(entry.after),
    beforeText: entry.before,
    afterText: entry.after,
    context,
    action: textOf(context, 'action'),
    reason: textOf(context, 'reason'),
    seq: row['seq'] ? Number(row['seq']) : null,
    hash: row['hash'] ?? null,
  }
}

function getStoredEntry(row: TextRow): StoredEntry {
  const entry = toStoredEntry(row)
  if (!entry)
    throw new AuditError('AUDIT_SCHEMA_ALTERED', 'An audit entry lacks a column that is never null.')
  return entry
}

const OPS: readonly string[] = ['insert', 'update', 'delete', 'truncate', 'statement', 'ddl', 'event']

/** Tells whether a text is one of the operations that an entry may have. */
export function isAuditOp(text: string): text is AuditOp {
  return OPS.includes(text)
}

function toOp({ id, op }: Pick<StoredEntry, 'id' | 'op'>): AuditOp {
  if (isAuditOp(op)) return op
  throw new AuditError(
    'AUDIT_SCHEMA_ALTERED',
    `Entry ${id} has the operation ${JSON.stringify(op)}, which no release writes.`,
  )
}

function textOf(context: JsonRecord | null, field: string): string | null {
  const value = context?.[field]
  return typeof value === 'string' ? value : null
}

function toRecord(json: SqlText): JsonRecord | null {
  const value = json === null ? null : parseExactJson(json)
  // Indelible writes objects only; another writer's value is shown all the same.
  return value === null || isRecord(value) ? value : { value }
}

function isRecord(value: JsonValue): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
