import type { AuditQueryable } from '../store/audit-database.ts'
import type { ResolvedCaptureOptions } from './capture-options.ts'

/**
 * Reports names of `requireReason.tables` that no table has: a rule with a typo would protect nothing. Not an error, because the
 * application may be about to make the table.
 */
export async function warnOfUnknownTables(
  database: AuditQueryable,
  { requireReason, onWarning }: Pick<ResolvedCaptureOptions, 'requireReason' | 'onWarning'>,
): Promise<void> {
  if (requireReason === undefined || requireReason.tables.size === 0) return
  const rows = await database.query(unknownTables, [JSON.stringify([...requireReason.tables])])
  for (const { name } of rows) {
    onWarning({
      code: 'AUDIT_TABLE_UNKNOWN',
      message: `requireReason.tables: no table is called ${name}. Give the name that the database knows, not that of the entity.`,
      facts: { option: 'requireReason.tables', table: name },
    })
  }
}

const unknownTables = `
  select name from pg_catalog.json_array_elements_text($1::pg_catalog.json) as given (name)
  where not exists (
    select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p', 'v', 'm', 'f') and given.name in (c.relname, n.nspname || '.' || c.relname))`
