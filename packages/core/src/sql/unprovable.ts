import { nameOf, readTableName } from './names.ts'
import type { TableName, UnprovablePlan } from './plan-types.ts'
import { settingsNamedIn } from './setting-words.ts'
import { isDoubt, keywordAt, kindAt, type Statement } from './statement.ts'
import { isTransactional } from './transactional.ts'

/** What is known about a text that cannot be proved. */
export interface UnprovableOptions {
  readonly reason: string
  /** Whether the text could be divided into tokens to its end. */
  readonly complete: boolean
}

/** Describes a text that cannot be proved, as far as its words plainly say. */
export function describeUnprovable(
  statement: Statement,
  { reason, complete }: UnprovableOptions,
): UnprovablePlan {
  const starts = statementStarts(statement)
  const verb = firstWord(statement, 0)
  const statements = complete && !isRoutine(statement) ? (starts.length > 1 ? 'several' : 'one') : 'unknown'
  return {
    kind: 'unprovable',
    reason,
    ...(verb === '' ? {} : { verb }),
    class: classOf(starts.map((start) => firstWord(statement, start))),
    statements,
    tables: tablesOf(statement, starts),
    transactional: starts.every((start) => isTransactional(statement, start)),
    temporary: complete ? namesTemporary(statement) : /temp/i.test(statement.sql),
    setsConfiguration: settingsNamedIn(statement.sql),
    stores: statements === 'one' && storesForLater(statement),
  }
}

/** `CREATE FUNCTION …`, `ALTER ROLE … SET …`: a body or a setting that does not count now. */
function storesForLater(statement: Statement): boolean {
  const replaces = keywordAt(statement, 1) === 'OR' && keywordAt(statement, 2) === 'REPLACE'
  const what = keywordAt(statement, replaces ? 3 : 1)
  return STORING.get(keywordAt(statement, 0))?.has(what) === true
}

const ROUTINES = ['FUNCTION', 'PROCEDURE', 'ROUTINE'] as const

const STORING: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ['CREATE', new Set(ROUTINES)],
  ['ALTER', new Set([...ROUTINES, 'ROLE', 'USER', 'DATABASE', 'SYSTEM'])],
])

/** The indexes at which statements begin. */
function statementStarts({ tokens }: Statement): readonly number[] {
  const isStart = (index: number) =>
    tokens[index]?.kind !== 'semicolon' && (index === 0 || isSeparator({ tokens }, index - 1))
  return tokens.map((_, index) => index).filter(isStart)
}

function isSeparator({ tokens }: Pick<Statement, 'tokens'>, index: number): boolean {
  return tokens[index]?.kind === 'semicolon' && tokens[index]?.depth === 0
}

function firstWord(statement: Statement, start: number): string {
  let first = start
  while (kindAt(statement, first) === 'open') first++
  return keywordAt(statement, first)
}

/** `BEGIN ATOMIC … END` holds semicolons that end no statement. */
function isRoutine(statement: Statement): boolean {
  return statement.tokens.some(({ keyword }) => keyword === 'ATOMIC')
}

function namesTemporary({ sql, tokens }: Statement): boolean {
  return tokens.some((token) => TEMPORARY_NAMES.has(nameOf(sql, token) ?? ''))
}

const TEMPORARY_NAMES: ReadonlySet<string> = new Set(['temp', 'temporary', 'pg_temp'])

const DDL_VERBS: ReadonlySet<string> = new Set(
  'CREATE ALTER DROP COMMENT GRANT REVOKE REINDEX CLUSTER REASSIGN IMPORT SECURITY'.split(' '),
)

// One definition among several statements is enough to make what was known of the tables out of date.
function classOf(verbs: readonly string[]): UnprovablePlan['class'] {
  if (verbs.some((verb) => DDL_VERBS.has(verb))) return 'ddl'
  return verbs.length > 0 && verbs.every((verb) => verb === 'TRUNCATE') ? 'truncate' : 'statement'
}

function tablesOf(statement: Statement, starts: readonly number[]): readonly TableName[] {
  const isStart = new Set(starts)
  const found = statement.tokens.flatMap((_, index) => tablesAt(statement, index, isStart.has(index)))
  return [...new Map(found.map((table) => [JSON.stringify([table.schema, table.name]), table])).values()]
}

/** Reads the tables that a verb at this index writes. */
function tablesAt(statement: Statement, index: number, isStart: boolean): readonly TableName[] {
  const verb = keywordAt(statement, index)
  const next = keywordAt(statement, index + 1)
  if (isStart && verb === 'TRUNCATE') return tableList(statement, index + 1)
  if (isStart && verb === 'COPY') return copiedTable(statement, index + 1)
  if (isStart && DDL_VERBS.has(verb)) return definedTables(statement, index + 1)
  if (
    !isStart &&
    !WORDS_BEFORE_WRITE.has(keywordAt(statement, index - 1)) &&
    !isBracket(statement, index - 1)
  )
    return []
  const hasInto = (verb === 'INSERT' || verb === 'MERGE') && next === 'INTO'
  if (hasInto || (verb === 'DELETE' && next === 'FROM')) return tableList(statement, index + 2).slice(0, 1)
  return verb === 'UPDATE' ? tableList(statement, index + 1).slice(0, 1) : []
}

const WORDS_BEFORE_WRITE: ReadonlySet<string> = new Set(['AS', 'ANALYZE', 'ANALYSE', 'VERBOSE'])

function isBracket(statement: Statement, index: number): boolean {
  return ['open', 'close'].includes(kindAt(statement, index) ?? '')
}

/** `COPY table [(columns)] FROM …`; the other direction writes nothing. */
function copiedTable(statement: Statement, index: number): readonly TableName[] {
  const words = statement.tokens.slice(index).map(({ keyword, depth }) => (depth === 0 ? keyword : ''))
  const [from, to] = [words.indexOf('FROM'), words.indexOf('TO')]
  return from > 0 && (to < 0 || from < to) ? tableList(statement, index).slice(0, 1) : []
}

const TABLE_MODIFIERS: ReadonlySet<string> = new Set(
  'GLOBAL LOCAL TEMP TEMPORARY UNLOGGED FOREIGN'.split(' '),
)

/** `CREATE [TEMP] TABLE t`, `ALTER TABLE t`, `DROP TABLE t, u`. */
function definedTables(statement: Statement, from: number): readonly TableName[] {
  let index = from
  while (TABLE_MODIFIERS.has(keywordAt(statement, index))) index++
  return keywordAt(statement, index) === 'TABLE' ? tableList(statement, index + 1) : []
}

function tableList(statement: Statement, from: number): readonly TableName[] {
  const tables: TableName[] = []
  let index = from
  for (;;) {
    const named = readTableName(statement, afterModifiers(statement, index))
    if (isDoubt(named)) return tables
    tables.push(named.table)
    if (kindAt(statement, named.next) !== 'comma') return tables
    index = named.next + 1
  }
}

/** Steps over `[TABLE] [IF [NOT] EXISTS] [ONLY]`. */
function afterModifiers(statement: Statement, from: number): number {
  const table = keywordAt(statement, from) === 'TABLE' ? from + 1 : from
  const not = keywordAt(statement, table + 1) === 'NOT' ? 1 : 0
  const isConditional =
    keywordAt(statement, table) === 'IF' && keywordAt(statement, table + not + 1) === 'EXISTS'
  const only = isConditional ? table + not + 2 : table
  return keywordAt(statement, only) === 'ONLY' ? only + 1 : only
}
