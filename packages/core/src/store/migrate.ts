import { type CascadeReport, refreshInside } from '../cascade/refresh-cascades.ts'
import { AuditError } from '../errors.ts'
import type { AuditDatabase, AuditTransaction } from './audit-database.ts'
import { type AuditGrants, planGrants } from './grants.ts'
import { type Migration, readMigrations } from './migration-files.ts'
import { MIGRATION_LOCK } from './migration-lock.ts'
import { migrationBlock } from './migration-sql.ts'
import { assertNotNewer, assertServerSupported, readVersions, tryReadVersions } from './schema-version.ts'

/** What {@link migrate} does beside bringing the schema up to date. */
export interface MigrateOptions {
  /**
   * Rights to give to roles, each time. Rights given before stay, and who may write or read the trail may so after an upgrade,
   * whatever is new. Default: none.
   */
  readonly grants?: AuditGrants
}

/** What {@link migrate} has done. */
export interface MigrateResult {
  /** Version of the schema now. */
  readonly version: number
  /** Names of the migrations that were applied by this call: empty when there was nothing to do. */
  readonly applied: readonly string[]
  /** The functions that follow foreign key actions of the application's tables. */
  readonly cascades: CascadeReport
}

/**
 * Creates the schema `indelible` or brings it up to date, in one transaction: all of it, or nothing. It ends with what
 * {@link refreshCascades} does, so that it belongs behind the migrations of the application's own tables.
 *
 * It may be started any number of times, also at once: an advisory lock lets one work while the others wait and find nothing to do.
 * The connection's role becomes the owner of the schema and needs CREATE on the database, and nothing while nothing is to be done.
 *
 * @throws AuditError AUDIT_SCHEMA_NEWER when the schema was made by a later release, AUDIT_DATABASE_UNSUPPORTED before PostgreSQL 15,
 * AUDIT_WRITE_FAILED when rights are to be given by another role than the schema's owner.
 * @throws TypeError when a role name cannot be one. The driver's error when a role does not exist or a right is missing.
 *
 * @example
 * const { applied } = await migrate(fromPgPool(pool), { grants: { writers: ['shop_app'] } })
 */
export async function migrate(database: AuditDatabase, options: MigrateOptions = {}): Promise<MigrateResult> {
  const known = readMigrations()
  const grants = planGrants(options.grants ?? {})
  return database.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    const missing = await findMissing(tx, known)
    for (const migration of missing) await tx.script(migrationBlock(migration))
    if (grants.length > 0) await assertMayGrant(tx)
    for (const grant of grants) await tx.query(grant)
    const cascades = await refreshInside(tx)
    return { version: known.at(-1)?.version ?? 0, applied: missing.map(({ name }) => name), cascades }
  })
}

async function findMissing(tx: AuditTransaction, known: readonly Migration[]): Promise<readonly Migration[]> {
  await assertServerSupported(tx)
  const applied = (await tryReadVersions(tx)) ?? (await readVersions(tx))
  assertNotNewer(applied, known)
  return known.filter(({ version }) => !applied.includes(version))
}

/** To a role that may not grant, PostgreSQL answers GRANT with a warning, and no error. */
async function assertMayGrant(tx: AuditTransaction): Promise<void> {
  const [row] = await tx.query(`
    select pg_get_userbyid(nspowner) as owner from pg_catalog.pg_namespace
    where nspname = 'indelible' and not pg_has_role(nspowner, 'usage')`)
  if (!row) return
  throw new AuditError(
    'AUDIT_WRITE_FAILED',
    `Only the owner of the audit schema gives rights on it: connect as ${row['owner']}.`,
    { facts: { owner: row['owner'] } },
  )
}
