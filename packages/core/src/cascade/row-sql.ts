import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { ColumnPair, Edge, ForeignKeyTable } from './foreign-keys.ts'

/** The table's name as SQL. */
export function tableSql({ schema, name }: Pick<ForeignKeyTable, 'schema' | 'name'>): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}

/** What the rows of a table are read from: an action does not reach the tables that inherit from it. */
export function fromSql(table: ForeignKeyTable): string {
  return table.partitioned ? tableSql(table) : `only ${tableSql(table)}`
}

/** The key of a row as `indelible.entry.row_key` holds it; a part that is secret by the rules of the table is not told. */
export function keySql({ key }: ForeignKeyTable, row: string, rules: string): string {
  const parts = key.map((column) => {
    const shown = `${row}.${quoteIdentifier(column)}::text`
    return `case when coalesce(${rules} ->> ${quoteLiteral(column)}, 'document') = 'document' then ${shown} else '[redacted]' end`
  })
  if (parts.length < 2) return parts[0] ?? 'null::text'
  return `concat('[', ${parts.map((part) => `to_json(${part})`).join(", ',', ")}, ']')`
}

/** Columns of a row as JSON; `row` is a variable or an alias. */
export function columnsSql(columns: readonly string[], row: string): string {
  const fields = columns.map((column) => `${quoteLiteral(column)}, ${row}.${quoteIdentifier(column)}`)
  return `json_build_object(${fields.join(', ')})`
}

/** Whether the key of a parent's row is that of a child's, compared as the foreign key compares them. */
export function matchSql({ columns }: Edge, parent: string, child: string): string {
  return columns.map((pair) => matchPair(pair, parent, child)).join(' and ')
}

function matchPair(pair: ColumnPair, parent: string, child: string): string {
  const as = (value: string, type: string | null) => (type === null ? value : `${value}::${type}`)
  const referenced = as(`${parent}.${quoteIdentifier(pair.referenced)}`, pair.referencedAs)
  const referencing = as(`${child}.${quoteIdentifier(pair.referencing)}`, pair.referencingAs)
  return `${referenced} ${pair.operator} ${referencing}`
}

/** Whether two versions of a parent's row differ in the key, byte by byte as PostgreSQL sees it. */
export function keyChangedSql({ columns }: Edge, before: string, after: string): string {
  const rowOf = (row: string) =>
    `row(${columns.map(({ referenced }) => `${row}.${quoteIdentifier(referenced)}`).join(', ')})`
  return `record_image_ne(${rowOf(before)}, ${rowOf(after)})`
}
