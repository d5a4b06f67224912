import type { UnprovablePlan } from '../../packages/core/src/sql/plan-types.ts'
import { findAll, type Node, textAt } from './oracle.ts'

/** Finds what an unprovable plan says wrongly. */
export function faultOfUnprovable(plan: UnprovablePlan, statements: readonly Node[]): string | undefined {
  if (plan.statements === 'one' && statements.length !== 1) return 'there is not one statement'
  if (plan.statements === 'several' && statements.length < 2) return 'there are not several statements'
  if (!plan.temporary && makesTemporary(statements)) return 'a temporary table goes unnoticed'
  return undefined
}

function makesTemporary(statements: readonly Node[]): boolean {
  const made = ['CreateStmt', 'IntoClause', 'into'].flatMap((kind) => findAll(statements, kind))
  const relations = made.flatMap((node) => findAll(node, 'relation').concat(findAll(node, 'rel')))
  return relations.some((relation) => textAt(relation, 'relpersistence') === 't')
}

const SINGLE_WRITES: readonly string[] = ['InsertStmt', 'UpdateStmt', 'DeleteStmt']

const OTHERS: readonly string[] = ['SelectStmt', 'TransactionStmt', 'VariableSetStmt', 'VariableShowStmt']

/** Tells whether a text is of a kind that the planner means to prove. */
export function isProvable(statements: readonly Node[]): boolean {
  const [kind = '', ...more] = statements.flatMap((statement) => Object.keys(statement))
  const writes = SINGLE_WRITES.includes(kind) ? 1 : 0
  return (
    more.length === 0 && writes + Number(OTHERS.includes(kind)) === 1 && countWrites(statements) === writes
  )
}

/** Counts what writes rows in a tree, SELECT … INTO among it. */
export function countWrites(tree: unknown): number {
  const kinds = ['InsertStmt', 'UpdateStmt', 'DeleteStmt', 'MergeStmt', 'IntoClause', 'intoClause']
  return kinds.reduce((count, kind) => count + findAll(tree, kind).length, 0)
}
