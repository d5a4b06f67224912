import { expect } from 'vitest'
import { getAnnouncement } from './announcements.ts'
import {
  type ImageFields,
  type Observed,
  type ObservedChange,
  type ObservedEntry,
  rowOps,
} from './observed.ts'

/** What an entry and a change must agree on. For an update: the columns that changed, each from what to what. */
type Claim = Pick<ObservedEntry, 'op' | 'table' | 'key'> &
  (
    | { readonly before: string | null; readonly after: string | null }
    | {
        readonly changed: Readonly<
          Record<string, readonly [from: string | undefined, to: string | undefined]>
        >
      }
  )

/** Fails unless the entries tell exactly what the trigger saw, change for change, in order within each transaction. */
export function expectSameChanges({ entries, changes }: Observed): void {
  const partitioned = new Set(changes.filter((change) => change.partitioned).map(({ table }) => table))
  expectCausedChanges(entries, changes, partitioned)
  const mixed = transactionsWithUncertainOrder(entries)
  const claimed = entries
    .filter((entry) => rowOps.has(entry.op) && entry.cause === null && !mixed.has(entry.tx))
    .map(inColumnOrder(partitioned))
  const direct = changes.filter((change) => !change.caused && !mixed.has(change.tx))
  const seen = withMovedRows(direct).filter(isChange).map(inColumnOrder(partitioned))
  expect(byTransaction(claimed, claimOfEntry)).toEqual(byTransaction(seen, claimOfChange))
  expectFullImages(claimed, seen)
}

/**
 * Fails unless every change that foreign keys caused has its entry, or is announced. Entries and changes are compared as sets: what is
 * caused is written with the row that causes it, and happens at the end of the statement.
 */
function expectCausedChanges(
  entries: readonly ObservedEntry[],
  changes: readonly ObservedChange[],
  partitioned: ReadonlySet<string>,
): void {
  const announced = new Set(entries.flatMap(announcedTables))
  const isAnnounced = ({ table, tx }: ObservedChange) => announced.has(`${table} in transaction ${tx}`)
  const claimed = entries.filter((entry) => rowOps.has(entry.op)).map(inColumnOrder(partitioned))
  const seen = withMovedRows(changes).filter(isChange).map(inColumnOrder(partitioned))
  const certain = seen.filter((change) => !isAnnounced(change)).map(textOfChange)
  const claims = claimed.map(textOfEntry)
  expect(without(certain, claims), 'changes without an entry').toEqual([])
  expect(without(claims, seen.map(textOfChange)), 'entries without a change').toEqual([])
}

const textOfEntry = (entry: ObservedEntry) => JSON.stringify([entry.tx, sorted(claimOfEntry(entry))])
const textOfChange = (change: ObservedChange) => JSON.stringify([change.tx, sorted(claimOfChange(change))])

