import type { TableName, WritePlan } from '../sql/plan-types.ts'
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
  const assigned = plan.verb === 'delete' ? 'gone' : (plan.set?.flatMap((item) => item.columns) ?? [])
  return follow([{ table, assigned }], catalog)
}

/**
 * The same for a statement of which no more is known than its text, without literals, and the tables that it writes: rather once too often.
 */
export function effectsOfText(
  text: string,
  tables: readonly TableName[],
  catalog: Pick<Catalog, 'find'>,
): readonly Effect[] {
  const changes = tables.flatMap((name): readonly Change[] => {
    const table = catalog.find(name)
    if (table === undefined) return []
    const named = table.children
      .flatMap((child) => child.referenced)
      .filter((column) => mayAssign(text, column))
    return [
      ...(/\bdelete\b/i.test(text) ? [{ table, assigned: 'gone' as const }] : []),
      ...(/\bupdate\b/i.test(text) ? [{ table, assigned: named }] : []),
    ]
  })
  return follow(changes, catalog)
}

function follow(from: readonly Change[], catalog: Pick<Catalog, 'find'>): readonly Effect[] {
  const found: Effect[] = []
  const seen = new Set<string>()
  const changes = [...from]
  for (let change = changes.pop(); change !== undefined; change = changes.pop()) {
    for (const { child, action } of touchedChildren(change)) {
      const effect = { schema: child.schema, name: child.name, action }
      const known = JSON.stringify(effect)
      if (seen.has(known)) continue
      seen.add(known)
      const next = catalog.find(child)
      found.push(effect)
      if (next === undefined) continue
      const isGone = change.assigned === 'gone' && action === 'cascade'
      changes.push({ table: next, assigned: isGone ? 'gone' : assignedWith(child.columns, next) })
    }
  }
  return found
}

/** A BEFORE trigger may assign any more; rows that have capture triggers are not announced for the mere chance of it. */
function assignedWith(columns: readonly string[], table: Table): Change['assigned'] {
  return table.changedBeforeUpdate && !table.captured ? 'any' : columns
}

/** Whether a text holds a column where SET names what it assigns: behind SET itself, a comma or a parenthesis. */
function mayAssign(text: string, column: string): boolean {
  const name = column.replaceAll('"', '""').replaceAll(/[^\p{L}\p{N}_]/gu, '\\$&')
  return /u&"/i.test(text) || new RegExp(`(?:\\bset\\s*|[,(]\\s*)"?${name}"?\\s*[=,)]`, 'i').test(text)
}

/** Why a trail names tables beside those that a statement writes: the words of `indelible.log_effects`. */
export const effectsReason = 'foreign key actions may have changed rows of these tables'

/** Rows of a table that are deleted, or of which some or any columns are assigned. */
interface Change {
  readonly table: Table
  readonly assigned: readonly string[] | 'any' | 'gone'
}

function touchedChildren({ table, assigned }: Change): { child: ChildTable; action: string }[] {
  return table.children.flatMap((child) => {
    const action = actions[assigned === 'gone' ? child.onDelete : child.onUpdate]
    return action !== undefined && isTouched(child, assigned) ? [{ child, action }] : []
  })
}

function isTouched({ referenced }: ChildTable, assigned: Change['assigned']): boolean {
  return typeof assigned === 'string' || referenced.some((column) => assigned.includes(column))
}
