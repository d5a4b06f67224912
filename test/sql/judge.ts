import type { Plan } from '../../packages/core/src/sql/plan-types.ts'
import { faultOfOther } from './judge-other.ts'
import { faultOfUnprovable, isProvable } from './judge-unprovable.ts'
import { faultOfWrite } from './judge-write.ts'
import { type Node, tryParse } from './oracle.ts'

/** What PostgreSQL's own grammar has to say about a plan. */
export type Verdict =
  /** The text is no SQL, so that the plan does not matter. */
  | { readonly kind: 'invalid' }
  | { readonly kind: 'right' }
  /** Unprovable, and rightly so. */
  | { readonly kind: 'refused' }
  /** Unprovable, though it could be proved. */
  | { readonly kind: 'cautious' }
  /** A write that goes unseen, goes to another table or is cut at the wrong place. */
  | { readonly kind: 'dangerous'; readonly why: string }

/** Judges a plan by the syntax tree of its text. */
export function judge(sql: string, plan: Plan): Verdict {
  const statements = tryParse(sql)
  if (statements === undefined) return { kind: 'invalid' }
  const why = faultOf(sql, plan, statements)
  if (why !== undefined) return { kind: 'dangerous', why }
  if (plan.kind !== 'unprovable') return { kind: 'right' }
  return isProvable(statements) ? { kind: 'cautious' } : { kind: 'refused' }
}

function faultOf(sql: string, plan: Plan, statements: readonly Node[]): string | undefined {
  if (plan.kind === 'unprovable') return faultOfUnprovable(plan, statements)
  const [statement, ...more] = statements
  if (statement === undefined) return plan.kind === 'empty' ? undefined : 'there is no statement'
  if (more.length > 0) return 'there are several statements'
  return plan.kind === 'write' ? faultOfWrite(sql, plan, statement) : faultOfOther(plan, statement)
}
