import type { Span } from './plan-types.ts'
import type { Token, TokenKind } from './scan.ts'
import type { SqlDialect } from './sql-dialect.ts'

/** One statement to be planned: its tokens without the semicolons around them. */
export interface Statement {
  readonly sql: string
  readonly tokens: readonly Token[]
  readonly dialect: SqlDialect
}

/** Why something cannot be proved. */
export type Doubt = string

/** Tells a doubt from a result, which is never a string. */
export function isDoubt<Result extends object>(result: Result | Doubt): result is Doubt {
  return typeof result === 'string'
}

/** The keyword at an index, empty where there is none. */
export function keywordAt(statement: Statement, index: number): string {
  return statement.tokens[index]?.keyword ?? ''
}

/** The kind of the token at an index. */
export function kindAt(statement: Statement, index: number): TokenKind | undefined {
  return statement.tokens[index]?.kind
}

/** Tells whether the token at an index is this one-character operator. */
export function isOperatorAt(statement: Statement, index: number, operator: string): boolean {
  const token = statement.tokens[index]
  return token?.kind === 'operator' && statement.sql[token.start] === operator
}

/** The text of the token at an index as it was written. */
export function textAt(statement: Statement, index: number): string {
  const token = statement.tokens[index]
  return token === undefined ? '' : statement.sql.slice(token.start, token.end)
}

/** Just after the last token before an index. */
export function endBefore(statement: Statement, index: number): number {
  return statement.tokens[index - 1]?.end ?? 0
}

/** The text of the tokens from one index up to another, `undefined` where there are none. */
export function spanOf(statement: Statement, from: number, to: number): Span | undefined {
  const first = statement.tokens[from]
  return first === undefined || from >= to ? undefined : { start: first.start, end: endBefore(statement, to) }
}

/** The index just after the bracket that closes the one at `open`. */
export function indexAfterBracket({ tokens }: Statement, open: number): number {
  const depth = tokens[open]?.depth
  let index = open + 1
  while (index < tokens.length && tokens[index]?.depth !== depth) index++
  return index + 1
}

/**
 * Finds a keyword outside all brackets and returns its index, else `to`. A word after AS is a label, and no keyword,
 * unless that AS is a label itself.
 */
export function findKeyword(
  statement: Statement,
  keyword: string,
  [from, to]: readonly [number, number],
): number {
  for (let index = from; index < to; index++) {
    const token = statement.tokens[index]
    if (token?.keyword === keyword && token.depth === 0 && !isLabel(statement, index)) return index
  }
  return to
}

function isLabel(statement: Statement, index: number): boolean {
  let first = index
  while (keywordAt(statement, first - 1) === 'AS') first--
  return (index - first) % 2 === 1
}
