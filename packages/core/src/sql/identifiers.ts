import { nameOf } from './names.ts'
import type { Span } from './plan-types.ts'
import { postgresSql } from './postgres-sql.ts'
import { scanSql } from './scan.ts'

/**
 * Lists the names in a text, quoted or not, qualified or not, as PostgreSQL reads them. Keywords are among them, because
 * many may name a column.
 */
export function identifiersIn(
  sql: string,
  { start, end }: Span = { start: 0, end: sql.length },
): ReadonlySet<string> {
  const text = sql.slice(start, end)
  const names = scanSql(text, postgresSql.lexical).tokens.map((token) => nameOf(text, token))
  return new Set(names.filter((name) => name !== undefined))
}