function sorted(claim: Claim): Claim {
  if (!('changed' in claim)) return claim
  return {
    ...claim,
    changed: Object.fromEntries(Object.entries(claim.changed).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}

/** What is left of a list when another is taken from it, item by item. */
function without(items: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>()
  for (const other of others) left.set(other, (left.get(other) ?? 0) + 1)
  return items.filter((item) => {
    const times = left.get(item) ?? 0
    left.set(item, times - 1)
    return times <= 0
  })
}

/** Where a table's rows are changed by statements and by their own foreign keys alike, a trigger cannot tell which is which. */
function transactionsWithUncertainOrder(entries: readonly ObservedEntry[]): ReadonlySet<string> {
  const nameOf = ({ tx, table }: ObservedEntry) => `${table} in transaction ${tx}`
  const rows = entries.filter(({ op }) => rowOps.has(op))
  const named = new Set(rows.filter(({ cause }) => cause === null).map(nameOf))
  const caused = rows.filter((entry) => entry.cause !== null && named.has(nameOf(entry)))
  const announced = entries.filter((entry) => announcedTables(entry).some((table) => named.has(table)))
  return new Set([...caused, ...announced].map(({ tx }) => tx))
}

/** Fails unless every row that the database itself changed is announced by an entry which names its table. */
export function expectCausedChangesAnnounced({ entries, changes }: Observed): void {
  const captured = new Set(
    entries.filter(({ cause }) => cause !== null).map(({ tx, table }) => `${tx} ${table}`),
  )
  const caused = changes.filter(
    (change) => change.caused && isChange(change) && !captured.has(`${change.tx} ${change.table}`),
  )
  const wanted = new Set(caused.map((change) => `${change.table} in transaction ${change.tx}`))
  const announced = new Set(entries.flatMap(announcedTables))
  expect([...wanted].filter((table) => !announced.has(table))).toEqual([])
}

/** Fails unless the sealer will find every entry exactly once. */
export function expectEachEntryQueuedOnce({ entries }: Observed): void {
  expect(entries.filter(({ places }) => places !== 1)).toEqual([])
}

/** A trigger sees a row as its partition orders the columns, and the entry as the table does: order does not count there. */
function inColumnOrder(partitioned: ReadonlySet<string>) {
  const sort = (fields: ImageFields) => [...fields].sort(([a], [b]) => (a < b ? -1 : 1))
  const textOf = (fields: ImageFields) =>
    fields.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join()
  return <Item extends ObservedEntry | ObservedChange>(item: Item): Item => {
    if (!partitioned.has(item.table ?? '')) return item
    const [beforeFields, afterFields] = [sort(item.beforeFields), sort(item.afterFields)]
    const [before, after] = [item.before && textOf(beforeFields), item.after && textOf(afterFields)]
    return { ...item, beforeFields, afterFields, before, after }
  }
}

/** An update that leaves the row as it was is no change. */
function isChange({ op, before, after }: ObservedChange): boolean {
  return op !== 'update' || before !== after
}

function announcedTables(entry: ObservedEntry): string[] {
  if (entry.op !== 'statement') return []
  return getAnnouncement(entry).tables.map((table) => `${table} in transaction ${entry.tx}`)
}

/** PostgreSQL moves a row between partitions as a delete and an insert; to the application it is one update. */
function withMovedRows(changes: readonly ObservedChange[]): readonly ObservedChange[] {
  const merged: ObservedChange[] = []
  for (const change of changes) {
    const previous = merged.at(-1)
    const isMove =
      change.op === 'insert' &&
      change.partitioned &&
      previous?.op === 'delete' &&
      previous.table === change.table &&
      previous.tx === change.tx &&
      previous.statement === change.statement
    if (!isMove) merged.push(change)
    else {
      merged.pop()
      merged.push({ ...previous, op: 'update', after: change.after, afterFields: change.afterFields })
    }
  }
  return merged
}

function byTransaction<Item extends { readonly tx: string }>(
  items: readonly Item[],
  claim: (item: Item) => Claim,
): Record<string, Claim[]> {
  const groups: Record<string, Claim[]> = {}
  for (const item of items) {
    groups[item.tx] ??= []
    groups[item.tx]?.push(claim(item))
  }
  return groups
}

function claimOfEntry(entry: ObservedEntry): Claim {
  const { op, table, key, before, after, beforeFields, afterFields } = entry
  if (op !== 'update') return { op, table, key, before, after }
  const names = beforeFields.map(([name]) => name)
  expect(afterFields.map(([name]) => name)).toEqual(names)
  expect(new Set(names).size).toBe(names.length)
  return { op, table, key, changed: changedFields(beforeFields, afterFields, () => true) }
}

function claimOfChange({ op, table, key, before, after, beforeFields, afterFields }: ObservedChange): Claim {
  if (op !== 'update') return { op, table, key, before, after }
  return { op, table, key, changed: changedFields(beforeFields, afterFields, (from, to) => from !== to) }
}

type IsWanted = (from: string | undefined, to: string | undefined) => boolean

function changedFields(before: ImageFields, after: ImageFields, isWanted: IsWanted) {
  const to = new Map(after)
  const pairs = before.map(([name, from]) => [name, [from, to.get(name)] as const] as const)
  return Object.fromEntries(pairs.filter(([, [from, fresh]]) => isWanted(from, fresh)))
}

/** Old image, patched with what the entry says, must be the new image: all of it, byte for byte. */
function expectFullImages(entries: readonly ObservedEntry[], changes: readonly ObservedChange[]): void {
  const waiting = [...changes]
  for (const entry of entries) {
    const [change] = waiting.splice(
      waiting.findIndex(({ tx }) => tx === entry.tx),
      1,
    )
    if (entry.op !== 'update' || change === undefined) continue
    const patch = new Map(entry.afterFields)
    const patched = change.beforeFields.map(([name, text]) => [name, patch.get(name) ?? text])
    expect(patched).toEqual(change.afterFields)
  }
}
