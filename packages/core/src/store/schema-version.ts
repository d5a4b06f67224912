import { AuditError } from '../errors.ts'
import type { AuditQueryable } from './audit-database.ts'
import { type Migration, readMigrations } from './migration-files.ts'

/** Oldest PostgreSQL that the schema and the capture are tested on. */
const OLDEST_SERVER = 150000

/** Tells the newest version that this release knows. */
export function latestSchemaVersion(): number {
  return readMigrations().at(-1)?.version ?? 0
}

/**
 * Reads the versions that a database has: none when the schema is absent, undefined when this role may not read them.
 *
 * The catalog is asked first, because a name in a schema that the role may not use is an error, not an absence.
 */
export async function tryReadVersions(database: AuditQueryable): Promise<readonly number[] | undefined> {
  const [table] = await database.query(`
    select has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as readable
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'indelible' and c.relname = 'migration'`)
  if (!table) return []
  if (table['readable'] !== 't') return undefined
  return readVersions(database)
}

/** Reads the versions that a database has, or rejects with the server's error: the schema is absent, or this role may not read it. */
export async function readVersions(database: AuditQueryable): Promise<readonly number[]> {
  const rows = await database.query('select version from indelible.migration order by version')
  return rows.map((row) => Number(row['version']))
}

/**
 * Refuses a schema made by a later release, which this one might misread.
 *
 * @throws AuditError AUDIT_SCHEMA_NEWER
 */
export function assertNotNewer(applied: readonly number[], known: readonly Migration[]): void {
  const latest = known.at(-1)?.version ?? 0
  const newest = applied.at(-1) ?? 0
  if (newest <= latest) return
  throw new AuditError(
    'AUDIT_SCHEMA_NEWER',
    `The audit schema is at version ${newest}, this release of Indelible knows versions up to ${latest}. Update @indelible/core.`,
    { facts: { version: newest, latest } },
  )
}

/**
 * Refuses a server older than PostgreSQL 15.
 *
 * @throws AuditError AUDIT_DATABASE_UNSUPPORTED
 */
export async function assertServerSupported(database: AuditQueryable): Promise<void> {
  const [row] = await database.query(
    "select current_setting('server_version') as version, current_setting('server_version_num') as number",
  )
  if (Number(row?.['number']) >= OLDEST_SERVER) return
  throw new AuditError(
    'AUDIT_DATABASE_UNSUPPORTED',
    `The server is PostgreSQL ${row?.['version']}. Indelible needs PostgreSQL 15 or later.`,
    { facts: { version: row?.['version'] } },
  )
}
