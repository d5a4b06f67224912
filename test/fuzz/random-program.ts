import type { Random } from '../sql/random.ts'
import type { Param } from './random-key.ts'
import type { FuzzSchema } from './random-schema.ts'
import { fillTable, randomStatement } from './random-statement.ts'

/** What one connection does. */
export type Step = StatementStep | TransactionStep

/** One statement. */
export interface StatementStep {
  readonly kind: 'statement'
  readonly sql: string
  readonly params: readonly Param[]
  /** Whether a driver that can is to prepare it under a name. */
  readonly named: boolean
}

/** A transaction, or a savepoint in one. */
export interface TransactionStep {
  readonly kind: 'transaction'
  readonly steps: readonly Step[]
  readonly rollsBack: boolean
  /** What a driver that can is to write behind BEGIN. */
  readonly isolation: string
}

const isolations = [
  '',
  '',
  '',
  '',
  ' isolation level repeatable read',
  ' isolation level serializable',
] as const

/** Makes a program of so many steps, with transactions inside each other. */
export function randomProgram(random: Random, schema: FuzzSchema, length: number): readonly Step[] {
  return Array.from({ length }, () => randomStep(random, schema, 0))
}

/** Fills the tables of a schema. */
export function fillTables({ tables }: FuzzSchema): readonly Step[] {
  return tables.map((table) => ({ kind: 'statement', named: false, ...fillTable(table) }))
}

function randomStep(random: Random, schema: FuzzSchema, depth: number): Step {
  if (depth > 1 || random.below(6) > 0) {
    const statement = randomStatement(random, schema)
    // A change of the schema makes named statements fail that are prepared already: which are depends on the connection.
    const named = !schema.recorded && random.below(4) === 0
    return { kind: 'statement', ...statement, named }
  }
  const steps = Array.from({ length: 1 + random.below(5) }, () => randomStep(random, schema, depth + 1))
  const isolation = random.pick(isolations)
  return { kind: 'transaction', steps, rollsBack: random.below(3) === 0, isolation }
}

/** How many statements a program holds. */
export function countStatements(steps: readonly Step[]): number {
  return steps.reduce(
    (count, step) => count + (step.kind === 'statement' ? 1 : countStatements(step.steps)),
    0,
  )
}
