import type { WritePlan } from '../sql/plan-types.ts'
import type { Catalog, ChildTable, Table } from './catalog.ts'

/** A table whose rows the database itself may change because of a write. */
export interface Effect {
  readonly schema: string
  readonly name: string
  readonly action: string
}

const actions: Readonly<Record<string, string>> = { c: 'cascade', n: 'set null', d: 'set default' }

/**
 * Lists the foreign key actions that a write may set off, and those that they may set off in turn, on tables with capture triggers too.
 */
export function effectsOf(plan: WritePlan, table: Table, catalog: Pick<Catalog, 'find'>): readonly Effect[] {
  const found: Effect[] = []
  const seen = new Set<string>()
  const changes: Change[] = [
    { table, assigned: plan.verb === 'delete' ? 'gone' : (plan.set?.flatMap((item) => item.columns) ?? []) },
  ]
  for (let change = changes.pop(); change !== undefined; change = changes.pop()) {
    for (const { child, action } of touchedChildren(change)) {
      const effect = { schema: child.schema, name: child.name, action }
      const known = JSON.stringify(effect)
      if (seen.has(known)) continue
      seen.add(known)
      const next = catalog.find(child)
      found.push(effect)
      const assigned = change.assigned === 'gone' && action === 'cascade' ? 'gone' : child.columns
      if (next !== undefined) changes.push({ table: next, assigned })
    }
  }
  return found
}

/** Rows of a table that are deleted, or whose columns are assigned. */
interface Change {
  readonly table: Table
  readonly assigned: readonly string[] | 'gone'
}

function touchedChildren({ table, assigned }: Change): { child: ChildTable; action: string }[] {
  return table.children.flatMap((child) => {
    const touched = assigned === 'gone' || child.referenced.some((column) => assigned.includes(column))
    const action = actions[assigned === 'gone' ? child.onDelete : child.onUpdate]
    return touched && action !== undefined ? [{ child, action }] : []
  })
}
