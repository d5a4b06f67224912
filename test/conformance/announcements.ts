import { expect } from 'vitest'
import { type Observed, type ObservedChange, type ObservedEntry, rowOps } from './observed.ts'

/** What an entry of op statement, truncate or ddl says. */
export interface Announcement {
  readonly verb: string
  /** With their schemas. */
  readonly tables: readonly string[]
  /** Whether it tells of foreign key actions only; the statement itself was captured. */
  readonly isEffect: boolean
}

/** Reads the details of an entry that holds no row. */
export function getAnnouncement({ after }: ObservedEntry): Announcement {
  interface Details {
    readonly verb: string
    readonly tables?: readonly { readonly schema?: string; readonly name: string }[]
    readonly cause?: number
  }
  const { verb, tables = [], cause } = JSON.parse(after ?? '{}') as Details
  const names = tables.map(({ schema = 'public', name }) => `${schema}.${name}`)
  return { verb, tables: names, isEffect: cause !== undefined }
}

/** Lists the statements that were not captured, as scenarios write them: `truncate TRUNCATE Tag`. */
export function describeUncaptured(entries: readonly ObservedEntry[]): string[] {
  return entries.filter(isUncaptured).map((entry) => {
    const { verb, tables } = getAnnouncement(entry)
    const names = [...new Set(tables)].map((table) => table.replace(/^public\./, '')).sort()
    return [entry.op, verb, names.join(', ')].join(' ').trim()
  })
}

/** The part of the work that no uncaptured statement had to do with: there, entries and changes must be equal. */
export function withoutUncaptured({ entries, changes }: Observed): Observed {
  const isBlurred = blurredBy(entries)
  return {
    entries: entries.filter((entry) => !rowOps.has(entry.op) || !isBlurred(entry)),
    changes: changes.filter((change) => !isBlurred(change)),
  }
}

/**
 * Fails unless, of a table that an uncaptured statement wrote in the same transaction, each entry is a change that the triggers
 * saw, and some change has none: a statement that was captured completely is not to be called uncaptured.
 */
export function expectUncapturedOnly({ entries, changes }: Observed): void {
  const isBlurred = blurredBy(entries)
  const seen = changes.filter(isBlurred).map(nameChange)
  for (const entry of entries.filter((each) => rowOps.has(each.op) && isBlurred(each))) {
    const at = seen.indexOf(nameChange(entry))
    expect(at, `a change for the entry ${nameChange(entry)}`).toBeGreaterThanOrEqual(0)
    seen.splice(at, 1)
  }
  if (changes.some(isBlurred)) expect(seen).not.toEqual([])
}

function isUncaptured(entry: ObservedEntry): boolean {
  return !rowOps.has(entry.op) && entry.op !== 'event' && !getAnnouncement(entry).isEffect
}

type RowLike = Pick<ObservedEntry | ObservedChange, 'tx' | 'table'>

/** One that names no table may be about any: DO and CALL, which may even commit, and are announced in a transaction before. */
function blurredBy(entries: readonly ObservedEntry[]): (item: RowLike) => boolean {
  const named = entries.filter(isUncaptured).map((entry) => ({ ...getAnnouncement(entry), tx: entry.tx }))
  return ({ tx, table }) =>
    named.some((each) => each.tables.length === 0 || (each.tx === tx && each.tables.includes(table ?? '')))
}

function nameChange({ op, table, key, tx }: ObservedEntry | ObservedChange): string {
  return `${op} of ${table} ${key} in transaction ${tx}`
}
