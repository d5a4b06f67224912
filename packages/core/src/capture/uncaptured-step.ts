import type { Plan, UnprovablePlan, WritePlan } from '../sql/plan-types.ts'
import { withoutLiterals } from '../sql/without-literals.ts'
import type { UncapturedStep } from './capture-step.ts'

/** The step of a statement whose rows are not captured, for a reason that lies outside of its text. */
export function uncaptured(sql: string, plan: Exclude<Plan, UnprovablePlan>, reason: string): UncapturedStep {
  return {
    kind: 'uncaptured',
    plan,
    operation: 'statement',
    reason,
    verb: 'verb' in plan ? plan.verb.toUpperCase() : plan.kind.toUpperCase(),
    tables: plan.kind === 'write' ? [plan.table] : [],
    text: withoutLiterals(sql),
    explainable: false,
    transactional: true,
  }
}

const explainableVerbs = new Set(['WITH', 'INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** The step of a statement that cannot be captured for the way in which it was sent. */
export function asUncaptured(sql: string, plan: WritePlan | UnprovablePlan, reason: string): UncapturedStep {
  return plan.kind === 'write' ? uncaptured(sql, plan, reason) : { ...uncapturedText(sql, plan), reason }
}

/** The step of a statement whose text proves nothing. */
export function uncapturedText(sql: string, plan: UnprovablePlan): UncapturedStep {
  return {
    kind: 'uncaptured',
    plan,
    operation: plan.class,
    reason: plan.reason,
    verb: plan.verb ?? 'UNKNOWN',
    tables: plan.tables,
    text: withoutLiterals(sql),
    // A text of several statements would run its second one under EXPLAIN of the first.
    explainable: plan.statements === 'one' && explainableVerbs.has(plan.verb ?? ''),
    transactional: plan.transactional,
  }
}
