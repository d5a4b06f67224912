import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AuditedSession,
  type CascadeDatabase,
  createCascadeDatabase,
} from './support/audited-sessions.ts'

let cascade: CascadeDatabase
let session: AuditedSession

beforeAll(async () => {
  cascade = await createCascadeDatabase()
  session = await cascade.session()
})

afterAll(() => cascade.close())

const actions = ['cascade', 'set null', 'set default'] as const
const tableCount = 4
const rowCount = 5

const action = fc.constantFrom(...actions)
const edge = fc.record({
  child: fc.nat(tableCount - 1),
  parent: fc.nat(tableCount - 1),
  onDelete: fc.oneof({ weight: 3, arbitrary: fc.constant('cascade' as const) }, action),
  onUpdate: fc.oneof({ weight: 3, arbitrary: fc.constant('cascade' as const) }, action),
  /** The keys of the rows that the child's rows refer to; 0 is none. */
  targets: fc.array(fc.nat(rowCount), { minLength: rowCount, maxLength: rowCount }),
  /** Whether the column is the child's key as well. */
  shared: fc.boolean(),
})

const graph = fc.record({
  edges: fc.array(edge, { minLength: 1, maxLength: 6 }),
  generated: fc.boolean(),
  statements: fc.array(
    fc.record({
      root: fc.nat(tableCount - 1),
      rows: fc.subarray([1, 2, 3, 4, 5], { minLength: 1 }),
      verb: fc.constantFrom('delete', 'update'),
      returning: fc.boolean(),
    }),
    { minLength: 12, maxLength: 12 },
  ),
})

type Graph = typeof graph extends fc.Arbitrary<infer Value> ? Value : never
type Statement = Graph['statements'][number]

/** Tables t0…t3 with a referenced key `id` and a column for each foreign key that leaves them. */
function tablesOf({ edges, generated }: Graph): string {
  const tables = Array.from({ length: tableCount }, (_, at) => {
    const own = edges.flatMap(({ child }, n) => (child === at ? [`f${n}`] : []))
    const columns = own.map((name, n) => `, ${name} int default ${n % 2 === 0 ? 5 : 'null'}`).join('')
    const sum = own.map((name) => `coalesce(${name}, 0)`).join(' + ')
    const total = generated && own.length > 0 ? `, total int generated always as (${sum}) stored` : ''
    return `create table t${at} (id int primary key, note text default 'n'${columns}${total})`
  })
  const keys = edges.map(
    ({ child, parent, onDelete, onUpdate }, n) =>
      `alter table t${child} add foreign key (f${n}) references t${parent} on delete ${onDelete} on update ${onUpdate}`,
  )
  return [...tables, ...keys].join(';\n')
}

/** Empties the tables and fills them, past all foreign keys. */
function rowsOf({ edges }: Graph): string {
  const inserts = Array.from({ length: tableCount }, (_, at) => {
    const own = edges.flatMap((edge, n) => (edge.child === at ? [{ ...edge, n }] : []))
    const columns = ['id', ...own.map(({ n }) => `f${n}`)].join(', ')
    const rows = Array.from({ length: rowCount }, (_, row) => {
      const values = own.map(({ targets }) => targets[row] || 'null')
      return `(${[row + 1, ...values].join(', ')})`
    })
    return `delete from t${at}; insert into t${at} (${columns}) values ${rows.join(', ')}`
  })
  return `set session_replication_role = replica; ${inserts.join('; ')}; reset session_replication_role`
}

function statementOf({ root, rows, verb, returning }: Statement): string {
  const where = `where id in (${rows.join(', ')})`
  const text =
    verb === 'delete' ? `delete from t${root} ${where}` : `update t${root} set id = id + 100 ${where}`
  return returning ? `${text} returning id` : text
}

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
  const milliseconds = Number(process.env['CASCADE_MILLISECONDS'] ?? 20_000)
  await fc.assert(fc.asyncProperty(graph, run), {
    seed,
    numRuns: 100_000,
    interruptAfterTimeLimit: milliseconds,
    markInterruptAsFailure: false,
    endOnFailure: true,
  })
  console.log('random graphs:', JSON.stringify(outcomes))
  expect(outcomes.exact).toBeGreaterThan(20)
  expect(outcomes.exact).toBeGreaterThan(5 * outcomes.announced)
}, 600_000)
