import { setImmediate as turn } from 'node:timers/promises'
import { addCaptureTriggers, fromPgPool } from '@indelible/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrmClient, OrmHarness, Scenario } from '../conformance/orm-harness.ts'
import type { Observation } from '../conformance/row-oracle.ts'
import { createOrmDatabase, type OrmDatabase, readUserRows } from '../conformance/suite/twin-databases.ts'
import { visible } from '../conformance/suite/visible.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { expectEveryChangeInAnyOrder } from './triggered-database.ts'

interface Side<Native> extends OrmDatabase<Native> {
  readonly client: OrmClient<Native>
}

/**
 * Every scenario of an ORM again, with capture triggers on all tables: then every row that the oracle sees has exactly one entry,
 * also those of statements that cannot be captured and those that foreign keys and triggers change.
 */
export function describeWithTriggers<Native>(harness: OrmHarness<Native>): void {
  let plain: Side<Native>
  let audited: Side<Native>
  let watched: ReadonlySet<string>

  beforeAll(async () => {
    plain = await createSide(harness, async () => undefined, false)
    audited = await createSide(harness, async ({ database }) => {
      watched = await putTriggers(database)
    })
  })
  afterAll(() => Promise.all([plain?.close(), audited?.close()]))

  describe.each(harness.scenarios)('$name', (scenario) => {
    test('every row has its entry, once, and the application sees what it sees without Indelible', async () => {
      await Promise.all([plain, audited].map(({ client }) => scenario.arrange?.(client.native)))
      const without = await look(plain, scenario)
      const observation = await audited.oracle.observe(() => look(audited, scenario))
      const entries = observation.entries.filter(({ table }) => watched.has(table ?? ''))
      expectEveryChangeInAnyOrder({ ...observation, entries })
      if (scenario.expects === 'exact') expectNoStranger(observation)
      expect(observation.result).toEqual(without)
    })
  })
}

/** The client comes last: one that had to notice the triggers would send its first statement twice, and a sequence tell. */
async function createSide<Native>(
  harness: OrmHarness<Native>,
  prepare: (made: OrmDatabase<Native>) => Promise<void>,
  withAudit = true,
): Promise<Side<Native>> {
  const made = await createOrmDatabase(harness, { withAudit })
  await prepare(made)
  return { ...made, client: await made.open(withAudit ? {} : { audit: false }) }
}

async function putTriggers(database: TestDatabase): Promise<ReadonlySet<string>> {
  const tables = await database.query<{ schema: string; name: string }>(
    `select nspname as schema, relname as name from pg_class c join pg_namespace n on n.oid = relnamespace
     where relkind in ('r', 'p') and not relispartition and nspname !~ '^pg_'
       and nspname not in ('information_schema', 'indelible', 'oracle')`,
  )
  await addCaptureTriggers(fromPgPool(database.pool), tables, { redact: { defaults: false } })
  return new Set(tables.map(({ schema, name }) => `${schema}.${name}`))
}

async function look<Native>({ client, database }: Side<Native>, { run }: Scenario<Native>): Promise<unknown> {
  client.seen.length = 0
  const outcome = await attempt(() => run(client.native))
  // A logger may be told after the result.
  await turn()
  return { outcome, seen: visible(client.seen), rows: await readUserRows(database) }
}

async function attempt(work: () => PromiseLike<unknown>): Promise<unknown> {
  try {
    return { result: visible(await work()) }
  } catch (error) {
    return { error: visible(error) }
  }
}

function expectNoStranger({ entries, who }: Observation<unknown>): void {
  expect(
    entries.filter(({ actor, correlationId }) => actor !== who.actor || correlationId !== who.correlationId),
  ).toEqual([])
}
