import type { Redaction } from '../redact/redaction.ts'
import type { WritePlan } from '../sql/plan-types.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { Catalog, Table } from './catalog.ts'
import type { Cascade } from './catalog-cascades.ts'
import { writesOneRow } from './one-row.ts'
import { assignedColumns, needsContext, type Rules } from './row-expressions.ts'

/** The call that logs a row and what its foreign keys take along. */
export interface CascadeCall extends Cascade {
  /** The redaction rules of the tables that it logs, by their name as SQL. */
  readonly rulesByTable: Readonly<Record<string, Rules>>
  /** Whether one of them needs rules of the context. */
  readonly needsRules: boolean
}

/** Finds the function that follows a write, where it may set off a foreign key action. */
export function cascadeOf(
  write: { readonly sql: string; readonly plan: WritePlan; readonly table: Table },
  catalog: Pick<Catalog, 'find'>,
  redaction: Redaction,
): CascadeCall | undefined {
  const { plan, table } = write
  const cascade = table.cascades?.[plan.verb === 'delete' ? 'delete' : 'update']
  if (cascade === undefined || !mayTouch(plan, table, cascade)) return undefined
  const showsRows = plan.verb === 'insert' || plan.returning !== undefined
  if (showsRows && !cascade.rowByRow && !writesOneRow(write)) return undefined
  const rulesByTable: Record<string, Rules> = {}
  for (const [schema, name] of cascade.tables) {
    const child = catalog.find({ schema, name })
    const rules = child && redaction.rulesOf(child)
    // A table that this role does not see may have secrets that it does not know.
    if (child === undefined) return undefined
    if (rules !== undefined) rulesByTable[`${quoteIdentifier(schema)}.${quoteIdentifier(name)}`] = rules
  }
  return { ...cascade, rulesByTable, needsRules: Object.values(rulesByTable).some(needsContext) }
}

function mayTouch(plan: WritePlan, table: Table, { referenced }: Cascade): boolean {
  if (plan.verb === 'delete') return true
  const assigned = assignedColumns(plan)
  return (
    assigned.length > 0 &&
    (table.changedBeforeUpdate ||
      referenced.some((column) => assigned.includes(column) || table.columns.get(column)?.generated === true))
  )
}

/** Arguments behind those of `indelible.log`: `refs` is the referenced columns of the row, or null, `place` where it was. */
export function cascadeArguments(
  { rulesByTable, state }: CascadeCall,
  refs: string,
  place: string,
): readonly string[] {
  const rules =
    Object.keys(rulesByTable).length === 0
      ? 'null'
      : `${quoteLiteral(JSON.stringify(rulesByTable))}::pg_catalog.jsonb`
  return [refs, place, rules, quoteLiteral(state)]
}
