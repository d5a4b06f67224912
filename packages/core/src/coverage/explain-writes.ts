import type { Table } from '../capture/catalog.ts'
import { writtenTables } from '../capture/explain-tables.ts'
import type { TableName } from '../sql/plan-types.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import type { AuditQueryable } from '../store/audit-database.ts'

/** Asks the server which tables the writes of a view change, verb by verb. EXPLAIN executes nothing. Inside a transaction only. */
export async function explainWrites(tx: AuditQueryable, view: Table): Promise<readonly (readonly TableName[])[]> {
  const name = `${quoteIdentifier(view.schema)}.${quoteIdentifier(view.name)}`
  const columns = [...view.columns.keys()].map(quoteIdentifier)
  const statements = [
    `insert into ${name} default values`,
    `delete from ${name}`,
    ...columns.map((column) => `update ${name} set ${column} = null`),
  ]
  const found: (readonly TableName[])[] = []
  for (const statement of statements) {
    const tables = await tryExplain(tx, statement)
    if (tables !== undefined) found.push(tables)
  }
  return found
}

async function tryExplain(tx: AuditQueryable, statement: string): Promise<readonly TableName[] | undefined> {
  await tx.query('savepoint indelible_explain')
  try {
    const [row] = await tx.query(`explain (format json, verbose) ${statement}`)
    await tx.query('release savepoint indelible_explain')
    return writtenTables(JSON.parse(row?.['QUERY PLAN'] ?? '[]'))
  } catch {
    // A view need not take every verb, nor every column.
    await tx.query('rollback to savepoint indelible_explain')
    return undefined
  }
}
