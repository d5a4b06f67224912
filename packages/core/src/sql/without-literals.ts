import { postgresSql } from './postgres-sql.ts'
import { scanSql, type Token } from './scan.ts'

/** Stands for a text of which not even the literals can be told with certainty. */
export const UNREADABLE_STATEMENT = '(a statement that cannot be read)'

/**
 * Writes a statement so that it can be kept: every string, number, bit string and dollar-quoted text is replaced by `?`,
 * comments are dropped and white space is reduced to single blanks. A text in doubt is replaced as a whole.
 *
 * @example
 * withoutLiterals("update t set a = 'secret' -- why\n where id = 7") // update t set a = ? where id = ?
 */
export function withoutLiterals(sql: string): string {
  const { tokens, problem } = scanSql(sql, postgresSql.lexical)
  if (problem !== undefined || tokens.some((token) => endsBySetting(sql, token))) return UNREADABLE_STATEMENT
  return tokens.map((token, index) => gapBetween(tokens[index - 1], token) + shownText(sql, token)).join('')
}

/** With `standard_conforming_strings` off, `\'` does not end a string: what follows might be a part of it. */
function endsBySetting(sql: string, { kind, start, end }: Token): boolean {
  return kind === 'string' && /^[^eE$]/.test(sql.charAt(start)) && sql.slice(start, end).includes("\\'")
}

function gapBetween(previous: Token | undefined, token: Token): string {
  return previous === undefined || previous.end === token.start ? '' : ' '
}

function shownText(sql: string, { kind, start, end }: Token): string {
  return kind === 'string' || kind === 'number' ? '?' : sql.slice(start, end)
}
