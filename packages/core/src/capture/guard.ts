import type { WritePlan } from '../sql/plan-types.ts'
import type { Table } from './catalog.ts'
import type { Write } from './rewrite.ts'

const relationKinds: Readonly<Record<string, string>> = {
  v: 'the relation is a view',
  m: 'the relation is a materialized view',
  f: 'the relation is a foreign table',
}

/**
 * Says why adding RETURNING to a write would change what it does, or would show a wrong image; `undefined` when it is
 * harmless. Each of these was seen to break.
 */
export function refusalOf({ sql, plan, table }: Write): string | undefined {
  if (table.kind !== 'r' && table.kind !== 'p')
    return relationKinds[table.kind] ?? 'the relation is not a table'
  if (!table.readable) return 'the role has no SELECT right on the table'
  if (table.ruled) return 'a rule of the table rewrites the statement'
  if (table.inherited && plan.verb !== 'insert') return 'other tables inherit from the table'
  // SELECT policies start to apply as soon as RETURNING reads a column, unless the statement reads one already.
  if (table.rowSecurity && !readsColumn(sql, plan, table)) {
    return 'row-level security is active and the statement may read no column'
  }
  return undefined
}

// Only what is sure: beside a joined table or inside a subquery the same name may be a column of another table.
function readsColumn(sql: string, plan: WritePlan, table: Table): boolean {
  if (plan.returningStars) return true
  const where = plan.verb === 'insert' ? undefined : plan.where
  return [where, plan.returning].some((span) => {
    if (span === undefined || plan.hasFrom) return false
    const names = plan.identifiers(span)
    return (
      !/select/i.test(sql.slice(span.start, span.end)) && [...names].some((name) => table.columns.has(name))
    )
  })
}
