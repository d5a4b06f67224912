import { addCaptureTriggers, fromPgPool } from '@indelible/core'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AuditedSession,
  type CascadeDatabase,
  createCascadeDatabase,
} from '../cascades/support/audited-sessions.ts'
import {
  type Graph,
  graph,
  rowsOf,
  type Statement,
  statementOf,
  tableCount,
  tablesOf,
} from '../cascades/support/random-graph.ts'
import { expectEveryRow } from './triggered-database.ts'

let cascade: CascadeDatabase
let session: AuditedSession
beforeAll(async () => {
  cascade = await createCascadeDatabase()
  session = await cascade.session()
})
afterAll(() => cascade.close())

const names = Array.from({ length: tableCount }, (_, at) => `t${at}`)
const example = fc.record({
  graph,
  watched: fc.subarray(names, { minLength: 1, maxLength: 2 }),
  /** Whether the session has not noticed the triggers yet when it runs the first statement. */
  late: fc.boolean(),
})
type Example = { readonly graph: Graph; readonly watched: string[]; readonly late: boolean }

/** How often a run was exact to the end, announced a part, or was refused by the database itself. */
const outcomes = { exact: 0, announced: 0, refused: 0, byTrigger: 0, byFunction: 0 }

async function run({ graph, watched, late }: Example): Promise<void> {
  const { database } = cascade
  await database.query(`drop schema public cascade; create schema public; ${tablesOf(graph)}`)
  await database.query('delete from indelible.capture_trigger')
  await cascade.create('select 1')
  if (late) await session.refresh()
  await addCaptureTriggers(fromPgPool(database.pool), watched, { redact: { defaults: false } })
  if (!late) await session.refresh()
  for (const statement of graph.statements) {
    await database.query(rowsOf(graph))
    await runStatement(statement, watched)
  }
}

async function runStatement(statement: Statement, watched: readonly string[]): Promise<void> {
  const observation = await cascade.oracle.observe(() =>
    session.query(statementOf(statement)).then(
      () => 'done',
      (error: unknown) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/^23/) })
        return 'refused'
      },
    ),
  )
  expectEveryRow(observation, watched)
  const { entries, result } = observation
  if (result === 'refused') outcomes.refused += 1
  else if (entries.some(({ op }) => op === 'statement')) outcomes.announced += 1
  else outcomes.exact += 1
  outcomes.byFunction += entries.filter(({ cause }) => cause !== null).length
  outcomes.byTrigger += entries.filter(({ table }) =>
    watched.some((name) => table === `public.${name}`),
  ).length
}

test('whichever tables of a graph have capture triggers: every change has one entry, or is announced', async () => {
  const seed = Number(process.env['CASCADE_SEED'] ?? 42)
  const milliseconds = Number(process.env['CASCADE_MILLISECONDS'] ?? 0)
  // By number, so that a busy machine runs the same ones.
  const amount =
    milliseconds === 0
      ? { numRuns: 20 }
      : { numRuns: 100_000, interruptAfterTimeLimit: milliseconds, markInterruptAsFailure: false }
  await fc.assert(fc.asyncProperty(example, run), { seed, ...amount, endOnFailure: true })
  console.log('random graphs with capture triggers:', JSON.stringify(outcomes))
  expect(outcomes.exact).toBeGreaterThan(20)
  expect(outcomes.byTrigger).toBeGreaterThan(20)
  expect(outcomes.byFunction).toBeGreaterThan(20)
}, 600_000)
