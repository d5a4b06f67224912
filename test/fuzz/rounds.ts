import { expect } from 'vitest'
import { createRowOracle } from '../conformance/row-oracle.ts'
import type { Random } from '../sql/random.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createAuditedDatabase, createPlainDatabase, killSometimes, optionsOf } from './fuzz-database.ts'
import { openers } from './fuzz-sessions.ts'
import { expectComplete, expectReplayed, expectSound } from './judge.ts'
import { countStatements, fillTables, randomProgram } from './random-program.ts'
import { type FuzzSchema, randomSchema } from './random-schema.ts'
import { readTable } from './replay.ts'
import { runProgram } from './run-program.ts'

/** What a round has done. */
export interface Round {
  readonly statements: number
  /** How many of them the server refused, where results are seen. */
  readonly refused: number
}

/** One client runs a program on a database with the audit schema, and then one without Indelible on a twin of that. */
export async function runOneClient(random: Random, length: number): Promise<Round> {
  const schema = randomSchema(random)
  const program = [...fillTables(schema), ...randomProgram(random, schema, length)]
  const opener = random.pick(openers)
  const [audited, plain] = [await createAuditedDatabase(schema), await createPlainDatabase(schema)]
  try {
    const client = await opener.open(audited.url, optionsOf(schema))
    const twin = await opener.open(plain.url, false)
    const oracle = await createRowOracle(audited)
    const observation = await oracle.observe(() => runProgram(client, program)).finally(client.close)
    const expected = await runProgram(twin, program).finally(twin.close)
    expect(observation.result, opener.name).toEqual(expected)
    await expectSameRows(schema, audited, plain)
    expectComplete(observation, schema, audited)
    await expectReplayed(schema, audited)
    return { statements: countStatements(program), refused: observation.result.filter(isError).length }
  } finally {
    await Promise.all([audited.drop(), plain.drop()])
  }
}

/** Four clients run programs at once on one database, and some of their sessions are cut off. */
export async function runSeveralClients(random: Random, length: number): Promise<Round> {
  // Nothing that changes the schema: another client may go by the older one for ten seconds.
  const schema: FuzzSchema = { ...randomSchema(random), recorded: false }
  const programs = Array.from({ length: 4 }, () => randomProgram(random, schema, length / 2))
  const database = await createAuditedDatabase(schema)
  try {
    const oracle = await createRowOracle(database)
    const open = () => random.pick(openers).open(database.url, optionsOf(schema))
    const clients = await Promise.all(programs.map(open))
    const observation = await oracle.observe(async () => {
      const [first] = clients
      if (first !== undefined) await runProgram(first, fillTables(schema))
      const killing = killSometimes(random, database)
      await Promise.all(programs.map((program, at) => clients[at] && runProgram(clients[at], program)))
      await killing
    })
    await Promise.all(clients.map((client) => client.close()))
    expectComplete(observation, schema, database)
    await expectReplayed(schema, database)
    await expectSound(database)
    return { statements: countStatements(programs.flat()), refused: 0 }
  } finally {
    await database.drop()
  }
}

async function expectSameRows(schema: FuzzSchema, audited: TestDatabase, plain: TestDatabase): Promise<void> {
  for (const { name } of schema.tables) {
    expect(await readTable(audited, name), name).toEqual(await readTable(plain, name))
  }
}

function isError(seen: unknown): boolean {
  return typeof seen === 'object' && seen !== null && 'error' in seen
}
