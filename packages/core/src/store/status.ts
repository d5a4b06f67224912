import { checkCascades, type OutdatedCascade } from '../cascade/check-cascades.ts'
import type { AuditDatabase, AuditQueryable } from './audit-database.ts'
import { type StoredNote, tryGetLastCheckpoint } from './checkpoints.ts'
import { checkSchema, type SchemaFinding } from './schema-check.ts'
import { latestSchemaVersion, tryReadVersions } from './schema-version.ts'
import { readUnauditedTables, type TableActivity } from './unaudited-tables.ts'

/** How the trail stands. */
export interface AuditStatus {
  /** Version of the server, such as `18.4`. */
  readonly server: string
  readonly schema: SchemaStatus
  /** The rows of the trail; null when there is no schema, or this role may not read it. */
  readonly log: LogStatus | null
  /** The role that asked. */
  readonly role: RoleStatus
  /** Tables that were written to since the statistics began and have no entry at all: a hint, not a proof. */
  readonly unaudited: readonly TableActivity[]
  /** Tables whose foreign key actions are only announced until `refreshCascades` or `indelible migrate` is run. */
  readonly outdatedCascades: readonly OutdatedCascade[]
}

/** The audit schema against what this release expects. */
interface SchemaStatus {
  /** null when there is none, or this role may not read it. */
  readonly version: number | null
  readonly latest: number
  readonly findings: readonly SchemaFinding[]
}

/** Figures that cost a few index probes, however large the log. */
interface LogStatus {
  /** Sealed and waiting entries together. Not counted row by row: that is what `verifyLog` does. */
  readonly entries: number
  readonly sealed: number
  readonly pending: PendingStatus
  /** The last one. */
  readonly checkpoint: StoredNote | null
}

/** The queue to the sealer. */
interface PendingStatus {
  /** Exact up to 100,000; beyond that the ids given out and not sealed, among which some may belong to rolled back entries. */
  readonly count: number
  readonly isEstimate: boolean
  /** Age of the entry that waits longest, by the database's clock; null when none waits. Of the oldest part of a long queue. */
  readonly oldestSeconds: number | null
}

/** What the connection's role could do beyond its task. */
interface RoleStatus {
  readonly name: string
  /** A superuser, or a member of the role that owns the audit tables: it could switch their protection off. */
  readonly canAlterSchema: boolean
}

/**
 * Tells how the trail stands: schema, queue, chain and last checkpoint. Cheap enough for a health check.
 *
 * It believes the tables; whether they tell the truth is the question of `verifyLog`.
 */
export async function readStatus(database: AuditDatabase): Promise<AuditStatus> {
  const versions = await tryReadVersions(database)
  const findings = await checkSchema(database)
  const isReadable = versions !== undefined && versions.length > 0 && (await canReadLog(database))
  return {
    server: await readServerVersion(database),
    schema: { version: versions?.at(-1) ?? null, latest: latestSchemaVersion(), findings },
    log: isReadable ? await readLog(database) : null,
    role: await readRole(database),
    unaudited: isReadable ? await readUnauditedTables(database) : [],
    outdatedCascades: versions?.length === 0 ? [] : (await checkCascades(database)).outdated,
  }
}

async function readServerVersion(database: AuditQueryable): Promise<string> {
  const [row] = await database.query(
    "select split_part(current_setting('server_version'), ' ', 1) as version",
  )
  return row?.['version'] ?? 'unknown'
}

async function readRole(database: AuditQueryable): Promise<RoleStatus> {
  const [row] = await database.query(`
    select current_user as name, r.rolsuper or exists (
      select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'indelible' and pg_has_role(c.relowner, 'usage')) as can_alter
    from pg_catalog.pg_roles r where r.rolname = current_user`)
  return { name: row?.['name'] ?? '', canAlterSchema: row?.['can_alter'] === 't' }
}

async function canReadLog(database: AuditQueryable): Promise<boolean> {
  const [row] = await database.query(`
    select count(*) = 4 and bool_and(has_table_privilege(c.oid, 'select')) as readable
    from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'indelible' and c.relname in ('entry', 'pending', 'link', 'checkpoint')`)
  return row?.['readable'] === 't'
}

async function readLog(database: AuditQueryable): Promise<LogStatus> {
  // Links are numbered without holes: the last number is their count.
  const [row] = await database.query('select max(seq) as sealed from indelible.link')
  const sealed = Number(row?.['sealed'] ?? 0)
  const pending = await readPending(database, sealed)
  const checkpoint = await tryGetLastCheckpoint(database)
  return { entries: sealed + pending.count, sealed, pending, checkpoint: checkpoint ?? null }
}

const MOST_COUNTED = 100_000

async function readPending(database: AuditQueryable, sealed: number): Promise<PendingStatus> {
  const [row] = await database.query(PENDING)
  const counted = Number(row?.['counted'])
  const isEstimate = counted > MOST_COUNTED
  return {
    count: isEstimate ? Math.max(counted, Number(row?.['last_id']) - sealed) : counted,
    isEstimate,
    oldestSeconds: row?.['seconds'] ? Number(row['seconds']) : null,
  }
}

// The table has no index: its first rows are its oldest ones, nearly always.
const PENDING = `
  with head as materialized (select id from indelible.pending limit ${MOST_COUNTED + 1})
  select (select count(*) from head) as counted,
    (select max(id) from indelible.entry) as last_id,
    (select round(extract(epoch from clock_timestamp() - at), 3)
      from indelible.entry where id = (select min(id) from head)) as seconds`
