import type { Table } from '../capture/catalog.ts'
import { quoteIdentifier } from '../sql/quote.ts'

/** A statement of the kinds that applications send, to ask the engine what it would do with it. */
export interface SampleStatement {
  readonly verb: 'INSERT' | 'UPDATE' | 'DELETE'
  readonly sql: string
  readonly parameters: number
  /** Whether it returns the rows that it writes, of which there may be several. */
  readonly showsRows?: boolean
}

/**
 * Writes sample statements for a table: an insert, an update of an ordinary column and of each column of the key, a delete, each by
 * key and without a condition, and without one when it returns its rows.
 */
export function sampleStatements(table: Pick<Table, 'schema' | 'name' | 'columns' | 'key'>): readonly SampleStatement[] {
  const name = `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`
  const columns = [...table.columns.values()].filter(({ generated }) => !generated)
  const [ordinary] = columns.filter((column) => !table.key.includes(column.name))
  const updated = [...new Set([ordinary?.name, ...table.key])].flatMap((column) => column ?? [])
  const inserted = columns.map((column) => quoteIdentifier(column.name)).join(', ')
  const values = columns.map((_, at) => `$${at + 1}`).join(', ')
  return [
    columns.length === 0
      ? { verb: 'INSERT', sql: `insert into ${name} default values`, parameters: 0 }
      : { verb: 'INSERT', sql: `insert into ${name} (${inserted}) values (${values})`, parameters: columns.length },
    ...updated.flatMap((column) => withAndWithoutKey('UPDATE', `update ${name} set ${quoteIdentifier(column)} = $1`, table.key)),
    ...withAndWithoutKey('DELETE', `delete from ${name}`, table.key),
  ]
}

function withAndWithoutKey(
  verb: 'UPDATE' | 'DELETE',
  sql: string,
  key: readonly string[],
): readonly SampleStatement[] {
  const given = verb === 'UPDATE' ? 1 : 0
  const condition = key.map((column, at) => `${quoteIdentifier(column)} = $${at + 1 + given}`).join(' and ')
  const all = { verb, sql, parameters: given }
  const shown = { ...all, sql: `${sql} returning 1`, showsRows: true }
  const one = { verb, sql: `${sql} where ${condition}`, parameters: key.length + given }
  return key.length === 0 ? [all, shown] : [one, all, shown]
}
