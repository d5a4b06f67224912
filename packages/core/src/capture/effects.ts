import type { WritePlan } from '../sql/plan-types.ts'
import type { ChildTable, Table } from './catalog.ts'

/** A table whose rows the database itself may change because of a write. */
export interface Effect {
  readonly schema: string
  readonly name: string
  readonly action: string
}

const actions: Readonly<Record<string, string>> = { c: 'cascade', n: 'set null', d: 'set default' }

/** Lists the foreign key actions that a write may set off. */
export function effectsOf(plan: WritePlan, table: Table): readonly Effect[] {
  if (plan.verb === 'delete') return toEffects(table.children, (child) => child.onDelete)
  const assigned = new Set(plan.set?.flatMap((item) => item.columns))
  const touched = table.children.filter((child) => child.referenced.some((column) => assigned.has(column)))
  return toEffects(touched, (child) => child.onUpdate)
}

function toEffects(children: readonly ChildTable[], letterOf: (child: ChildTable) => string): Effect[] {
  return children.flatMap((child) => {
    const action = actions[letterOf(child)]
    return action === undefined ? [] : [{ schema: child.schema, name: child.name, action }]
  })
}
