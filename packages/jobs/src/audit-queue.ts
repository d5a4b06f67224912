import type { BullBulkJobLike, BullFlowJobLike, BullFlowProducerLike, BullQueueLike } from './bull-types.ts'
import { writeCarriedContext, writeSchedule } from './carried-context.ts'
import {
  type JobContextOptions,
  type ResolvedContextOptions,
  resolveContextOptions,
} from './job-context-options.ts'
import { shadow } from './shadow.ts'
import type { Audience } from './signature.ts'

/**
 * The field of a job's options that holds the context. BullMQ stores options that it does not know as they are, and keeps them in
 * retries, schedules, flows and sandboxes. Its data can be replaced by the processor, and its telemetry has room for one only.
 */
export const optionName = 'indelible'

/**
 * Lets every job that is added to this queue carry the running audit context, beside its data. The queue is changed in place and
 * returned. Jobs of `upsertJobScheduler` carry who made the schedule, as nobody asks for each of them.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 *
 * @example
 * const mails = auditQueue(new Queue('mail', { connection }))
 * await runWithAuditContext({ actor }, () => mails.add('welcome', { customerId }))
 */
export function auditQueue<Queue extends BullQueueLike>(
  queue: Queue,
  options: JobContextOptions = {},
): Queue {
  const carry = createCarry(resolveContextOptions(options))
  const { name } = queue
  // In BullMQ 5 a job may repeat by its own options; BullMQ 6 does not look at them, and has no such member.
  const repeats = 'repeat' in queue
  const maker = (job: string, opts: unknown) => (repeats && isRepeated(opts) ? job : undefined)
  return shadow(queue, options, {
    add: ([job, data, opts]) => {
      const audience = { queue: name, name: String(job) }
      return [job, data, carry(opts, audience, maker(audience.name, opts))]
    },
    // One-line bridges: BullMQ checks its own arguments, and fails as it does without us.
    addBulk: ([jobs]) => [(jobs as BullBulkJobLike[]).map((job) => withOpts(job, carry, name))],
    upsertJobScheduler: ([id, repeat, template]) => {
      const given = template as Partial<BullBulkJobLike> | undefined
      const audience = { queue: name, name: given?.name ?? String(id) }
      return [id, repeat, { ...given, opts: carry(given?.opts, audience, String(id)) }]
    },
  })
}

/**
 * Does the same for flows: every job of a flow carries the running context.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 */
export function auditFlowProducer<Producer extends BullFlowProducerLike>(
  producer: Producer,
  options: JobContextOptions = {},
): Producer {
  const carry = createCarry(resolveContextOptions(options))
  // One-line bridges: BullMQ checks its own arguments, and fails as it does without us.
  return shadow(producer, options, {
    add: ([flow, opts]) => [withFlowOpts(flow as BullFlowJobLike, carry), opts],
    addBulk: ([flows]) => [(flows as BullFlowJobLike[]).map((flow) => withFlowOpts(flow, carry))],
  })
}

type Carry = (opts: unknown, audience: Audience, schedule?: string) => object | undefined

function createCarry(options: ResolvedContextOptions): Carry {
  return (given, audience, schedule) => {
    const opts = given as object | undefined
    const carried =
      schedule === undefined
        ? writeCarriedContext(audience, options)
        : writeSchedule(schedule, audience, options)
    return carried === undefined ? opts : { ...opts, [optionName]: carried }
  }
}

function isRepeated(opts: unknown): boolean {
  return opts !== null && typeof opts === 'object' && 'repeat' in opts && Boolean(opts.repeat)
}

function withOpts<Job extends BullBulkJobLike>(job: Job, carry: Carry, queue: string): Job {
  const opts = carry(job.opts, { queue, name: job.name })
  return opts === undefined ? job : { ...job, opts }
}

function withFlowOpts(flow: BullFlowJobLike, carry: Carry): BullFlowJobLike {
  const { children } = flow
  const node = withOpts(flow, carry, flow.queueName)
  return children ? { ...node, children: children.map((child) => withFlowOpts(child, carry)) } : node
}
