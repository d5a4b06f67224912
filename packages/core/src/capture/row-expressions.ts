import type { ColumnRule } from '../redact/redaction.ts'
import type { WritePlan } from '../sql/plan-types.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { Table } from './catalog.ts'

// json_build_object takes 100 arguments; beyond it the whole row is compared.
const maxNamedColumns = 50

/**
 * The key of a row as text, as `indelible.entry.row_key` holds it; `null` for a table without a key. A secret part is
 * not told. Functions are named with their schema: one of the application's that fits better must not answer.
 */
export function keyExpression({ table, rules }: KeyedTable, row: string): string {
  const [first, ...rest] = table.key.map((column) =>
    isSecret(rules?.[column]) ? `'[redacted]'` : `${row}.${quoteIdentifier(column)}::pg_catalog.text`,
  )
  if (first === undefined) return 'null'
  if (rest.length === 0) return first
  const parts = [first, ...rest].map((part) => `pg_catalog.to_json(${part}::pg_catalog.text)`)
  return `pg_catalog.concat('[', ${parts.join(", ',', ")}, ']')`
}

/** A table with the redaction rules of its columns. */
export interface KeyedTable {
  readonly table: Table
  readonly rules: Rules | undefined
}

/** Redaction rules by column. */
export type Rules = Readonly<Record<string, ColumnRule>>

function isSecret(rule: ColumnRule | undefined): boolean {
  return rule !== undefined && rule !== 'document'
}

/** The image of a row as JSON: the named columns, or the whole row. Written `row.*`, since a bare name may be a column. */
export function imageExpression(row: string, columns: readonly string[] | 'all'): string {
  if (columns === 'all' || columns.length > maxNamedColumns) return `pg_catalog.row_to_json(${row}.*)`
  const fields = columns.map((column) => `${quoteLiteral(column)}, ${row}.${quoteIdentifier(column)}`)
  return `pg_catalog.json_build_object(${fields.join(', ')})`
}

/** The columns that an UPDATE may change: those it sets and the generated ones, or all where that cannot be known. */
export function changedColumns(table: Table, set: readonly string[]): readonly string[] | 'all' {
  if (table.changedBeforeUpdate || !set.every((column) => table.columns.has(column))) return 'all'
  const generated = [...table.columns.values()].filter((column) => column.generated)
  return [...new Set([...set, ...generated.map((column) => column.name)])]
}

/** The rules of the columns that an image holds; `undefined` where none applies. */
export function rulesOfImage(
  columns: readonly string[] | 'all',
  rules: Rules | undefined,
): Rules | undefined {
  if (rules === undefined || columns === 'all') return rules
  const left = Object.entries(rules).filter(([column]) => columns.includes(column))
  return left.length === 0 ? undefined : Object.fromEntries(left)
}

/** The columns that the SET list of an UPDATE or of DO UPDATE names. */
export function assignedColumns(plan: WritePlan): readonly string[] {
  return plan.set?.flatMap((item) => item.columns) ?? []
}
