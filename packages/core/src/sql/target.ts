import { isFreeName, nameAt, readTableName } from './names.ts'
import type { TableName } from './plan-types.ts'
import { quoteIdentifier } from './quote.ts'
import { type Doubt, isDoubt, isOperatorAt, keywordAt, type Statement, textAt } from './statement.ts'

/** The table that a statement writes, and how the statement names its row. */
export interface Target {
  readonly table: TableName
  readonly reference: string
  /** The index just after the alias. */
  readonly next: number
}

/** Reads `[ONLY] table [*] [[AS] alias]`, as UPDATE and DELETE have it. */
export function readTarget(statement: Statement, index: number): Target | Doubt {
  const only = keywordAt(statement, index) === 'ONLY' ? 1 : 0
  const named = readTableName(statement, index + only)
  if (isDoubt(named)) return named
  const next = isOperatorAt(statement, named.next, '*') ? named.next + 1 : named.next
  // PostgreSQL takes a bare SET for the clause, never for an alias.
  const hasBareAlias = isFreeName(statement, next) && keywordAt(statement, next) !== 'SET'
  if (hasBareAlias) return withAlias(statement, named.table, next)
  return readInsertTarget(statement, { table: named.table, next })
}

/** Reads `[AS alias]`, which is all that INSERT allows. */
export function readInsertTarget(
  statement: Statement,
  { table, next }: { readonly table: TableName; readonly next: number },
): Target | Doubt {
  if (keywordAt(statement, next) === 'AS') return withAlias(statement, table, next + 1)
  // With its schema where the user wrote it: another table of the same name may be joined.
  const schema = table.schema === undefined ? '' : `${quoteIdentifier(table.schema)}.`
  return { table, reference: `${schema}${quoteIdentifier(table.name)}`, next }
}

function withAlias(statement: Statement, table: TableName, index: number): Target | Doubt {
  if (!isFreeName(statement, index) || nameAt(statement, index) === undefined) return 'no name after AS'
  return { table, reference: textAt(statement, index), next: index + 1 }
}
