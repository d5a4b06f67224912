import type { Table } from './catalog.ts'
import { quoteIdentifier, quoteLiteral } from './quote.ts'

// json_build_object takes 100 arguments; beyond it the whole row is compared.
const maxNamedColumns = 50

/** The key of a row as text, as `indelible.entry.row_key` holds it; `null` for a table without a key. */
export function keyExpression(table: Table, row: string): string {
  const [first, ...rest] = table.key.map((column) => `${row}.${quoteIdentifier(column)}::text`)
  if (first === undefined) return 'null'
  if (rest.length === 0) return first
  const parts = [first, ...rest].map((part) => `to_json(${part})`)
  return `concat('[', ${parts.join(", ',', ")}, ']')`
}

/** The image of a row as JSON: the named columns, or the whole row. Written `row.*`, since a bare name may be a column. */
export function imageExpression(row: string, columns: readonly string[] | 'all'): string {
  if (columns === 'all' || columns.length > maxNamedColumns) return `row_to_json(${row}.*)`
  const fields = columns.map((column) => `${quoteLiteral(column)}, ${row}.${quoteIdentifier(column)}`)
  return `json_build_object(${fields.join(', ')})`
}

/** The columns that an UPDATE may change: those it sets and the generated ones, or all where that cannot be known. */
export function changedColumns(table: Table, set: readonly string[]): readonly string[] | 'all' {
  if (table.changedBeforeUpdate || !set.every((column) => table.columns.has(column))) return 'all'
  const generated = [...table.columns.values()].filter((column) => column.generated)
  return [...new Set([...set, ...generated.map((column) => column.name)])]
}
