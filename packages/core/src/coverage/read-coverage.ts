import { resolveAuditOptions } from '../audit-options.ts'
import { type Catalog, loadCatalog, type Table } from '../capture/catalog.ts'
import { areCaptured } from '../capture/left-to-triggers.ts'
import type { RedactOptions } from '../redact/redact-options.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import type { AuditDatabase, AuditQueryable } from '../store/audit-database.ts'
import { requireSchema } from '../store/schema-check.ts'
import { type CaptureTriggerStatus, listCaptureTriggers } from '../triggers/list-capture-triggers.ts'
import { type CoverageGap, coverTable, type TableCoverage } from './table-coverage.ts'
import { explainWrites } from './explain-writes.ts'
import { readUncapturedStatements, type UncapturedStatements } from './uncaptured-statements.ts'

/** What {@link readCoverage} looks at. */
export interface CoverageOptions {
  /** How many days back to count what was recorded as uncaptured. @default 30 */
  readonly days?: number
  /** The role whose rights count: that of the application. @default the role of the connection */
  readonly role?: string
  /** What is secret, as the application's own options say. @default the built-in names */
  readonly redact?: RedactOptions
  /** @default the machine's clock */
  readonly now?: () => Date
}

/** How the writes of each table are captured, and what was not. */
export interface CoverageReport {
  /** Every table and writable view that the role can reach, by schema and name. Partitions are part of their table. */
  readonly tables: readonly TableCoverage[]
  /** What ran since `since` and was recorded without its rows. */
  readonly uncaptured: readonly UncapturedStatements[]
  /** The moment from which `uncaptured` counts: ISO 8601 in UTC. */
  readonly since: string
  /** Whether no table has a gap and nothing was uncaptured. */
  readonly complete: boolean
}

/**
 * Tells, table by table, how writes are captured and what is not exact, by asking the engine itself what it would do; and what was
 * recorded as uncaptured. Needs the right to read the audit tables. Temporary tables are not listed: they belong to one session.
 *
 * @throws AuditError `AUDIT_SCHEMA_MISSING` or `AUDIT_SCHEMA_ALTERED`.
 * @throws TypeError when `days` is no number of days.
 *
 * @example
 * const { tables } = await readCoverage(database, { role: 'shop_app' })
 * for (const { name, gaps } of tables) if (gaps.length > 0) console.log(name, gaps)
 */
export async function readCoverage(
  database: AuditDatabase,
  { days = 30, role, redact, now = () => new Date() }: CoverageOptions = {},
): Promise<CoverageReport> {
  if (!(days >= 0 && days <= 36_500)) throw new TypeError(`days is a number from 0 to 36500, not ${days}`)
  await requireSchema(database)
  const { redaction } = resolveAuditOptions({ redact: { fingerprintKey: Buffer.alloc(16), ...redact } })
  const since = new Date(now().getTime() - days * 86_400_000)
  const { catalog, facts, seen } = await database.transaction(async (tx) => {
    if (role !== undefined) await tx.query(`set local role ${quoteIdentifier(role)}`)
    const [catalog, facts] = [await loadCatalog(tx), await readFacts(tx)]
    return { catalog, facts, seen: await findCapturedViews(tx, facts, catalog) }
  })
  const triggers = await listCaptureTriggers(database)
  const found = facts.flatMap((fact) => {
    const table = catalog.find(fact)
    return table === undefined ? [] : [{ fact, table }]
  })
  const everythingIsCaptured = found.every(({ table }) => table.captured || table.kind === 'v')
  const tables = found.map(({ fact, table }) => {
    const covered = seen.has(fact) ? coveredView(table) : coverTable(table, { catalog, redaction, everythingIsCaptured })
    return { ...covered, gaps: [...covered.gaps, ...otherGaps(fact, triggers, table)] }
  })
  const uncaptured = await readUncapturedStatements(database, since)
  const complete = uncaptured.length === 0 && tables.every(({ gaps }) => gaps.length === 0)
  return { tables, uncaptured, since: since.toISOString(), complete }
}

/** The views whose every write changes tables with capture triggers only: what the engine finds when one is written. */
async function findCapturedViews(
  tx: AuditQueryable,
  facts: readonly Fact[],
  catalog: Catalog,
): Promise<ReadonlySet<Fact>> {
  const views = catalog.captureTriggers ? facts.filter((fact) => catalog.find(fact)?.kind === 'v') : []
  const captured = new Set<Fact>()
  for (const view of views) {
    const table = catalog.find(view)
    const written = table === undefined ? [] : await explainWrites(tx, table)
    if (written.length > 0 && written.every((tables) => areCaptured(catalog, tables))) captured.add(view)
  }
  return captured
}

function coveredView({ schema, name }: Table): TableCoverage {
  return { schema, name, kind: 'view', captured: 'trigger', gaps: [] }
}

interface Fact {
  readonly schema: string
  readonly name: string
  readonly isUnlogged: boolean
}

function otherGaps({ isUnlogged }: Fact, triggers: readonly CaptureTriggerStatus[], table: Table): readonly CoverageGap[] {
  const status = triggers.find(({ schema, name }) => schema === table.schema && name === table.name)
  return [
    isUnlogged ? [{ verbs: [], reason: 'the table is unlogged: a crash of the server empties it without an entry' }] : [],
    status === undefined || status.state === 'present'
      ? []
      : [{ verbs: [], reason: `its capture trigger is ${status.state}: ${status.detail}` }],
    table.captured && !table.truncateCaptured
      ? [{ verbs: ['TRUNCATE'], reason: 'the capture trigger of TRUNCATE is not in place' }]
      : [],
  ].flat()
}

async function readFacts(database: AuditQueryable): Promise<readonly Fact[]> {
  const rows = await database.query(FACTS)
  return rows.map((row) => ({
    schema: row['schema'] ?? '',
    name: row['name'] ?? '',
    isUnlogged: row['persistence'] === 'u',
  }))
}

/** The relations that somebody may write. 28 is INSERT, UPDATE and DELETE, by the view itself or its INSTEAD OF triggers. */
const FACTS = `
  select n.nspname as schema, c.relname as name, c.relpersistence as persistence
  from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where not c.relispartition and c.relpersistence <> 't'
    and n.nspname not in ('pg_catalog', 'information_schema', 'indelible') and n.nspname !~ '^pg_(toast|temp)'
    and (c.relkind in ('r', 'p', 'f') or c.relkind = 'v' and pg_catalog.pg_relation_is_updatable(c.oid, true) & 28 <> 0)
  order by 1, 2`
