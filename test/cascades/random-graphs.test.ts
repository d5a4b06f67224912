import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AuditedSession,
  type CascadeDatabase,
  createCascadeDatabase,
} from './support/audited-sessions.ts'
import { type Graph, graph, rowsOf, type Statement, statementOf, tablesOf } from './support/random-graph.ts'

let cascade: CascadeDatabase
let session: AuditedSession

beforeAll(async () => {
  cascade = await createCascadeDatabase()
  session = await cascade.session()
})

afterAll(() => cascade.close())

const RUNS = 40

/** How often a run was exact to the end, announced a part, or was refused by the database itself. */
const outcomes = { exact: 0, announced: 0, refused: 0, caused: 0 }

async function run(example: Graph): Promise<void> {
  const { database } = cascade
  await database.query(`drop schema public cascade; create schema public; ${tablesOf(example)}`)
  await cascade.create('select 1')
  await session.refresh()
  for (const statement of example.statements) {
    await database.query(rowsOf(example))
    await runStatement(statement)
  }
}

async function runStatement(statement: Statement): Promise<void> {
  const { entries, result } = await cascade.oracle.check(() =>
    session.query(statementOf(statement)).then(
      () => 'done',
      (error: unknown) => {
        expect(error).toMatchObject({ code: expect.stringMatching(/^23/) })
        return 'refused'
      },
    ),
  )
  if (result === 'refused') outcomes.refused += 1
  else if (entries.some(({ op }) => op === 'statement')) {
    outcomes.announced += 1
    // Only a statement that shows its rows one by one may come too late for the order of another row's actions.
    expect(statement.returning).toBe(true)
  } else outcomes.exact += 1
  outcomes.caused += entries.filter(({ cause }) => cause !== null).length
}

test('whatever the graph, its entries are the changes that the triggers saw', async () => {
  const seed = Number(process.env['CASCADE_SEED'] ?? 42)
  const milliseconds = Number(process.env['CASCADE_MILLISECONDS'] ?? 0)
  // By number, so that a busy machine runs the same ones and a fast one no others.
  const amount =
    milliseconds === 0
      ? { numRuns: RUNS }
      : { numRuns: 100_000, interruptAfterTimeLimit: milliseconds, markInterruptAsFailure: false }
  await fc.assert(fc.asyncProperty(graph, run), { seed, ...amount, endOnFailure: true })
  console.log('random graphs:', JSON.stringify(outcomes))
  expect(outcomes.exact).toBeGreaterThan(20)
  expect(outcomes.exact).toBeGreaterThan(5 * outcomes.announced)
}, 600_000)
