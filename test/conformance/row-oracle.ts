import { randomUUID } from 'node:crypto'
import { runWithAuditContext } from '@indelible/core'
import { expect } from 'vitest'
import type { TestDatabase } from '../support/fresh-database.ts'
import { describeUncaptured, expectUncapturedOnly, withoutUncaptured } from './announcements.ts'
import { expectCausedChangesAnnounced, expectEachEntryQueuedOnce, expectSameChanges } from './compare.ts'
import { type ObservedChange, type ObservedEntry, readChanges, readEntries } from './observed.ts'
import { rowOracleSql } from './row-oracle-sql.ts'

/** What a piece of work has left behind. */
export interface Observation<Result> {
  readonly result: Result
  /** The actor and the correlation id that it ran with. */
  readonly who: Pick<ObservedEntry, 'actor' | 'correlationId'>
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
  /** Runs `work` as an actor of its own and judges nothing yet. */
  observe<Result>(work: () => PromiseLike<Result>): Promise<Observation<Result>>
}

/** Puts the oracle on all user tables of a database. Redaction must be off where it is asked. */
export async function createRowOracle(database: TestDatabase): Promise<RowOracle> {
  await database.query(rowOracleSql)
  const watch = async () => void (await database.query('select oracle.watch()'))
  await watch()
  const ignore = async (...tables: readonly string[]) =>
    void (await database.query('select oracle.ignore(name::regclass) from unnest($1::text[]) name', [tables]))
  const observe = <Result>(work: () => PromiseLike<Result>) => observeWork(database, work)
  return {
    watch,
    ignore,
    observe,
    check: async (work) => {
      const observation = await observe(work)
      expectSameChanges(observation)
      expectWellKept(observation)
      return observation
    },
  }
}

/**
 * Fails unless the statements that an observation's entries announce as uncaptured are these (see `RecordedScenario`), all other
 * entries equal what the triggers saw, and each is queued once and carries its actor.
 */
export function expectComplete(observation: Observation<unknown>, announces: readonly string[]): void {
  expect(describeUncaptured(observation.entries)).toEqual(announces)
  expectSameChanges(withoutUncaptured(observation))
  expectUncapturedOnly(observation)
  expectWellKept(observation)
}

function expectWellKept(observation: Observation<unknown>): void {
  expectCausedChangesAnnounced(observation)
  expectEachEntryQueuedOnce(observation)
  const { entries, who } = observation
  const strangers = entries.filter(
    ({ actor, correlationId }) => actor !== who.actor || correlationId !== who.correlationId,
  )
  expect(strangers).toEqual([])
}

async function observeWork<Result>(
  database: TestDatabase,
  work: () => PromiseLike<Result>,
): Promise<Observation<Result>> {
  const start = await positionOf(database)
  const correlationId = randomUUID()
  const actor = { id: `actor ${correlationId}`, type: 'tester' }
  const result = await runWithAuditContext({ actor, correlationId }, work)
  const entries = await readEntries(database, start.entry)
  const changes = await readChanges(database, start.change)
  return { result, who: { actor: actor.id, correlationId }, entries, changes }
}

async function positionOf(database: TestDatabase): Promise<{ entry: string; change: string }> {
  const [row] = await database.query<{ entry: string; change: string }>(
    `select (select coalesce(max(id), 0)::text from indelible.entry) as entry,
      (select coalesce(max(n), 0)::text from oracle.change) as change`,
  )
  return row ?? { entry: '0', change: '0' }
}
