import type { RedactOptions } from '../redact/redact-options.ts'
import type { AuditQueryable, TextRow } from '../store/audit-database.ts'
import { ROW_TRIGGER, TRUNCATE_TRIGGER } from './capture-trigger-names.ts'

/** A capture trigger as it was asked for, beside what the catalog says of it. */
export interface Registered {
  readonly functionName: string
  readonly schema: string
  readonly name: string
  readonly redact: RedactOptions
  /** The trigger's function; null when there is none. */
  readonly body: string | null
  /** Whether the function is as it was made. */
  readonly isIntact: boolean
  /** The table that the trigger stands on, or the one of the registered name; null when there is neither. */
  readonly table: { readonly schema: string; readonly name: string; readonly attributes: number } | null
  readonly row: TriggerState
  readonly truncate: TriggerState
  /** Whether the trigger of a partition was switched off or taken away. */
  readonly partitionsDiffer: boolean
}

/** How one trigger stands. */
export type TriggerState = 'present' | 'missing' | 'disabled' | 'altered'

/** SQL expression for the hash of all that makes a function what it does. */
export function definitionHash(procedure: string): string {
  const parts = `${procedure}.prosrc, ' ', ${procedure}.prosecdef, ' ', pg_catalog.array_to_string(${procedure}.proconfig, ' ')`
  return `pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(pg_catalog.concat(${parts}), 'UTF8')), 'hex')`
}

/** Reads what was asked for and what there is. */
export async function readRegistered(database: AuditQueryable): Promise<readonly Registered[]> {
  return (await database.query(REGISTERED)).map(toRegistered)
}

function toRegistered(row: TextRow): Registered {
  const text = (name: string) => row[name] ?? ''
  const table = { schema: text('schema'), name: text('name'), attributes: Number(row['attributes']) }
  return {
    functionName: text('function_name'),
    schema: text('table_schema'),
    name: text('table_name'),
    // Written by us, checked when it is compiled.
    redact: JSON.parse(text('redact')) as RedactOptions,
    body: row['body'] ?? null,
    isIntact: row['intact'] === 't',
    table: row['name'] === null ? null : table,
    row: toState(row['row_state']),
    truncate: toState(row['truncate_state']),
    partitionsDiffer: row['partitions_differ'] === 't',
  }
}

function toState(text: string | null | undefined): TriggerState {
  return text === 'present' || text === 'disabled' || text === 'altered' ? text : 'missing'
}

/** How a trigger stands, from its row in pg_trigger: 29 is AFTER … FOR EACH ROW of all three, 32 AFTER TRUNCATE. */
function stateOf(trigger: string, type: number): string {
  return `case when ${trigger}.oid is null then 'missing' when ${trigger}.tgenabled <> 'A' then 'disabled'
    when ${trigger}.tgtype <> ${type} or ${trigger}.tgqual is not null or ${trigger}.tgattr::text <> '' then 'altered'
    else 'present' end`
}

const REGISTERED = `
  select r.function_name, r.table_schema, r.table_name, r.redact, p.prosrc as body,
    coalesce(${definitionHash('p')} = r.definition_hash, false) as intact,
    n.nspname as schema, c.relname as name, c.relnatts as attributes,
    ${stateOf('t', 29)} as row_state, ${stateOf('u', 32)} as truncate_state,
    exists (
      select from pg_catalog.pg_partition_tree(c.oid) part
      where part.level > 0 and not exists (
        select from pg_catalog.pg_trigger x where x.tgrelid = part.relid and x.tgfoid = p.oid and x.tgenabled = 'A')
    ) as partitions_differ
  from indelible.capture_trigger r
  left join pg_catalog.pg_proc p on p.pronamespace = 'indelible'::regnamespace and p.proname = r.function_name
  left join pg_catalog.pg_trigger t on t.tgfoid = p.oid and t.tgparentid = 0 and t.tgname = '${ROW_TRIGGER}'
  left join pg_catalog.pg_class c on c.oid = coalesce(t.tgrelid, (
    select k.oid from pg_catalog.pg_class k join pg_catalog.pg_namespace s on s.oid = k.relnamespace
    where s.nspname = r.table_schema and k.relname = r.table_name and k.relkind in ('r', 'p')))
  left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_trigger u on u.tgrelid = c.oid and u.tgname = '${TRUNCATE_TRIGGER}'
    and u.tgfoid = 'indelible.capture_truncate'::regproc
  order by r.table_schema, r.table_name`
