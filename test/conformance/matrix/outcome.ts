import { describeUncaptured, getAnnouncement } from '../announcements.ts'
import { withMovedRows } from '../compare.ts'
import { type Observed, type ObservedChange, type ObservedEntry, rowOps } from '../observed.ts'

/** What the trail held of a piece of work, from best to worst, measured against what the triggers saw. */
export const outcomes = ['nothing', 'exact', 'recorded', 'not seen'] as const

/**
 * - `nothing`: nothing changed, and the trail tells of nothing.
 * - `exact`: every row that changed has its entry.
 * - `recorded`: rows changed without an entry of their own, or the schema did, and an announcement tells of it.
 * - `not seen`: rows changed and nothing tells of it.
 */
export type Outcome = (typeof outcomes)[number]

/** Names the outcome of observed work. `unnamed`: tables that an announcement stands for without naming them. */
export function outcomeOf({ entries, changes }: Observed, unnamed: readonly string[] = []): Outcome {
  const lost = changesWithoutEntry({ entries, changes })
  if (lost.some((change) => !isAnnounced(change, entries, unnamed))) return 'not seen'
  if (lost.length > 0 || describeUncaptured(entries).length > 0) return 'recorded'
  return entries.some(({ op }) => rowOps.has(op)) ? 'exact' : 'nothing'
}

/** Lists the changes of which nothing tells, as `insert touched`, without repetitions. */
export function describeUnseen({ entries, changes }: Observed): string[] {
  const unseen = unseenOf({ entries, changes })
  return [...new Set(unseen.map(({ op, table }) => `${op} ${withoutPublic(table)}`))].sort()
}

/** An observation without that of which nothing tells. What is left are the rows that statements wrote themselves. */
export function withoutUnseen<Work extends Observed>(work: Work): Work {
  const unseen = new Set(unseenOf(work))
  const seen = work.changes.filter((change) => !unseen.has(change))
  return { ...work, changes: seen.map((change) => ({ ...change, caused: false })) }
}

/** An observation without what the triggers saw of these tables. */
export function withoutTables<Work extends Observed>(work: Work, tables: readonly string[]): Work {
  return { ...work, changes: work.changes.filter(({ table }) => !tables.includes(withoutPublic(table))) }
}

/** Finds the worst outcome. */
export function worstOf(list: readonly Outcome[]): Outcome {
  return outcomes[Math.max(0, ...list.map((each) => outcomes.indexOf(each)))] ?? 'nothing'
}

function unseenOf({ entries, changes }: Observed): ObservedChange[] {
  return changesWithoutEntry({ entries, changes }).filter((each) => !isAnnounced(each, entries, []))
}

function changesWithoutEntry({ entries, changes }: Observed): ObservedChange[] {
  const told = entries.filter(({ op }) => rowOps.has(op)).map(nameOf)
  return withMovedRows(changes)
    .filter(({ op, before, after }) => op !== 'update' || before !== after)
    .filter((change) => {
      const at = told.indexOf(nameOf(change))
      if (at >= 0) told.splice(at, 1)
      return at < 0
    })
}

function isAnnounced(
  { tx, table }: ObservedChange,
  entries: readonly ObservedEntry[],
  unnamed: readonly string[],
): boolean {
  return entries.some((entry) => {
    if (rowOps.has(entry.op)) return false
    const { tables, isEffect } = getAnnouncement(entry)
    // DO and CALL name no table, and are announced in a transaction before.
    if (tables.length === 0) return entry.op === 'statement'
    if (entry.tx !== tx) return false
    return tables.includes(table) || (!isEffect && unnamed.includes(withoutPublic(table)))
  })
}

function nameOf({ op, table, key, tx }: ObservedEntry | ObservedChange): string {
  return `${op} of ${table} ${key} in transaction ${tx}`
}

function withoutPublic(table: string): string {
  return table.replace(/^public\./, '')
}
