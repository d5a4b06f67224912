import { type AuditOp, isAuditOp } from './audit-entry.ts'
import { readableJson } from './readable-json.ts'
import { type RowKey, toRowKey } from './row-key.ts'
import { toTimestamp } from './timestamp.ts'

/** A table by name, in one schema or in any. */
export interface TableFilter {
  readonly schema?: string
  readonly name: string
}

/**
 * Which entries to read: those that meet every condition given. To leave a condition out, leave the field out: a field that is
 * present but `undefined` or `null` is refused, so that a missing tenant never turns into everybody's entries.
 */
export interface EntryFilter {
  /** A table, by its name in the database. As a string: the name alone, in any schema, and what events call by that name. */
  readonly table?: string | TableFilter
  /** The key of a row. Use it with `table`. */
  readonly key?: RowKey
  /** The actor's id. */
  readonly actor?: string
  readonly correlationId?: string
  /** The transaction, as in `AuditEntry.tx`. */
  readonly tx?: string
  readonly tenant?: string
  readonly op?: AuditOp
  /** The business action, as in the context: `order.refund`. It has no index: give it with a table, an actor or a time. */
  readonly action?: string
  /** The earliest moment, inclusive: a Date, or ISO 8601 with up to six decimals; without a zone it is UTC. */
  readonly from?: Date | string
  /** The first moment that is too late (exclusive). */
  readonly to?: Date | string
}

/** Conditions on `indelible.entry e`, joined by `and`, and the parameters they bind from `$1` on. */
export interface PlannedFilter {
  readonly where: string
  readonly params: readonly string[]
}

/**
 * Writes a filter as SQL.
 *
 * @throws TypeError when a field is unknown, undefined or null, or its value cannot be one.
 */
export function planFilter(filter: EntryFilter): PlannedFilter {
  const params: string[] = []
  const conditions = Object.entries(filter).flatMap(([field, value]) => {
    const plan = isField(field) ? PLANS[field] : undefined
    if (!plan) throw new TypeError(`there is no filter ${JSON.stringify(field)}`)
    if (value === undefined || value === null) {
      throw new TypeError(`filter.${field} is ${value}: leave the field out to not filter by it`)
    }
    return plan(filter, (text) => `$${params.push(text)}`)
  })
  return { where: conditions.length > 0 ? conditions.join(' and ') : 'true', params }
}

type Field = keyof EntryFilter
type Plan = (filter: EntryFilter, bind: (text: string) => string) => readonly string[]

const PLANS: Readonly<Record<Field, Plan>> = {
  table: ({ table }, bind) => (table === undefined ? [] : planTable(table, bind)),
  key: ({ key }, bind) => (key === undefined ? [] : [`e.row_key = ${bind(toRowKey(key))}`]),
  actor: ({ actor = '' }, bind) => [`e.actor_id = ${bind(actor)}`],
  correlationId: ({ correlationId = '' }, bind) => [`e.correlation_id = ${bind(correlationId)}`],
  tx: ({ tx = '' }, bind) => [`e.tx = ${bind(toTransactionId(tx))}`],
  tenant: ({ tenant = '' }, bind) => [`e.tenant = ${bind(tenant)}`],
  action: ({ action = '' }, bind) => [`(${readableJson('e.context')}) ->> 'action' = ${bind(action)}`],
  op: ({ op = 'event' }, bind) => [`e.op = ${bind(toKnownOp(op))}`],
  from: ({ from = '' }, bind) => [`e.at >= ${bind(toTimestamp(from))}::timestamptz`],
  to: ({ to = '' }, bind) => [`e.at < ${bind(toTimestamp(to))}::timestamptz`],
}

function isField(field: string): field is Field {
  return Object.hasOwn(PLANS, field)
}

function planTable(table: string | TableFilter, bind: (text: string) => string): string[] {
  const { name, schema = undefined } = typeof table === 'string' ? { name: table } : table
  const inSchema =
    schema === undefined
      ? `(e.table_schema = any (${ALL_SCHEMAS}) or e.table_schema is null)`
      : `e.table_schema = ${bind(schema)}`
  return [inSchema, `e.table_name = ${bind(name)}`]
}

/**
 * The schemas that occur in the log, found by one index probe each: so that the index (table_schema, table_name, …) serves a name
 * alone. https://wiki.postgresql.org/wiki/Loose_indexscan
 */
const ALL_SCHEMAS = `array(
  with recursive s (name) as (
    select min(table_schema) from indelible.entry
    union all
    select (select min(table_schema) from indelible.entry where table_schema > s.name) from s where s.name is not null
  ) select name from s where name is not null)`

function toTransactionId(tx: string): string {
  if (!/^\d{1,19}$/.test(tx))
    throw new TypeError(`filter.tx is the number of a transaction, not ${JSON.stringify(tx)}`)
  return tx
}

function toKnownOp(op: string): string {
  if (!isAuditOp(op)) throw new TypeError(`filter.op is not an operation: ${JSON.stringify(op)}`)
  return op
}
