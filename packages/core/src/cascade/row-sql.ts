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
export function keySql(table: ForeignKeyTable, row: string, rules: string): string {
  const parts = table.key.map((column) => {
    const value = `${row}.${quoteIdentifier(column)}`
    const shown = plainType.test(typeOf(table, column)) ? `${value}::text` : `indelible.exact_text(${value})`
    return `case when coalesce(${rules} ->> ${quoteLiteral(column)}, 'document') = 'document' then ${shown} else '[redacted]' end`
  })
  if (parts.length < 2) return parts[0] ?? 'null::text'
  return `concat('[', ${parts.map((part) => `to_json(${part})`).join(", ',', ")}, ']')`
}

function typeOf({ columns }: ForeignKeyTable, column: string): string {
  return columns.find(({ name }) => name === column)?.type ?? ''
}

// The text of any other may depend on settings of the session.
const plainType = /^(smallint|integer|bigint|boolean|text|character|name|uuid|numeric)\b(?!.*\[)/

// Nor may the JSON of any of these, or of arrays of them; whether another type is an enum is not asked.
const plainInJson =
  /^(smallint|integer|bigint|boolean|text|character|name|uuid|numeric|real|double precision|json|jsonb|date|time|timestamp|bytea|inet|cidr)\b/

/** The row as JSON for its entry; `row` is a variable or an alias. */
export function imageSql({ columns }: ForeignKeyTable, row: string): string {
  return columns.every(({ type }) => plainInJson.test(type))
    ? `row_to_json(${row})`
    : `indelible.exact_json(${row})`
}

/** The same of some columns. */
export function partOfImageSql(table: ForeignKeyTable, columns: readonly string[], row: string): string {
  return objectSql(columns, (column) => {
    const value = `${row}.${quoteIdentifier(column)}`
    return plainInJson.test(typeOf(table, column)) ? value : `indelible.exact_json(${value})`
  })
}

/** Columns of a row as JSON; `row` is a variable or an alias. */
export function columnsSql(columns: readonly string[], row: string): string {
  return objectSql(columns, (column) => `${row}.${quoteIdentifier(column)}`)
}

// json_build_object takes 100 arguments, and PL/pgSQL evaluates it without a query.
const maxFields = 50

function objectSql(columns: readonly string[], sqlOf: (column: string) => string): string {
  if (columns.length > maxFields) {
    const fields = columns.map((column) => `${sqlOf(column)} as ${quoteIdentifier(column)}`)
    return `(select row_to_json(f.*) from (select ${fields.join(', ')}) f)`
  }
  const fields = columns.map((column) => `${quoteLiteral(column)}, ${sqlOf(column)}`)
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
