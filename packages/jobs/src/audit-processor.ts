import { optionName } from './audit-queue.ts'
import type { BullJobLike } from './bull-types.ts'
import type { JobRunOptions } from './job-context-options.ts'
import { createJobRunner, type JobFacts } from './run-in-job-context.ts'

/**
 * Wraps a processor of BullMQ: each job runs with the context that it carries, and with no other. The job, its data, the token and the
 * signal reach the processor as they are. It does the same in the file of a sandboxed processor.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 *
 * @example
 * new Worker('mail', auditProcessor(async (job) => prisma.mail.create({ data: job.data })), { connection })
 */
export function auditProcessor<Job extends BullJobLike, Rest extends unknown[], Result>(
  processor: (job: Job, ...rest: Rest) => Promise<Result>,
  options: JobRunOptions = {},
): (job: Job, ...rest: Rest) => Promise<Result> {
  const run = createJobRunner(options)
  const audited = async (job: Job, ...rest: Rest) => run(factsOf(job), () => processor(job, ...rest))
  // BullMQ makes a signal only for a processor that declares its third parameter.
  return Object.defineProperty(audited, 'length', { value: processor.length })
}

/**
 * Runs work with the context that a job of BullMQ carries, where a processor cannot be wrapped, such as in `process` of a Nest
 * `WorkerHost`.
 *
 * @example
 * process(job: Job) {
 *   return runBullJob(job, () => this.mails.send(job.data))
 * }
 */
export function runBullJob<Result>(
  job: BullJobLike,
  work: () => Result,
  options: JobRunOptions = {},
): Result {
  return createJobRunner(options)(factsOf(job), work)
}

function factsOf({ id, name, queueName, opts, attemptsMade }: BullJobLike): JobFacts {
  return {
    context: Reflect.get(opts, optionName),
    queue: queueName ?? '',
    id,
    name,
    attempt: attemptsMade === undefined ? undefined : attemptsMade + 1,
  }
}
