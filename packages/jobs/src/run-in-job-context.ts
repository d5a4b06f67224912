import {
  type AuditContext,
  AuditError,
  getAuditContext,
  restoreAuditContext,
  runWithAuditContext,
} from '@indelible/core'
import { type CarriedContext, isInvalidContext, readCarriedContext } from './carried-context.ts'
import { type JobRunOptions, type ResolvedRunOptions, resolveRunOptions } from './job-context-options.ts'
import type { Audience } from './signature.ts'

/** A job of any queue, as far as its entries tell of it. */
export interface JobFacts {
  /** The text from `writeJobContext`, wherever the job carries it; absent where it carries none. */
  readonly context?: unknown
  readonly queue: string
  /** The identifier of the job in its queue. */
  readonly id?: string | undefined
  /** The kind of job, in queues that hold several. */
  readonly name?: string | undefined
  /** Counts from 1. */
  readonly attempt?: number | undefined
  /** Queues that the job has come through, such as the one whose dead letter it is. */
  readonly earlierQueues?: readonly string[]
}

/** Runs a job's work; made once, with the options checked. */
export type JobRunner = <Result>(job: JobFacts, work: () => Result) => Result

/**
 * Runs the work of a job with the context that the job carries, and with no other: what a worker inherits from the code that
 * created it does not leak into its jobs.
 *
 * Actor, correlation id, tenant, action, reason and request are those of the request that enqueued the job; `metadata` gets
 * `source: 'job'`, `queue`, `job`, `jobName` and `attempt`. Without a correlation id it is `<queue>:<job>`, in every attempt.
 *
 * @throws AuditError `AUDIT_CONTEXT_INVALID` or `AUDIT_CONTEXT_MISSING`, where the options say so, before the work begins.
 *
 * @example
 * await runInJobContext({ context: message.attributes.audit, queue: 'mail', id: message.id }, () => send(message))
 */
export function runInJobContext<Result>(
  job: JobFacts,
  work: () => Result,
  options: JobRunOptions = {},
): Result {
  return createJobRunner(options)(job, work)
}

/** Checks the options once. @throws AuditError `AUDIT_OPTION_INVALID` naming the option. */
export function createJobRunner(options: JobRunOptions): JobRunner {
  const resolved = resolveRunOptions(options)
  return (job, work) => {
    const context = contextOf(job, resolved)
    return restoreAuditContext(undefined, () => runWithAuditContext(context, work))
  }
}

function contextOf(job: JobFacts, options: ResolvedRunOptions): AuditContext {
  const { metadata, ...context } = carriedContext(job, options)
  const { queue, id, name, attempt } = job
  const facts = { source: 'job', queue, job: id, jobName: name, attempt }
  return { ...(id && { correlationId: `${queue}:${id}` }), ...context, metadata: { ...metadata, ...facts } }
}

function carriedContext(job: JobFacts, options: ResolvedRunOptions): AuditContext {
  if (job.context === undefined) return withoutContext(job, options)
  try {
    const carried = readCarriedContext(job.context, audiencesOf(job), options)
    return withOrigin(restoreAuditContext(carried, getAuditContext), carried, { job, options })
  } catch (error) {
    if (options.onInvalidContext === 'reject' || !isInvalidContext(error)) throw error
    return { metadata: { invalidContext: error.message } }
  }
}

function audiencesOf({ queue, name, earlierQueues = [] }: JobFacts): readonly Audience[] {
  return [queue, ...earlierQueues].map((each) => ({ queue: each, name }))
}

function withOrigin(
  context: AuditContext,
  { schedule, event }: CarriedContext,
  { job, options }: { readonly job: JobFacts; readonly options: ResolvedRunOptions },
): AuditContext {
  const origin = { ...(schedule !== undefined && { schedule }), ...(event !== undefined && { event }) }
  const actor = schedule === undefined ? context.actor : (options.actor ?? { id: job.queue, type: 'service' })
  return { ...context, ...(actor && { actor }), metadata: { ...context.metadata, ...origin } }
}

function withoutContext({ queue }: JobFacts, { actor, onMissingContext }: ResolvedRunOptions): AuditContext {
  if (onMissingContext === 'allow') return actor === undefined ? {} : { actor }
  throw new AuditError(
    'AUDIT_CONTEXT_MISSING',
    'The job carries no audit context: audit the queue that adds it, or allow it by onMissingContext.',
    { facts: { queue } },
  )
}
