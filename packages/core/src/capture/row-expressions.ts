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
    isSecret(rules?.[column]) ? `'[redacted]'` : textExpression(table, row, column),
  )
  if (first === undefined) return 'null'
  if (rest.length === 0) return first
  const parts = [first, ...rest].map((part) => `pg_catalog.to_json(${part}::pg_catalog.text)`)
  return `pg_catalog.concat('[', ${parts.join(", ',', ")}, ']')`
}

/** A value as text, which is the same under all settings of the session. */
function textExpression({ columns }: Table, row: string, column: string): string {
  const value = `${row}.${quoteIdentifier(column)}`
  return columns.get(column)?.looks === 'plain'
    ? `${value}::pg_catalog.text`
    : `indelible.exact_text(${value})`
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
export function imageExpression(table: Table, row: string, columns: readonly string[] | 'all'): string {
  if (columns === 'all' || columns.length > maxNamedColumns) {
    const varies = [...table.columns.values()].some(({ looks }) => looks === 'varies')
    return varies ? `indelible.exact_json(${row}.*)` : `pg_catalog.row_to_json(${row}.*)`
  }
  const fields = columns.map((column) => `${quoteLiteral(column)}, ${shownColumn(table, row, column)}`)
  return `pg_catalog.json_build_object(${fields.join(', ')})`
}

/** A column as part of an image: its value, or JSON of it where settings of the session would change how it looks. */
function shownColumn({ columns }: Pick<Table, 'columns'>, row: string, column: string): string {
  const value = `${row}.${quoteIdentifier(column)}`
  return columns.get(column)?.looks === 'varies' ? `indelible.exact_json(${value})` : value
}

/**
 * The whole row as JSON with its secrets replaced by the statement itself, which costs only where a column has a rule.
 * It lists the columns: one that the catalog does not know yet is left out, never shown with a secret in it.
 */
export function redactedImage({ table, rules, context }: RedactedTable, row: string): string {
  if (rules === undefined) return imageExpression(table, row, 'all')
  const fields = [...table.columns.keys()].flatMap((name) => {
    const rule = rules[name]
    const value =
      rule === undefined ? shownColumn(table, row, name) : redactedColumn({ table, row, name }, rule, context)
    return value === undefined ? [] : [`${value} as ${quoteIdentifier(name)}`]
  })
  return `(select pg_catalog.row_to_json("__row".*) from (select ${fields.join(', ')}) as "__row")`
}

/** A table with its rules, and the context that carries what they need. */
export interface RedactedTable extends KeyedTable {
  readonly context: string
}

/** Whether a rule needs more than the statement says: the words of secret keys, or the key of fingerprints. */
export function needsContext(rules: Rules | undefined): boolean {
  return Object.values(rules ?? {}).some((rule) => rule === 'document' || rule === 'fingerprint')
}

interface ColumnOfRow {
  readonly table: Table
  readonly row: string
  readonly name: string
}

function redactedColumn(
  { table, row, name }: ColumnOfRow,
  rule: ColumnRule,
  context: string,
): string | undefined {
  const column = `${row}.${quoteIdentifier(name)}`
  const whereSet = (value: string) => `case when ${column} is not null then ${value} end`
  const shown = shownColumn(table, row, name)
  const json = shown === column ? `pg_catalog.to_json(${column})` : shown
  switch (rule) {
    case 'drop':
      return undefined
    case 'mask':
      return whereSet(`'[redacted]'`)
    case 'fingerprint':
      return whereSet(
        `indelible.fingerprint(pg_catalog.json_extract_path_text(${json}, variadic '{}'), ${context})`,
      )
    case 'document': {
      const rulesOfContext = `(${context}).secret_words, (${context}).secret_stems`
      return whereSet(`indelible.redact_document(${json}, ${rulesOfContext})::pg_catalog.json`)
    }
  }
}

/** The columns that an UPDATE may change: those it sets and the generated ones, or all where that cannot be known. */
function changedColumns(table: Table, set: readonly string[]): readonly string[] | 'all' {
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

/** The columns of an UPDATE's images: those that may change, and those by which foreign keys refer to the row. */
export function imageColumns(
  { plan, table }: { readonly plan: WritePlan; readonly table: Table },
  cascade: { readonly referenced: readonly string[] } | undefined,
): readonly string[] | 'all' {
  const columns = changedColumns(table, assignedColumns(plan))
  if (columns === 'all' || cascade === undefined) return columns
  return [...new Set([...columns, ...cascade.referenced])]
}
