import { AuditError } from '../errors.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { AuditQueryable } from '../store/audit-database.ts'
import type { TableFilter } from '../store/entry-filter.ts'

/** A table that may carry capture triggers. */
export interface Relation {
  readonly schema: string
  readonly name: string
  /** `pg_class.relnatts`. */
  readonly attributes: number
}

/** The name of a table as SQL writes it. */
export function quoteTable({ schema, name }: Pick<Relation, 'schema' | 'name'>): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
}

/**
 * Finds tables by name, a bare one through the search path, and with each the tables that inherit from it: a statement on the parent
 * changes their rows too. Partitions are not listed, since their table's triggers are theirs.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming what is no table, or a partition.
 */
export async function findRelations(
  database: AuditQueryable,
  tables: readonly (string | TableFilter)[],
): Promise<readonly Relation[]> {
  const found = new Map<string, Relation>()
  for (const table of tables) {
    for (const relation of await findFamily(database, table)) found.set(quoteTable(relation), relation)
  }
  return [...found.keys()].sort().flatMap((key) => found.get(key) ?? [])
}

async function findFamily(
  database: AuditQueryable,
  table: string | TableFilter,
): Promise<readonly Relation[]> {
  const name = typeof table === 'string' ? { name: table } : table
  const rows = await database.query(FAMILY, [writeName(name)])
  const [first] = rows
  if (first === undefined) throw refused(name, 'is not a table of this database')
  if (first['partition'] === 't') throw refused(name, 'is a partition: name the table that it is a part of')
  if (first['kind'] !== 'r' && first['kind'] !== 'p') throw refused(name, 'is not a table')
  if (first['own'] === 't') throw refused(name, 'belongs to the audit trail itself')
  return rows.map((row) => ({
    schema: row['schema'] ?? '',
    name: row['name'] ?? '',
    attributes: Number(row['attributes']),
  }))
}

function writeName({ schema, name }: TableFilter): string {
  return schema === undefined ? quoteIdentifier(name) : quoteTable({ schema, name })
}

function refused(name: TableFilter, why: string): AuditError {
  return new AuditError('AUDIT_OPTION_INVALID', `${writeName(name)} ${why}.`, { facts: { table: name } })
}

const FAMILY = `
  with recursive family (oid) as (
    select pg_catalog.to_regclass($1)::pg_catalog.oid
    union
    select i.inhrelid from family f join pg_catalog.pg_inherits i on i.inhparent = f.oid
  )
  select n.nspname as schema, c.relname as name, c.relnatts as attributes, c.relkind as kind,
    c.relispartition as partition, n.nspname = ${quoteLiteral('indelible')} as own
  from family f join pg_catalog.pg_class c on c.oid = f.oid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.oid = pg_catalog.to_regclass($1) or not c.relispartition
  order by c.oid <> pg_catalog.to_regclass($1), 1, 2`
