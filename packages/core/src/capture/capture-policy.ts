import { tryGetAuditContext } from '../context/audit-context.ts'
import { AuditError } from '../errors.ts'
import type { ResolvedCaptureOptions } from './capture-options.ts'
import type { CaptureStep } from './capture-step.ts'

/** Refuses or reports a statement where the options say so. @throws AuditError `AUDIT_ACTOR_MISSING`, `AUDIT_UNCAPTURED`. */
export function applyPolicy(options: ResolvedCaptureOptions, step: CaptureStep): void {
  if (step.kind === 'pass' || (step.kind === 'carry' && step.plan.kind === 'read')) return
  requireActor(options)
  if (step.kind === 'uncaptured') requireCaptured(options, step)
}

function requireActor({ onMissingActor, onWarning }: ResolvedCaptureOptions): void {
  if (onMissingActor === 'allow' || tryGetAuditContext()?.actor !== undefined) return
  const message = 'A write has no actor: wrap the call in runWithAuditContext({ actor }, …).'
  if (onMissingActor === 'reject') throw new AuditError('AUDIT_ACTOR_MISSING', message)
  onWarning({ code: 'AUDIT_ACTOR_MISSING', message, facts: {} })
}

function requireCaptured(
  { onUncaptured, onWarning }: ResolvedCaptureOptions,
  { verb, tables, reason, text }: Extract<CaptureStep, { kind: 'uncaptured' }>,
): void {
  if (onUncaptured === 'record') return
  const message = `This ${verb} cannot be captured: ${reason}.`
  const facts = { verb, tables, reason, sql: text }
  if (onUncaptured === 'throw') throw new AuditError('AUDIT_UNCAPTURED', message, { facts })
  onWarning({ code: 'AUDIT_UNCAPTURED', message, facts })
}
