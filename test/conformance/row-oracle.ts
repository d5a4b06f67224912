import { randomUUID } from 'node:crypto'
import { runWithAuditContext } from '@indelible/core'
import { expect } from 'vitest'
import type { TestDatabase } from '../support/fresh-database.ts'
import { expectCausedChangesAnnounced, expectEachEntryQueuedOnce, expectSameChanges } from './compare.ts'
import { type ObservedChange, type ObservedEntry, readChanges, readEntries } from './observed.ts'
import { rowOracleSql } from './row-oracle-sql.ts'

/** What a piece of work has left behind. */
export interface Observation<Result> {
  readonly result: Result
  /** Its entries, in the order of their ids. */
  readonly entries: readonly ObservedEntry[]
  /** The changes that the trigger saw. */
  readonly changes: readonly ObservedChange[]
}

/** Holds the trail of any ORM against what row triggers saw. */
export interface RowOracle {
  /** Watches the tables that were made since. */
  watch(): Promise<void>
  /** Stops watching tables whose rows are not expected to have entries. Names as SQL writes them. */
  ignore(...tables: readonly string[]): Promise<void>
  /**
   * Runs `work` as an actor of its own, then fails unless its entries equal what the triggers saw: same tables, keys, images and
   * order, each queued once, each with this actor, and every row changed by a foreign key action announced.
   */
  check<Result>(work: () => PromiseLike<Result>): Promise<Observation<Result>>
}

/** Puts the oracle on all user tables of a database. Redaction must be off where it is asked. */
export async function createRowOracle(database: TestDatabase): Promise<RowOracle> {
  await database.query(rowOracleSql)
  const watch = async () => void (await database.query('select oracle.watch()'))
  await watch()
  const ignore = async (...tables: readonly string[]) =>
    void (await database.query('select oracle.ignore(name::regclass) from unnest($1::text[]) name', [tables]))
  return { watch, ignore, check: (work) => checkWork(database, work) }
}

async function checkWork<Result>(
  database: TestDatabase,
  work: () => PromiseLike<Result>,
): Promise<Observation<Result>> {
  const start = await positionOf(database)
  const correlationId = randomUUID()
  const actor = { id: `actor ${correlationId}`, type: 'tester' }
  const result = await runWithAuditContext({ actor, correlationId }, work)
  const entries = await readEntries(database, start.entry)
  const changes = await readChanges(database, start.change)
  expectSameChanges(entries, changes)
  expectCausedChangesAnnounced(entries, changes)
  expectEachEntryQueuedOnce(entries)
  const strangers = entries.filter(
    (entry) => entry.actor !== actor.id || entry.correlationId !== correlationId,
  )
  expect(strangers).toEqual([])
  return { result, entries, changes }
}

async function positionOf(database: TestDatabase): Promise<{ entry: string; change: string }> {
  const [row] = await database.query<{ entry: string; change: string }>(
    `select (select coalesce(max(id), 0)::text from indelible.entry) as entry,
      (select coalesce(max(n), 0)::text from oracle.change) as change`,
  )
  return row ?? { entry: '0', change: '0' }
}
