import type { ConflictPlan, WritePlan } from './plan-types.ts'
import { readSetList } from './set-list.ts'
import {
  type Doubt,
  endBefore,
  findKeyword,
  isDoubt,
  keywordAt,
  kindAt,
  type Statement,
  spanOf,
} from './statement.ts'

/** What a plan says about ON CONFLICT, and the indexes of its words that write. */
export interface Conflict {
  readonly facts: Pick<WritePlan, 'conflict' | 'set' | 'setEnd'>
  readonly proved: readonly number[]
}

/** Reads `[ON CONFLICT [target] DO NOTHING | DO UPDATE SET … [WHERE …]]` between two indexes. */
export function readConflict(statement: Statement, from: number, to: number): Conflict | Doubt {
  const clause = findConflict(statement, from, to)
  if (clause === to) return { facts: {}, proved: [] }
  if (findConflict(statement, clause + 1, to) < to) return 'two ON CONFLICT clauses'
  const action = findKeyword(statement, 'DO', [clause, to])
  const word = keywordAt(statement, action + 1)
  if (word === 'NOTHING' && action + 2 === to)
    return { facts: { conflict: { action: 'nothing' } }, proved: [] }
  if (word !== 'UPDATE' || keywordAt(statement, action + 2) !== 'SET') return 'what ON CONFLICT does'
  return readConflictUpdate(statement, action, to)
}

/** `… JOIN t ON conflict.a = b` is no clause, so what follows has to fit. */
function findConflict(statement: Statement, from: number, to: number): number {
  let index = findKeyword(statement, 'ON', [from, to])
  while (index < to && !isConflict(statement, index)) index = findKeyword(statement, 'ON', [index + 1, to])
  return index
}

function isConflict(statement: Statement, index: number): boolean {
  if (keywordAt(statement, index + 1) !== 'CONFLICT') return false
  const isConstraint =
    keywordAt(statement, index + 2) === 'ON' && keywordAt(statement, index + 3) === 'CONSTRAINT'
  return isConstraint || kindAt(statement, index + 2) === 'open' || keywordAt(statement, index + 2) === 'DO'
}

function readConflictUpdate(statement: Statement, action: number, to: number): Conflict | Doubt {
  const where = findKeyword(statement, 'WHERE', [action, to])
  if (where < to && findKeyword(statement, 'WHERE', [where + 1, to]) < to) return 'two WHERE clauses'
  const set = readSetList(statement, action + 3, where)
  if (isDoubt(set)) return set
  const conflict = where === to ? { action: 'update' as const } : conditional(statement, where, to)
  if (isDoubt(conflict)) return conflict
  return { facts: { conflict, set, setEnd: endBefore(statement, where) }, proved: [action + 1] }
}

function conditional(statement: Statement, where: number, to: number): ConflictPlan | Doubt {
  const condition = spanOf(statement, where + 1, to)
  const whereKeyword = spanOf(statement, where, where + 1)
  if (condition === undefined || whereKeyword === undefined) return 'WHERE without a condition'
  return { action: 'update', where: condition, whereKeyword }
}
