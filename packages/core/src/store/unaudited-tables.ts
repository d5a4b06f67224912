import type { AuditQueryable } from './audit-database.ts'

/** A table and how often it was written to. */
export interface TableActivity {
  readonly schema: string
  readonly table: string
  /** Rows inserted, updated and deleted since the server's statistics began, also by what has been rolled back. */
  readonly writes: number
}

/**
 * Lists the tables that were written to and that no entry names, most written first: tables that a program writes past the audit.
 *
 * The server's statistics begin before the audit may have been set up, and forget at a crash or reset: this is a hint.
 */
export async function readUnauditedTables(database: AuditQueryable): Promise<readonly TableActivity[]> {
  const rows = await database.query(UNAUDITED)
  return rows.map((row) => ({
    schema: row['schema'] ?? '',
    table: row['table'] ?? '',
    writes: Number(row['writes']),
  }))
}

// One probe of the index (table_schema, table_name, …) for each table. An event about a row shows no write of it. Tables of migration tools are no data of the application.
const UNAUDITED = `
  select s.schemaname as schema, s.relname as table, s.n_tup_ins + s.n_tup_upd + s.n_tup_del as writes
  from pg_catalog.pg_stat_user_tables s
  where s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0
    and s.schemaname <> 'indelible' and s.schemaname !~ '^pg_temp_'
    and s.relname <> all ('{_prisma_migrations,migrations,mikro_orm_migrations}')
    and not exists (select from indelible.entry e where e.table_schema = s.schemaname and e.table_name = s.relname and e.op <> 'event')
  order by writes desc, 1, 2 limit 100`
