import {
  type AuditOptions,
  addCaptureTriggers,
  type CaptureTriggerOptions,
  fromPgPool,
} from '@indelible/core'
import { expect } from 'vitest'
import { expectEachEntryQueuedOnce, expectSameChanges } from '../conformance/compare.ts'
import type { Observed, ObservedEntry } from '../conformance/observed.ts'
import type { Observation } from '../conformance/row-oracle.ts'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'

/** What the capture triggers of a test are made with: everything in clear unless told otherwise. */
export interface TriggeredOptions extends CaptureTriggerOptions {
  /** The tables that get capture triggers. */
  readonly tables: readonly string[]
}

/** Creates a database for the tests of a file, with capture triggers on some of its tables. */
export async function createTriggeredDatabase(
  sql: string,
  { tables, ...options }: TriggeredOptions,
): Promise<PoolDatabase> {
  const at = await createPoolDatabase(sql)
  await addCaptureTriggers(fromPgPool(at.database.pool), tables, { redact: { defaults: false }, ...options })
  return at
}

/** Fails unless every change that the row oracle saw has exactly one entry, whoever or whatever changed the row. */
export function expectEveryChange({ entries, changes }: Observed): void {
  // To a trigger a row that moves to another partition is a delete and an insert.
  const direct = changes.map((change) => ({
    ...change,
    caused: false,
    partitioned: change.partitioned && change.op !== 'insert',
  }))
  expectSameChanges({ entries, changes: direct })
  expectEachEntryQueuedOnce({ entries, changes })
}

/** The same where a trigger of the application's writes rows before the oracle is told of the one that set it off. */
export function expectEveryChangeInAnyOrder({ entries, changes }: Observed): void {
  expectEveryChange({ entries: entries.toSorted(byRow), changes: changes.toSorted(byRow) })
}

type Row = Pick<ObservedEntry, 'tx' | 'op' | 'table' | 'key' | 'beforeFields' | 'afterFields'>

function byRow(one: Row, other: Row): number {
  const [a = '', b = ''] = [one, other].map((row) =>
    JSON.stringify([row.tx, row.table, row.key, row.op, differences(row)]),
  )
  return a < b ? -1 : 1
}

function differences({ beforeFields, afterFields }: Row): unknown {
  const after = new Map(afterFields)
  return beforeFields.flatMap(([name, text]) =>
    after.get(name) === text ? [] : [[name, text, after.get(name)]],
  )
}

/** Fails unless every entry tells that a program without Indelible wrote it. */
export async function expectExternal(at: PoolDatabase, { entries }: Observation<unknown>): Promise<void> {
  const rows = await at.database.query(
    `select distinct actor_id, actor_type, correlation_id, context ->> 'source' as source, context ->> 'databaseUser' as "user",
      context ->> 'applicationName' as application from indelible.entry where id = any ($1)`,
    [entries.map(({ id }) => id)],
  )
  expect(rows).toEqual([
    {
      actor_id: null,
      actor_type: null,
      correlation_id: null,
      source: 'external',
      user: 'postgres',
      application: expect.any(String),
    },
  ])
}

/** Fails unless every entry has the actor of the work and its correlation id. */
export function expectOwn({ entries, who }: Observation<unknown>): void {
  expect(entries.length).toBeGreaterThan(0)
  for (const { actor, correlationId } of entries) expect({ actor, correlationId }).toEqual(who)
}

/** The options of an audited pool that say nothing of redaction. */
export const inTheClear: AuditOptions = { redact: { defaults: false }, seal: false }

/**
 * Fails unless every change has exactly one entry or is announced: by the trigger of its table, by the statement, or by the foreign
 * key action that the statement followed. `watched` names the tables with capture triggers; `either` where these come and go.
 */
export function expectEveryRow({ entries, changes }: Observed, watched: readonly string[] | 'either'): void {
  const byTrigger = new Set(
    entries.filter(({ cause }) => cause === null).map(({ tx, table }) => `${tx} ${table}`),
  )
  const isEntered = ({ tx, table }: { readonly tx: string; readonly table: string | null }) =>
    watched === 'either'
      ? byTrigger.has(`${tx} ${table}`)
      : watched.some((name) => `public.${name}` === table)
  const judged = changes.map((change) => ({
    ...change,
    caused: change.caused && !isEntered(change),
    partitioned: change.partitioned && change.op !== 'insert',
  }))
  for (const { cause, table } of entries)
    if (watched !== 'either' && watched.some((name) => `public.${name}` === table)) expect(cause).toBeNull()
  expectSameChanges({ entries: entries.toSorted(byRow), changes: judged.toSorted(byRow) })
  expectEachEntryQueuedOnce({ entries, changes })
}
