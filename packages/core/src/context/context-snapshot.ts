import { checkedElsewhere, checkOptions, type OptionRules } from '../configuration/check-options.ts'
import { AuditError } from '../errors.ts'
import type { RedactOptions } from '../redact/redact-options.ts'
import { createRedaction, type Redaction } from '../redact/redaction.ts'
import { type AuditContext, runInScope, tryGetAuditContext } from './audit-context.ts'
import { findContextFault, isRecord } from './context-fault.ts'
import { copyJson } from './copy-json.ts'

/** A context as plain JSON: it fits into a job, a message, `workerData`. */
export interface AuditContextSnapshot {
  /** The version of this form. */
  readonly version: 1
  readonly context: AuditContext
}

/** How a context leaves the process. */
export interface CaptureContextOptions {
  /**
   * Which of its fields are secret: options, or what `createRedaction` has compiled of them, which spares that at every call.
   * @default the built-in names (password, token, card, …)
   */
  readonly redact?: RedactOptions | Redaction | undefined
}

const version = 1
const byDefault = createRedaction()
const rules: OptionRules<CaptureContextOptions> = { redact: checkedElsewhere }

/**
 * Takes the running context along, to where no scope reaches: another process, a worker thread, a job of later. Secrets in it
 * are masked, for nobody knows who reads the queue. What JSON cannot say is left out, as it is in an entry.
 *
 * @returns Undefined outside {@link runWithAuditContext}. {@link restoreAuditContext} takes that, too.
 * @throws AuditError `AUDIT_CONTEXT_INVALID` when the context has a cycle, more than 262,144 characters or 64 levels,
 * `AUDIT_OPTION_INVALID` naming the option.
 *
 * @example
 * await queue.add('invoice', { orderId, audit: captureAuditContext() })
 */
export function captureAuditContext(options: CaptureContextOptions = {}): AuditContextSnapshot | undefined {
  checkOptions(options, rules)
  const redaction = toRedaction(options.redact)
  const context = tryGetAuditContext()
  if (context === undefined) return undefined
  return readSnapshot({ version, context: parse(() => redaction.toJson(context)) })
}

/**
 * Runs `work` with exactly the context of a snapshot, inheriting nothing from the one that runs. As to what `work` may return, it
 * is like {@link runWithAuditContext}. With `undefined`, `work` has no context.
 *
 * A snapshot is believed: its actor is recorded as it stands there. Take it only from where none but your own services write.
 *
 * @throws AuditError `AUDIT_CONTEXT_INVALID` when it is no snapshot, of a version that this release does not know, or larger than
 * {@link captureAuditContext} makes them; `work` is not run.
 *
 * @example
 * await restoreAuditContext(job.data.audit, () => sendInvoice(job.data.orderId))
 */
export function restoreAuditContext<Value>(snapshot: unknown, work: () => PromiseLike<Value>): Promise<Value>
export function restoreAuditContext<Result>(snapshot: unknown, work: () => Result): Result
export function restoreAuditContext(snapshot: unknown, work: () => unknown): unknown {
  return runInScope(snapshot === undefined ? undefined : readSnapshot(snapshot).context, work)
}

function toRedaction(redact: RedactOptions | Redaction = byDefault): Redaction {
  return isCompiled(redact) ? redact : createRedaction(redact)
}

function isCompiled(redact: RedactOptions | Redaction): redact is Redaction {
  return isRecord(redact) && typeof redact['toJson'] === 'function'
}

/** Checks a value of unknown origin, and copies what it is made of. */
function readSnapshot(snapshot: unknown): AuditContextSnapshot {
  if (!isRecord(snapshot)) throw invalid('A snapshot of an audit context must be an object.')
  if (snapshot['version'] !== version) {
    throw invalid(`This release reads snapshots of version ${version} of an audit context, and no others.`)
  }
  const { copy, fault } = copyJson(snapshot['context'])
  if (fault !== undefined) throw invalid(`The snapshot of an audit context ${fault}.`)
  const wrong = findContextFault(copy) ?? findRecordFault(copy)
  if (wrong !== undefined) throw invalid(wrong)
  // One-line bridge: it has been looked at field by field.
  return { version, context: Object.freeze(copy) as AuditContext }
}

function findRecordFault(context: unknown): string | undefined {
  if (!isRecord(context)) return undefined
  const field = ['request', 'metadata', 'trace'].find(
    (name) => context[name] !== undefined && !isRecord(context[name]),
  )
  return field && `The ${field} of an audit context must be an object.`
}

function parse(write: () => string): unknown {
  try {
    return JSON.parse(write())
  } catch (cause) {
    throw invalid('The audit context cannot be written as JSON; is there a cycle in it?', cause)
  }
}

function invalid(message: string, cause?: unknown): AuditError {
  return new AuditError('AUDIT_CONTEXT_INVALID', message, { cause })
}
