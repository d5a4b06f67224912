import type { WritePlan } from '../sql/plan-types.ts'
import type { Table } from './catalog.ts'

const relationKinds: Readonly<Record<string, string>> = {
  v: 'the relation is a view',
  m: 'the relation is a materialized view',
  f: 'the relation is a foreign table',
}

/**
 * Says why adding RETURNING to a write would change what it does, or would show a wrong image; `undefined` when it is
 * harmless. Each of these was seen to break.
 */
export function refusalOf(plan: WritePlan, table: Table): string | undefined {
  if (table.kind !== 'r' && table.kind !== 'p')
    return relationKinds[table.kind] ?? 'the relation is not a table'
  if (!table.readable) return 'the role has no SELECT right on the table'
  if (table.insteadRule) return 'a DO INSTEAD rule replaces the statement'
  if (table.inherited && plan.verb !== 'insert') return 'other tables inherit from the table'
  // SELECT policies start to apply as soon as RETURNING reads a column, unless the statement reads one already.
  if (table.rowSecurity && !readsColumn(plan, table)) {
    return 'row-level security is active and the statement reads no column'
  }
  return undefined
}

function readsColumn(plan: WritePlan, table: Table): boolean {
  if (plan.returningStars) return true
  const where = plan.verb === 'insert' ? undefined : plan.where
  return [where, plan.returning].some(
    (span) => span !== undefined && [...plan.identifiers(span)].some((name) => table.columns.has(name)),
  )
}
