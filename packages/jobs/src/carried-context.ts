import {
  type AuditContext,
  type AuditContextSnapshot,
  AuditError,
  captureAuditContext,
  getAuditContext,
  restoreAuditContext,
  runWithAuditContext,
} from '@indelible/core'
import type { ResolvedContextOptions } from './job-context-options.ts'
import { type Audience, isSigned, signText } from './signature.ts'

/** What travels in a job: a snapshot, and where the job comes from when it was not added to its queue by name. */
export interface CarriedContext extends AuditContextSnapshot {
  /** The schedule that makes the job, where no request does. */
  readonly schedule?: string
  /** The event that was published, whichever queues have subscribed to it. */
  readonly event?: string
}

/**
 * Writes the running context as the text that a job carries, `1.<signature>.<JSON>`; `undefined` outside a context.
 *
 * @throws AuditError `AUDIT_CONTEXT_INVALID` when it is too long even without its request and metadata.
 */
export function writeCarriedContext(audience: Audience, options: ResolvedContextOptions): string | undefined {
  const snapshot = capture(options)
  return snapshot && fit(snapshot, audience, options)
}

/** Writes the running context for the jobs of all queues that have subscribed to an event. */
export function writePublished(event: string, options: ResolvedContextOptions): string | undefined {
  const snapshot = capture(options)
  return snapshot && fit({ ...snapshot, event }, subscribers(event), options)
}

/**
 * Writes what the jobs of a schedule carry. Nobody asks for each of them, so of the running context only the tenant remains, and
 * who made the schedule, as `metadata.scheduledBy`.
 */
export function writeSchedule(schedule: string, audience: Audience, options: ResolvedContextOptions): string {
  const { tenant, actor } = capture(options)?.context ?? {}
  const context = { ...(tenant && { tenant }), ...(actor && { metadata: { scheduledBy: actor } }) }
  return fit({ version: 1, context, schedule }, audience, options)
}

/**
 * Reads what a job carries.
 *
 * @throws AuditError `AUDIT_CONTEXT_INVALID` telling what is wrong, without repeating it.
 */
export function readCarriedContext(
  carried: unknown,
  audiences: readonly Audience[],
  { signingKeys, longestContext }: ResolvedContextOptions,
): CarriedContext {
  if (typeof carried !== 'string') throw invalid('is not a text')
  if (carried.length > longestContext + longestSignature) throw invalid('is too long')
  const [, signature = '', text = ''] = /^1\.([\w-]*)\.(\{.*\})$/s.exec(carried) ?? []
  if (text === '') throw invalid('is not one of ours')
  const context = parse(text)
  if (signingKeys.length === 0) return context
  if (signature === '') throw invalid('is not signed')
  const accepted = context.event === undefined ? audiences : [subscribers(context.event)]
  if (accepted.some((audience) => isSigned({ text, signature }, audience, signingKeys))) return context
  throw invalid('is not signed by a key of ours, or was signed for another queue')
}

/** Tells a context that cannot travel from other faults. */
export function isInvalidContext(error: unknown): error is AuditError {
  return error instanceof AuditError && error.code === 'AUDIT_CONTEXT_INVALID'
}

/** Not the name of a queue: those of pg-boss have no space. */
function subscribers(event: string): Audience {
  return { queue: `event ${event}` }
}

const longestSignature = 48

function fit(carried: CarriedContext, audience: Audience, options: ResolvedContextOptions): string {
  const { longestContext, signingKeys } = options
  const whole = JSON.stringify(carried)
  const text = whole.length <= longestContext ? whole : JSON.stringify(shortened(carried, whole.length))
  if (text.length > longestContext) {
    throw new AuditError(
      'AUDIT_CONTEXT_INVALID',
      `The audit context is too long to travel in a job: ${text.length} characters, at most ${longestContext}.`,
      { facts: { queue: audience.queue, length: text.length } },
    )
  }
  const [key] = signingKeys
  return `1.${key === undefined ? '' : signText(text, audience, key)}.${text}`
}

function shortened(carried: CarriedContext, length: number): CarriedContext {
  const context = shorten(carried.context, `with them the context had ${length} characters`)
  return { ...carried, context }
}

/** Who and for whom must not get lost because of what is only said beside it. */
function shorten({ request: _, metadata: __, ...rest }: AuditContext, why: string): AuditContext {
  return { ...rest, metadata: { leftOut: `request and metadata: ${why}` } }
}

/** What is said beside it may be of any size and depth, or no JSON at all: then it does not travel. */
function capture({ redaction: redact }: ResolvedContextOptions): AuditContextSnapshot | undefined {
  try {
    return captureAuditContext({ redact })
  } catch (error) {
    if (!isInvalidContext(error)) throw error
    const short = shorten(getAuditContext(), 'with them the context is too large, or no JSON')
    return restoreAuditContext(undefined, () =>
      runWithAuditContext(short, () => captureAuditContext({ redact })),
    )
  }
}

function parse(text: string): CarriedContext {
  // One-line bridge: restoring checks the rest.
  const carried = parseJson(text) as CarriedContext
  for (const name of [carried.schedule, carried.event]) {
    if (name !== undefined && typeof name !== 'string') throw invalid('tells no origin')
  }
  return carried
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid('is not JSON')
  }
}

function invalid(fault: string): AuditError {
  return new AuditError('AUDIT_CONTEXT_INVALID', `The audit context of a job ${fault}.`)
}
