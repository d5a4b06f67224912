import { callsFunctions, readConfiguration } from './function-calls.ts'
import { beginsQuery } from './insert-source.ts'
import { isFreeName } from './names.ts'
import type { ReadPlan, WritePlan } from './plan-types.ts'
import { planWrite } from './plan-write.ts'
import { type Doubt, indexAfterBracket, keywordAt, kindAt, type Statement } from './statement.ts'
import { hasUnprovedWrite } from './write-words.ts'

/** Plans SELECT, VALUES and TABLE, in parentheses or not. */
export function planQuery(statement: Statement): ReadPlan | Doubt {
  if (!beginsQuery(statement, 0)) return 'a statement of a kind that is not planned'
  if (hasUnprovedWrite(statement, [])) return 'a word that may write in a query'
  return planRead(statement)
}

function planRead(statement: Statement): ReadPlan {
  return { kind: 'read', callsFunctions: callsFunctions(statement), ...readConfiguration(statement) }
}

/** Plans a statement that begins with WITH: a query, or a single write behind queries. */
export function planWith(statement: Statement): ReadPlan | WritePlan | Doubt {
  if (!hasUnprovedWrite(statement, [])) return planQuery(statement)
  const verb = indexAfterWith(statement)
  const isWrite = verb !== undefined && ['INSERT', 'UPDATE', 'DELETE'].includes(keywordAt(statement, verb))
  return isWrite ? planWrite(statement, verb) : 'a word that may write behind WITH'
}

/** Steps over `WITH [RECURSIVE] name [(columns)] AS [[NOT] MATERIALIZED] (query), …`. */
function indexAfterWith(statement: Statement): number | undefined {
  const isRecursive = keywordAt(statement, 1) === 'RECURSIVE' && isFreeName(statement, 2)
  let index = isRecursive ? 2 : 1
  for (;;) {
    const next = indexAfterNamedQuery(statement, index)
    if (next === undefined || kindAt(statement, next) !== 'comma') return next
    index = next + 1
  }
}

function indexAfterNamedQuery(statement: Statement, name: number): number | undefined {
  if (!isFreeName(statement, name)) return undefined
  const as = kindAt(statement, name + 1) === 'open' ? indexAfterBracket(statement, name + 1) : name + 1
  if (keywordAt(statement, as) !== 'AS') return undefined
  const not = keywordAt(statement, as + 1) === 'NOT' ? as + 2 : as + 1
  const open = keywordAt(statement, not) === 'MATERIALIZED' ? not + 1 : not
  return kindAt(statement, open) === 'open' ? indexAfterBracket(statement, open) : undefined
}

/** Plans EXPLAIN, which executes nothing unless ANALYZE is among its options. */
export function planExplain(statement: Statement): ReadPlan | Doubt {
  const hasList = kindAt(statement, 1) === 'open'
  const next = hasList ? indexAfterBracket(statement, 1) : keywordAt(statement, 1) === 'VERBOSE' ? 2 : 1
  if (hasList && !areHarmlessOptions(statement, next)) return 'EXPLAIN that executes its statement'
  const isKnown = beginsQuery(statement, next) || EXPLAINED.has(keywordAt(statement, next))
  return isKnown ? { kind: 'read', callsFunctions: false } : 'EXPLAIN of an unknown statement'
}

const EXPLAINED: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE', 'MERGE'])

// An option may also be written in quotes, so nothing but plain words is let through.
function areHarmlessOptions(statement: Statement, end: number): boolean {
  return statement.tokens
    .slice(2, end - 1)
    .every(({ kind, keyword }) => kind === 'comma' || kind === 'number' || isHarmlessOption(keyword))
}

function isHarmlessOption(keyword: string): boolean {
  return keyword !== '' && keyword !== 'ANALYZE' && keyword !== 'ANALYSE'
}

/** Plans `DECLARE name … CURSOR … FOR query`. */
export function planDeclare(statement: Statement): ReadPlan | Doubt {
  const words = statement.tokens.map(({ keyword }) => keyword)
  const query = words.indexOf('FOR') + 1
  if (!words.includes('CURSOR') || query === 0 || !beginsQuery(statement, query))
    return 'the query of a cursor'
  if (hasUnprovedWrite(statement, [])) return 'a word that may write in the query of a cursor'
  return planRead(statement)
}

/** Plans FETCH and MOVE, which run more of a query that may call anything. */
export function planFetch(): ReadPlan {
  return { kind: 'read', callsFunctions: true }
}
