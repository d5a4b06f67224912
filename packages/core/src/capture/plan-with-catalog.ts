import { planStatement } from '../sql/plan.ts'
import type { ConfiguredSetting, Plan } from '../sql/plan-types.ts'
import type { Catalog } from './catalog.ts'
import { namesIn } from './names-in.ts'

/** Plans a statement, and adds what functions may set that it names, or that a relation calls which it names. */
export function planWithCatalog(sql: string, { setters }: Pick<Catalog, 'setters'>): Plan {
  const plan = planStatement(sql)
  if (plan.kind !== 'read' && plan.kind !== 'write' && plan.kind !== 'unprovable') return plan
  const hidden = setters.size === 0 ? [] : hiddenSettings(sql, setters)
  return hidden.length === 0
    ? plan
    : { ...plan, setsConfiguration: [...(plan.setsConfiguration ?? []), ...hidden] }
}

// A name that is written with escapes is not read.
function hiddenSettings(sql: string, setters: Catalog['setters']): readonly ConfiguredSetting[] {
  const found = /u&"/i.test(sql) ? ['unknown'] : namesIn(sql).flatMap((name) => setters.get(name) ?? [])
  return [...new Set(found)].map((setting) => ({ setting, local: false }))
}
