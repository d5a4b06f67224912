import { type AuditContext, hasReason, tryGetAuditContext } from '../context/audit-context.ts'
import { AuditError } from '../errors.ts'
import type { ResolvedCaptureOptions } from './capture-options.ts'
import type { CaptureStep } from './capture-step.ts'
import type { ReasonedWrite } from './reason-rules.ts'

/**
 * Refuses or reports a statement where the options say so.
 *
 * @throws AuditError `AUDIT_ACTOR_MISSING`, `AUDIT_REASON_MISSING`, `AUDIT_UNCAPTURED`.
 */
export function applyPolicy(options: ResolvedCaptureOptions, step: CaptureStep): void {
  applyContextPolicy(options, step)
  requireCaptured(options, step)
}

/**
 * The part that asks who and why, which holds for statements too whose rows are left to capture triggers.
 *
 * @throws AuditError `AUDIT_ACTOR_MISSING`, `AUDIT_REASON_MISSING`.
 */
export function applyContextPolicy(options: ResolvedCaptureOptions, step: CaptureStep): void {
  if (step.kind === 'pass' || (step.kind === 'carry' && step.plan.kind === 'read')) return
  requireActor(options)
  requireReason(options, step.reasoned)
}

function requireActor({ onMissingActor, onWarning }: ResolvedCaptureOptions): void {
  if (onMissingActor === 'allow' || tryGetAuditContext()?.actor !== undefined) return
  const message = 'A write has no actor: wrap the call in runWithAuditContext({ actor }, …).'
  if (onMissingActor === 'reject') throw new AuditError('AUDIT_ACTOR_MISSING', message)
  onWarning({ code: 'AUDIT_ACTOR_MISSING', message, facts: {} })
}

/**
 * Refuses a write without a reason, where it needs one: inside an action that must say why, or to such a table.
 *
 * @throws AuditError `AUDIT_REASON_MISSING`.
 */
export function requireReason(
  { requireReason: rules }: Pick<ResolvedCaptureOptions, 'requireReason'>,
  reasoned?: ReasonedWrite,
  context: AuditContext | undefined = tryGetAuditContext(),
): void {
  if (rules === undefined) return
  const action = context?.action
  const isReasonedAction = action !== undefined && rules.actions.has(action)
  if ((reasoned === undefined && !isReasonedAction) || hasReason(context)) return
  const what = isReasonedAction ? `The action ${action}` : describeWrite(reasoned)
  throw new AuditError('AUDIT_REASON_MISSING', `${what} needs a reason: wrap it in withReason('…', …).`, {
    facts: { ...(reasoned?.table !== undefined && { table: reasoned.table }), ...(action && { action }) },
  })
}

function describeWrite(reasoned: ReasonedWrite | undefined): string {
  return reasoned?.table === undefined
    ? 'A statement that may write to tables which its text does not name'
    : `A write to ${reasoned.table}`
}

/** Refuses or reports what cannot be captured. @throws AuditError `AUDIT_UNCAPTURED`. */
export function requireCaptured(
  { onUncaptured, onWarning }: ResolvedCaptureOptions,
  step: CaptureStep,
): void {
  if (onUncaptured === 'record' || step.kind !== 'uncaptured') return
  const { verb, tables, reason, text } = step
  const message = `This ${verb} cannot be captured: ${reason}.`
  const facts = { verb, tables, reason, sql: text }
  if (onUncaptured === 'throw') throw new AuditError('AUDIT_UNCAPTURED', message, { facts })
  onWarning({ code: 'AUDIT_UNCAPTURED', message, facts })
}
