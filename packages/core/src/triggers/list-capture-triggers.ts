import { type Catalog, loadCatalog } from '../capture/catalog.ts'
import type { RedactOptions } from '../redact/redact-options.ts'
import type { AuditQueryable } from '../store/audit-database.ts'
import { type Registered, readRegistered } from './registered-triggers.ts'
import { compileStoredRules } from './stored-rules.ts'
import { renderTriggerFunction } from './trigger-function.ts'

/** How the capture triggers of a table stand. */
export interface CaptureTriggerStatus {
  readonly schema: string
  readonly name: string
  /** Whether there is such a table. */
  readonly exists: boolean
  /**
   * `present`: as it was made, for the columns as they are. `missing`: there is none, or no table. `altered`: switched off or
   * edited. `stale`: columns, key or name of the table changed since; rows are entered completely, only slower, and by the
   * key that the table had.
   */
  readonly state: 'present' | 'missing' | 'altered' | 'stale'
  /** What is wrong; empty when nothing is. */
  readonly detail: string
  /** What is secret, as it was given, without the key of fingerprints. */
  readonly redact: RedactOptions
  /** The function of the trigger, in the schema `indelible`. */
  readonly functionName: string
}

/** Tells how the capture triggers stand, by table. Needs the right to read the audit tables. */
export async function listCaptureTriggers(
  database: AuditQueryable,
): Promise<readonly CaptureTriggerStatus[]> {
  const registered = await readRegistered(database)
  if (registered.length === 0) return []
  const catalog = await loadCatalog(database)
  return registered.map((each) => {
    const { functionName, redact, table } = each
    const { schema, name } = table ?? each
    return { schema, name, exists: table !== null, ...judge(each, catalog), redact, functionName }
  })
}

function judge(each: Registered, catalog: Catalog): Pick<CaptureTriggerStatus, 'state' | 'detail'> {
  if (each.table === null) return { state: 'missing', detail: 'there is no such table' }
  const missing = [
    each.body === null || each.row === 'missing' ? 'the row trigger' : [],
    each.truncate === 'missing' ? 'the trigger of TRUNCATE' : [],
  ].flat()
  if (missing.length > 0) return { state: 'missing', detail: `${missing.join(' and ')} is missing` }
  const altered = alterations(each)
  if (altered.length > 0) return { state: 'altered', detail: altered.join('; ') }
  if (isStale(each, catalog)) {
    return { state: 'stale', detail: 'columns, key or name of the table changed since it was made' }
  }
  return { state: 'present', detail: '' }
}

function alterations({ row, truncate, isIntact, partitionsDiffer }: Registered): string[] {
  return [
    row === 'present' ? [] : `the row trigger is ${row}`,
    truncate === 'present' ? [] : `the trigger of TRUNCATE is ${truncate}`,
    isIntact ? [] : 'its function was edited',
    partitionsDiffer ? 'it is switched off on a partition' : [],
  ].flat()
}

function isStale({ table, redact, body, functionName }: Registered, catalog: Catalog): boolean {
  const known = table === null ? undefined : catalog.find(table)
  if (table === null || known === undefined) return true
  const redaction = compileStoredRules(redact)
  const fresh = renderTriggerFunction({ table: known, attributes: table.attributes, redact, redaction })
  return fresh.body !== body || fresh.name !== functionName
}
