import { lowerAscii } from './characters.ts'
import type { TableName } from './plan-types.ts'
import type { Token } from './scan.ts'
import { type Doubt, keywordAt, kindAt, type Statement } from './statement.ts'

/** PostgreSQL cuts longer names. */
const LONGEST_NAME = 63

/** UTF-8 cannot encode half a surrogate pair: a driver sends another character. */
const LONE_SURROGATE = /\p{Surrogate}/u

/** Reads a token as a name: without quotes, or folded to lower case. `undefined` if it is none. */
export function nameOf(sql: string, token: Token | undefined): string | undefined {
  if (token?.kind === 'word') return lowerAscii(sql.slice(token.start, token.end))
  if (token?.kind === 'quoted') return withoutQuotes(sql.slice(token.start + 1, token.end - 1))
  return undefined
}

function withoutQuotes(name: string): string {
  return name.includes('"') ? name.replaceAll('""', '"') : name
}

/** Reads the token at an index as a name that PostgreSQL takes as it is: not empty, not too long, sent unchanged. */
export function nameAt({ sql, tokens }: Statement, index: number): string | undefined {
  const name = nameOf(sql, tokens[index])
  return name === undefined || name === '' || isTooLong(name) || LONE_SURROGATE.test(name) ? undefined : name
}

function isTooLong(name: string): boolean {
  return name.length * 3 > LONGEST_NAME && Buffer.byteLength(name) > LONGEST_NAME
}

/** Tells whether the token at an index can name a table, an alias or a savepoint. */
export function isFreeName(statement: Statement, index: number): boolean {
  const kind = kindAt(statement, index)
  if (kind === 'quoted') return true
  return kind === 'word' && !statement.dialect.reservedWords.has(keywordAt(statement, index))
}

/** The name of a table, and the index just after it. */
export interface NamedTable {
  readonly table: TableName
  readonly next: number
}

/** Reads `table` or `schema.table`. A name of three parts is left in doubt. */
export function readTableName(statement: Statement, index: number): NamedTable | Doubt {
  const first = isFreeName(statement, index) ? nameAt(statement, index) : undefined
  if (first === undefined) return 'no name of a table'
  if (kindAt(statement, index + 1) !== 'dot') return { table: { name: first }, next: index + 1 }
  const second = nameAt(statement, index + 2)
  if (second === undefined) return 'no name of a table after its schema'
  if (kindAt(statement, index + 3) === 'dot') return 'a name of a table with three parts'
  return { table: { schema: first, name: second }, next: index + 3 }
}
