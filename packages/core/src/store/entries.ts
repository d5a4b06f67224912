import { AuditError } from '../errors.ts'
import type { AuditQueryable } from './audit-database.ts'
import { AUDIT_ENTRY_COLUMNS, type AuditEntry, toAuditEntry } from './audit-entry.ts'
import { type EntryFilter, type PlannedFilter, planFilter } from './entry-filter.ts'

export type { AuditEntry } from './audit-entry.ts'

/** How {@link findEntries} pages. */
export interface FindEntriesOptions {
  /** By id, which is nearly the order of writing: `newest` first or `oldest` first. Default `newest`. */
  readonly order?: 'newest' | 'oldest'
  /** Most entries in a page, 1 to 10,000. They are held in memory together. Default 100. */
  readonly limit?: number
  /** Where the page begins: `next` of the page before. Default: the first page. */
  readonly after?: string
}

/** How {@link iterateEntries} reads. */
export interface IterateEntriesOptions extends Omit<FindEntriesOptions, 'limit'> {
  /** Entries fetched by one query, 1 to 10,000. Default 500. */
  readonly pageSize?: number
}

/** A page of entries. */
export interface EntryPage {
  readonly entries: readonly AuditEntry[]
  /** Give it as `after` for the page behind this one; null when there is none now. */
  readonly next: string | null
}

/**
 * Reads one page of the entries that meet `filter`.
 *
 * Each page is one query by key, so late pages cost no more than the first. An entry committed meanwhile may have a lower id than one
 * already read: to miss none of them, use {@link followEntries}.
 *
 * @throws TypeError when the filter or an option is not valid.
 *
 * @example
 * const page = await findEntries(database, { table: 'order', key: 42 }, { limit: 20 })
 */
export async function findEntries(
  database: AuditQueryable,
  filter: EntryFilter = {},
  options: FindEntriesOptions = {},
): Promise<EntryPage> {
  const { order = 'newest', limit = 100 } = options
  assertPaging(order, limit)
  const { where, params } = planPage(filter, { ...options, order })
  const rows = await database.query(`${selectEntries(where, order)} limit ${limit + 1}`, params)
  const entries = rows.slice(0, limit).map(toAuditEntry)
  const last = entries.at(-1)
  return { entries, next: rows.length > limit && last ? String(last.id) : null }
}

/**
 * Reads all entries that meet `filter`, page after page, in constant memory. Each page sees what is committed by then.
 *
 * @throws TypeError when the filter or an option is not valid.
 *
 * @example
 * for await (const entry of iterateEntries(database, { actor: 'u_42' }, { order: 'oldest' })) console.log(entry.op, entry.rowKey)
 */
export async function* iterateEntries(
  database: AuditQueryable,
  filter: EntryFilter = {},
  { pageSize = 500, ...options }: IterateEntriesOptions = {},
): AsyncGenerator<AuditEntry, void, undefined> {
  let after = options.after
  do {
    const page = await findEntries(database, filter, { ...options, limit: pageSize, ...(after && { after }) })
    yield* page.entries
    after = page.next ?? undefined
  } while (after !== undefined)
}

/** Reads one entry by its id; undefined when there is none. */
export async function tryGetEntry(database: AuditQueryable, id: number): Promise<AuditEntry | undefined> {
  if (!Number.isSafeInteger(id)) throw new TypeError(`${id} is not the id of an entry`)
  const [row] = await database.query(selectEntries('e.id = $1::bigint', 'newest'), [`${id}`])
  return row && toAuditEntry(row)
}

/**
 * Reads one entry by its id.
 *
 * @throws AuditError AUDIT_ENTRY_NOT_FOUND when there is none.
 */
export async function getEntry(database: AuditQueryable, id: number): Promise<AuditEntry> {
  const entry = await tryGetEntry(database, id)
  if (!entry)
    throw new AuditError('AUDIT_ENTRY_NOT_FOUND', `There is no audit entry ${id}.`, { facts: { id } })
  return entry
}

type Order = 'newest' | 'oldest'

/** Writes the query for entries that meet a condition, without its limit. */
export function selectEntries(where: string, order: Order): string {
  return `select ${AUDIT_ENTRY_COLUMNS}
    from indelible.entry e left join indelible.link l on l.entry_id = e.id
    where ${where} order by e.id ${order === 'newest' ? 'desc' : 'asc'}`
}

const MOST_ENTRIES = 10_000

function assertPaging(order: Order, limit: number): void {
  if (order !== 'newest' && order !== 'oldest') throw new TypeError(`order is newest or oldest, not ${order}`)
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST_ENTRIES) return
  throw new TypeError(`a page holds 1 to ${MOST_ENTRIES} entries, not ${limit}`)
}

function planPage(filter: EntryFilter, { order, after }: FindEntriesOptions): PlannedFilter {
  const { where, params } = planFilter(filter)
  if (after === undefined) return { where, params }
  if (!/^\d{1,18}$/.test(after)) throw new TypeError(`${JSON.stringify(after)} is not the end of a page`)
  const isBehind = `e.id ${order === 'newest' ? '<' : '>'} $${params.length + 1}::bigint`
  return { where: `${where} and ${isBehind}`, params: [...params, after] }
}
