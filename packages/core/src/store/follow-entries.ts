import { setTimeout as sleep } from 'node:timers/promises'
import { checkOptions, mustBe, numberAboveZero, type OptionRules } from '../configuration/check-options.ts'
import { longestTimer } from '../configuration/longest-timer.ts'
import type { AuditQueryable } from './audit-database.ts'
import { type AuditEntry, toAuditEntry } from './audit-entry.ts'
import { findEntries, selectEntries } from './entries.ts'
import { type EntryFilter, type PlannedFilter, planFilter } from './entry-filter.ts'

/** How {@link followEntries} reads. */
export interface FollowEntriesOptions {
  /** How many of the entries that are there already come first, 0 to 10,000. Default 0. */
  readonly last?: number
  /** Pause between two looks, in milliseconds. Each look costs two queries. Default 1000. */
  readonly interval?: number
  /** Ends the iteration when it aborts. Default: it never ends by itself. */
  readonly signal?: AbortSignal
}

const rules: OptionRules<FollowEntriesOptions> = {
  last: mustBe('a whole number from 0 to 10,000', isCount),
  interval: numberAboveZero,
  signal: mustBe('an AbortSignal', (value) => value instanceof AbortSignal),
}

/**
 * Reads entries as they are committed, oldest first in each look, each exactly once, until `signal` aborts.
 *
 * Entries are committed in another order than their ids were given out. So it does not ask for higher ids, but for entries of
 * transactions that were still open at the last look: none is missed, however long its transaction took. The one limit: of a
 * transaction that was open already at the start, entries more than 10,000 ids back are not seen.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 */
export function followEntries(
  database: AuditQueryable,
  filter: EntryFilter = {},
  options: FollowEntriesOptions = {},
): AsyncGenerator<AuditEntry, void, undefined> {
  checkOptions(options, rules)
  return follow(database, filter, options)
}

async function* follow(
  database: AuditQueryable,
  filter: EntryFilter,
  { last = 0, interval = 1000, signal }: FollowEntriesOptions,
): AsyncGenerator<AuditEntry, void, undefined> {
  const plan = planFilter(filter)
  let look = await beginLooking(database, plan)
  if (last > 0) {
    const { entries } = await findEntries(database, filter, { limit: last })
    look = { ...look, seen: [...look.seen, ...entries.map(toSeen)] }
    yield* entries.toReversed()
  }
  while (await pause(interval, signal)) {
    const next = await lookAgain(database, plan, look)
    yield* next.entries
    look = next
  }
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= 10_000
}

/** What one look leaves to the next. */
interface Look {
  /** Lowest id of interest. */
  readonly floor: number
  /** Every transaction below it had ended before the look, so the look has seen all its entries. */
  readonly horizon: bigint
  /** Entries already given, of transactions from the horizon on. */
  readonly seen: readonly Seen[]
}

interface Seen {
  readonly id: number
  readonly tx: bigint
}

const LOOK_BACK = 10_000

async function beginLooking(database: AuditQueryable, plan: PlannedFilter): Promise<Look> {
  const horizon = await readHorizon(database)
  const [row] = await database.query('select coalesce(max(id), 0) as id from indelible.entry')
  const floor = Number(row?.['id']) - LOOK_BACK
  const { entries } = await lookAgain(database, plan, { floor, horizon, seen: [] })
  return { floor, horizon, seen: entries.map(toSeen) }
}

async function lookAgain(
  database: AuditQueryable,
  { where, params }: PlannedFilter,
  { floor, horizon, seen }: Look,
): Promise<Look & { readonly entries: readonly AuditEntry[] }> {
  // Read before the entries: what has ended by now is visible to the query below.
  const nextHorizon = await readHorizon(database)
  const [f, h, s] = [1, 2, 3].map((offset) => `$${params.length + offset}`)
  const isNew = `e.id > ${f}::bigint and e.tx::bigint >= ${h}::bigint and e.id <> all (${s}::bigint[])`
  const bounds = [`${floor}`, `${horizon}`, `{${seen.map(({ id }) => id)}}`]
  const rows = await database.query(selectEntries(`${where} and ${isNew}`, 'oldest'), [...params, ...bounds])
  const entries = rows.map(toAuditEntry)
  const stillOpen = [...seen, ...entries.map(toSeen)].filter(({ tx }) => tx >= nextHorizon)
  return { floor, horizon: nextHorizon, seen: stillOpen, entries }
}

async function readHorizon(database: AuditQueryable): Promise<bigint> {
  const [row] = await database.query('select pg_snapshot_xmin(pg_current_snapshot())::text as xmin')
  return BigInt(row?.['xmin'] ?? 0)
}

function toSeen({ id, tx }: AuditEntry): Seen {
  return { id, tx: BigInt(tx) }
}

/** Resolves to false when the signal has aborted, at once. */
async function pause(interval: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await sleep(Math.min(interval, longestTimer), undefined, { signal })
    return true
  } catch (error) {
    if (signal?.aborted) return false
    throw error
  }
}
