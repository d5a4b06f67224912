import { planDeclare, planExplain, planFetch, planQuery, planWith } from './plan-query.ts'
import { planDiscard, planReset, planSession, planSet } from './plan-session.ts'
import { planPrepare, planTransaction } from './plan-transaction.ts'
import type { Plan } from './plan-types.ts'
import { planWrite } from './plan-write.ts'
import { postgresSql } from './postgres-sql.ts'
import { type Scan, scanSql } from './scan.ts'
import type { SqlDialect } from './sql-dialect.ts'
import { type Doubt, isDoubt, keywordAt, type Statement } from './statement.ts'
import { describeUnprovable } from './unprovable.ts'

/**
 * Tells what a text for PostgreSQL does. What cannot be proved is `unprovable`: the planner errs to that side only.
 *
 * It does not know tables from views, nor what functions, triggers, rules and cascades write. It takes
 * `standard_conforming_strings` to be on. Its time is linear in the length of the text, and it never throws.
 *
 * @example
 * const plan = planStatement('update "user" set name = $1 where id = $2')
 * // { kind: 'write', verb: 'update', table: { name: 'user' }, reference: '"user"', … }
 */
export function planStatement(sql: string): Plan {
  return planScan(scanSql(sql, postgresSql.lexical), postgresSql)
}

/** Tells what a scanned text does, by the grammar of a dialect. */
export function planScan({ sql, tokens, problem }: Scan, dialect: SqlDialect): Plan {
  const statement = { sql, tokens: withoutOuterSemicolons(tokens), dialect }
  if (problem !== undefined) return describeUnprovable(statement, { reason: problem, complete: false })
  if (statement.tokens.length === 0) return { kind: 'empty' }
  const plan = planSingle(statement)
  return isDoubt(plan) ? describeUnprovable(statement, { reason: plan, complete: true }) : plan
}

function withoutOuterSemicolons(tokens: Scan['tokens']): Scan['tokens'] {
  const first = tokens.findIndex(({ kind }) => kind !== 'semicolon')
  const last = tokens.findLastIndex(({ kind }) => kind !== 'semicolon')
  return first === 0 && last === tokens.length - 1 ? tokens : tokens.slice(Math.max(first, 0), last + 1)
}

type Planner = (statement: Statement) => Plan | Doubt

const planWriteAtStart: Planner = (statement) => planWrite(statement, 0)

const PLANNERS: ReadonlyMap<string, Planner> = new Map<string, Planner>([
  ['INSERT', planWriteAtStart],
  ['UPDATE', planWriteAtStart],
  ['DELETE', planWriteAtStart],
  ['WITH', planWith],
  ['EXPLAIN', planExplain],
  ['DECLARE', planDeclare],
  ['FETCH', planFetch],
  ['MOVE', planFetch],
  ['BEGIN', planTransaction],
  ['START', planTransaction],
  ['COMMIT', planTransaction],
  ['END', planTransaction],
  ['ROLLBACK', planTransaction],
  ['ABORT', planTransaction],
  ['SAVEPOINT', planTransaction],
  ['RELEASE', planTransaction],
  ['PREPARE', planPrepare],
  ['SET', planSet],
  ['RESET', planReset],
  ['DISCARD', planDiscard],
  ['SHOW', planSession('show')],
  ['DEALLOCATE', planSession('deallocate')],
  ['LISTEN', planSession('listen')],
  ['UNLISTEN', planSession('unlisten')],
  ['NOTIFY', planSession('notify')],
  ['LOCK', planSession('lock')],
  ['CLOSE', planSession('close')],
  ['ANALYZE', planSession('analyze')],
  ['ANALYSE', planSession('analyze')],
])

function planSingle(statement: Statement): Plan | Doubt {
  if (statement.tokens.some(({ kind }) => kind === 'semicolon')) return 'several statements'
  const verb = keywordAt(statement, 0)
  const planner = PLANNERS.get(verb) ?? planQuery
  return planner(statement)
}
