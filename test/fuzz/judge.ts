import { fromPgPool, verifyLog } from '@indelible/core'
import { expect } from 'vitest'
import { sealAll } from '../../packages/core/src/seal/seal-all.ts'
import { describeUncaptured, getAnnouncement, withoutUncaptured } from '../conformance/announcements.ts'
import { expectEachEntryQueuedOnce, expectSameChanges, withMovedRows } from '../conformance/compare.ts'
import {
  type Observed,
  type ObservedChange,
  type ObservedEntry,
  readEntries,
  rowOps,
} from '../conformance/observed.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { expectEveryRow } from '../triggers/triggered-database.ts'
import type { FuzzSchema } from './random-schema.ts'
import { readTable, replay } from './replay.ts'
import { nameOf } from './sql-name.ts'

/** Fails unless the trail tells what the triggers saw, and announces nothing but what it must. */
export function expectComplete(observed: Observed, schema: FuzzSchema, { major }: TestDatabase): void {
  const announced = describeUncaptured(observed.entries)
  expect(announced.filter((text) => !isExpected(text, schema, major))).toEqual([])
  const judged = withoutUncaptured(observed)
  if (schema.watched.length > 0) expectEveryRow(judgedByTrigger(judged, schema), schema.watched.map(nameOf))
  else expectSameChanges(judged)
  expectEachEntryQueuedOnce(observed)
}

const recorded = /^(?:statement (?:MERGE|WITH)|truncate TRUNCATE|ddl ALTER) /

/** The completeness check may name the table that the application's triggers write, and the oracle's. */
function isExpected(text: string, schema: FuzzSchema, major: number): boolean {
  if (schema.compared && /^statement COMPLETENESS (?:noted, )?oracle\.change$/.test(text)) return true
  if (schema.recorded && recorded.test(text)) return true
  // Some upserts into partitioned tables.
  return major < 18 && text.startsWith('statement INSERT ')
}

/** To a capture trigger a row that moves to another partition is a delete and an insert; to a statement it is an update. */
function judgedByTrigger({ entries, changes }: Observed, { watched }: FuzzSchema): Observed {
  const names = new Set(watched.map((name) => `public.${nameOf(name)}`))
  const byTrigger = changes.filter(({ table }) => names.has(table))
  const others = withMovedRows(changes.filter(({ table }) => !names.has(table)))
  const place = new Map(changes.map((change, at) => [change, at]))
  const inOrder = (change: ObservedChange) => place.get(change) ?? 0
  return { entries, changes: [...byTrigger, ...others].sort((one, other) => inOrder(one) - inOrder(other)) }
}

/** Fails unless the rows of each table can be made out of its entries: of those that nothing was announced of. */
export async function expectReplayed(schema: FuzzSchema, database: TestDatabase): Promise<void> {
  // Links are made in the order in which transactions became visible, and ids in that of their statements: rows need the latter.
  const entries = await readEntries(database, '0')
  const announced = new Set(entries.flatMap(tablesLeftOpen))
  for (const table of schema.tables.filter(({ key }) => key.length > 0)) {
    const name = `public.${nameOf(table.name)}`
    if (announced.has(name)) continue
    const own = entries.filter((entry) => entry.table === name || truncates(entry, name))
    expect(replay(table, own), table.name).toEqual(await readTable(database, table.name))
  }
}

function tablesLeftOpen(entry: ObservedEntry): readonly string[] {
  return rowOps.has(entry.op) || entry.op === 'truncate' ? [] : getAnnouncement(entry).tables
}

function truncates(entry: ObservedEntry, name: string): boolean {
  return entry.op === 'truncate' && getAnnouncement(entry).tables.includes(name)
}

/** Fails unless all entries can be sealed, and the chain that they make is sound. */
export async function expectSound(database: TestDatabase): Promise<void> {
  const audit = fromPgPool(database.pool)
  await sealAll(audit)
  const { findings, size } = await verifyLog(audit)
  const [row] = await database.query<{ count: number }>('select count(*)::int from indelible.entry')
  expect({ findings, size }).toEqual({ findings: [], size: row?.count })
}
