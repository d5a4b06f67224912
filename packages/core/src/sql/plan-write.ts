import { readConflict } from './conflict.ts'
import { readConfiguration } from './function-calls.ts'
import { identifiersIn } from './identifiers.ts'
import { indexOfInsertSource } from './insert-source.ts'
import { readTableName } from './names.ts'
import type { WritePlan } from './plan-types.ts'
import { bodyEndOf, type Returning, readReturning } from './returning.ts'
import { readSetList } from './set-list.ts'
import {
  type Doubt,
  endBefore,
  findKeyword,
  isDoubt,
  keywordAt,
  type Statement,
  spanOf,
} from './statement.ts'
import { readInsertTarget, readTarget, type Target } from './target.ts'
import { hasUnprovedWrite } from './write-words.ts'

/** Plans the INSERT, UPDATE or DELETE whose verb stands at `verb`. Only a WITH may stand in front of it. */
export function planWrite(statement: Statement, verb: number): WritePlan | Doubt {
  if (keywordAt(statement, verb) === 'INSERT') return planInsert(statement, verb)
  return keywordAt(statement, verb) === 'UPDATE' ? planUpdate(statement, verb) : planDelete(statement, verb)
}

/** `UPDATE target SET … [FROM …] [WHERE …] [RETURNING …]` */
function planUpdate(statement: Statement, verb: number): WritePlan | Doubt {
  if (hasUnprovedWrite(statement, [verb])) return 'another word that may write'
  const target = readTarget(statement, verb + 1)
  if (isDoubt(target)) return target
  if (keywordAt(statement, target.next) !== 'SET') return 'UPDATE without SET after its table'
  const tail = readTail(statement, target.next)
  if (isDoubt(tail)) return tail
  const from = findFrom(statement, target.next + 1, tail.where)
  const set = readSetList(statement, target.next + 1, from)
  if (isDoubt(set)) return set
  const assignments = { set, setEnd: endBefore(statement, from), hasFrom: from < tail.where }
  return {
    ...commonPlan(statement, verb, target, tail.returning),
    verb: 'update',
    ...assignments,
    ...tail.facts,
  }
}

/** `DELETE FROM target [USING …] [WHERE …] [RETURNING …]` */
function planDelete(statement: Statement, verb: number): WritePlan | Doubt {
  if (hasUnprovedWrite(statement, [verb])) return 'another word that may write'
  if (keywordAt(statement, verb + 1) !== 'FROM') return 'DELETE without FROM'
  const target = readTarget(statement, verb + 2)
  if (isDoubt(target)) return target
  const tail = readTail(statement, target.next)
  if (isDoubt(tail)) return tail
  const hasFrom = keywordAt(statement, target.next) === 'USING'
  if (!hasFrom && tail.where > target.next) return 'what follows the table of DELETE'
  return { ...commonPlan(statement, verb, target, tail.returning), verb: 'delete', hasFrom, ...tail.facts }
}

/** `INSERT INTO table [AS alias] [(columns)] source [ON CONFLICT …] [RETURNING …]` */
function planInsert(statement: Statement, verb: number): WritePlan | Doubt {
  if (keywordAt(statement, verb + 1) !== 'INTO') return 'INSERT without INTO'
  const named = readTableName(statement, verb + 2)
  if (isDoubt(named)) return named
  const target = readInsertTarget(statement, named)
  if (isDoubt(target)) return target
  const source = indexOfInsertSource(statement, target.next)
  if (source === undefined) return 'the source of INSERT'
  const returning = readReturning(statement, source)
  if (isDoubt(returning)) return returning
  const conflict = readConflict(statement, source, returning.index)
  if (isDoubt(conflict)) return conflict
  if (hasUnprovedWrite(statement, [verb, verb + 1, ...conflict.proved])) return 'another word that may write'
  return {
    ...commonPlan(statement, verb, target, returning),
    verb: 'insert',
    hasFrom: false,
    ...conflict.facts,
  }
}

interface Tail {
  /** The index of WHERE, or of what follows where there is none. */
  readonly where: number
  readonly returning: Returning
  readonly facts: Pick<WritePlan, 'where'>
}

/** Reads `[WHERE …] [RETURNING …]`. */
function readTail(statement: Statement, from: number): Tail | Doubt {
  const returning = readReturning(statement, from)
  if (isDoubt(returning)) return returning
  const end = statement.tokens.length
  const where = findKeyword(statement, 'WHERE', [from, returning.index])
  if (where === returning.index) {
    const isLast = findKeyword(statement, 'WHERE', [where, end]) === end
    return isLast ? { where, returning, facts: {} } : 'WHERE after RETURNING'
  }
  if (findKeyword(statement, 'WHERE', [where + 1, end]) < end) return 'two WHERE clauses'
  const condition = spanOf(statement, where + 1, returning.index)
  const isCursor = keywordAt(statement, where + 1) === 'CURRENT' && keywordAt(statement, where + 2) === 'OF'
  if (condition === undefined || isCursor) return 'WHERE without a condition'
  return { where, returning, facts: { where: condition } }
}

/** Finds the FROM clause. `IS DISTINCT FROM` is none. */
function findFrom(statement: Statement, start: number, end: number): number {
  let from = findKeyword(statement, 'FROM', [start, end])
  while (from < end && statement.dialect.wordsBeforePlainFrom.has(keywordAt(statement, from - 1))) {
    from = findKeyword(statement, 'FROM', [from + 1, end])
  }
  return from
}

type CommonPlan = Omit<WritePlan, 'verb' | 'hasFrom'>

function commonPlan(
  statement: Statement,
  verb: number,
  { table, reference }: Target,
  returning: Returning,
): CommonPlan {
  const { sql, tokens } = statement
  return {
    kind: 'write',
    table,
    reference,
    start: tokens[0]?.start ?? 0,
    verbStart: tokens[verb]?.start ?? 0,
    bodyEnd: bodyEndOf(statement, returning),
    end: endBefore(statement, tokens.length),
    ...returning.facts,
    ...readConfiguration(statement),
    maxParameter: maxParameter(statement),
    identifiers: (span) => identifiersIn(sql, span),
  }
}

function maxParameter({ sql, tokens }: Statement): number {
  let highest = 0
  for (const { kind, start, end } of tokens) {
    if (kind === 'parameter') highest = Math.max(highest, Number(sql.slice(start + 1, end)))
  }
  return highest
}
