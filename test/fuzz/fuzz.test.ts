import { fromPgPool, migrate, verifyLog } from '@indelible/core'
import { afterAll, expect, test } from 'vitest'
import { describeUncaptured, withoutUncaptured } from '../conformance/announcements.ts'
import { expectEachEntryQueuedOnce, expectSameChanges } from '../conformance/compare.ts'
import { readEntries } from '../conformance/observed.ts'
import { createRowOracle, type Observation } from '../conformance/row-oracle.ts'
import { createRandom, type Random } from '../sql/random.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { openers } from './fuzz-sessions.ts'
import { randomProgram, type Step } from './random-program.ts'
import { type FuzzSchema, randomSchema } from './random-schema.ts'
import { readTable, replay } from './replay.ts'
import { runProgram } from './run-program.ts'
import { nameOf } from './sql-name.ts'

// The same seeds each time, so that a change is judged by what it changes. FUZZ_SEED takes others, FUZZ_SECONDS more of them.
const firstSeed = Number(process.env['FUZZ_SEED'] ?? 30_334)
const seconds = Number(process.env['FUZZ_SECONDS'] ?? 10)
const timeout = seconds * 1000 + 60_000
let statements = 0
let refused = 0

afterAll(() =>
  console.log(
    `fuzz: ${statements} statements, ${refused} of the first test's refused by the server, first seed ${firstSeed}`,
  ),
)

test('one client at a time: same results as without Indelible, entries as the triggers saw it', {
  timeout,
}, async () => {
  await fuzz(async (random, schema) => {
    const program = randomProgram(random, schema, 300)
    const opener = random.pick(openers)
    const [audited, plain] = [await createFuzzDatabase(schema, true), await createFuzzDatabase(schema, false)]
    try {
      const client = await opener.open(audited.url, true)
      const twin = await opener.open(plain.url, false)
      const oracle = await createRowOracle(audited)
      const observation = await oracle.observe(() => runProgram(client, program)).finally(client.close)
      const { result } = observation
      expectComplete(observation, audited)
      const expected = await runProgram(twin, program).finally(twin.close)
      expect(result, opener.name).toEqual(expected)
      refused += result.filter(isError).length
      await expectSameRows(schema, audited, plain)
      await expectReplayed(schema, audited)
    } finally {
      await Promise.all([audited.drop(), plain.drop()])
    }
    return countStatements(program)
  })
})

test('several clients at once, some of them cut off: entries as the triggers saw it, and a sound chain', {
  timeout,
}, async () => {
  await fuzz(async (random, schema) => {
    const database = await createFuzzDatabase(schema, true)
    const programs = Array.from({ length: 4 }, () => randomProgram(random, schema, 150))
    try {
      const oracle = await createRowOracle(database)
      const clients = await Promise.all(programs.map(() => random.pick(openers).open(database.url, true)))
      const observation = await oracle.observe(async () => {
        const killing = killSometimes(random, database)
        await Promise.all(programs.map((program, at) => clients[at] && runProgram(clients[at], program)))
        await killing
      })
      expectComplete(observation, database)
      await Promise.all(clients.map((client) => client.close()))
      await expectReplayed(schema, database)
      expect((await verifyLog(fromPgPool(database.pool))).findings).toEqual([])
    } finally {
      await database.drop()
    }
    return programs.reduce((count, program) => count + countStatements(program), 0)
  })
})

async function fuzz(round: (random: Random, schema: FuzzSchema) => Promise<number>): Promise<void> {
  const end = Date.now() + seconds * 1000
  for (let seed = firstSeed; Date.now() < end; seed += 1) {
    const random = createRandom(seed)
    try {
      statements += await round(random, randomSchema(random))
    } catch (error) {
      throw new Error(`FUZZ_SEED=${seed} fails`, { cause: error })
    }
  }
}

async function createFuzzDatabase(schema: FuzzSchema, audited: boolean): Promise<TestDatabase> {
  const database = await createDatabase({ template: 'empty' })
  database.pool.on('error', () => undefined)
  await database.query(schema.sql)
  if (audited) await migrate(fromPgPool(database.pool))
  return database
}

async function killSometimes(random: Random, database: TestDatabase): Promise<void> {
  for (let kills = random.below(4); kills > 0; kills -= 1) {
    await database.query(`select pg_sleep(${(1 + random.below(20)) / 200})`)
    await database.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle' order by pid limit 1`,
    )
  }
}

async function expectSameRows(schema: FuzzSchema, audited: TestDatabase, plain: TestDatabase): Promise<void> {
  for (const { name } of schema.tables) {
    expect(await readTable(audited, name), name).toEqual(await readTable(plain, name))
  }
}

/** Before PostgreSQL 18 some upserts into partitioned tables are announced; nothing else of the fuzz ever is. */
function expectComplete(observation: Observation<unknown>, { major }: TestDatabase): void {
  const announced = describeUncaptured(observation.entries)
  expect(announced.filter((text) => major >= 18 || !text.startsWith('statement INSERT'))).toEqual([])
  expectSameChanges(withoutUncaptured(observation))
  expectEachEntryQueuedOnce(observation)
}

/** Links are made in the order in which transactions became visible, and ids in that of their statements: rows need the latter. */
async function expectReplayed(schema: FuzzSchema, database: TestDatabase): Promise<void> {
  const entries = await readEntries(database, '0')
  const announced = describeUncaptured(entries).join()
  for (const table of schema.tables.filter(({ key }) => key.length > 0)) {
    if (announced.includes(nameOf(table.name))) continue
    const own = entries.filter((entry) => entry.table === `public.${nameOf(table.name)}`)
    expect(replay(table, own), table.name).toEqual(await readTable(database, table.name))
  }
}

function isError(seen: unknown): boolean {
  return typeof seen === 'object' && seen !== null && 'error' in seen
}

function countStatements(steps: readonly Step[]): number {
  return steps.reduce(
    (count, step) => count + (step.kind === 'statement' ? 1 : countStatements(step.steps)),
    0,
  )
}
