import { unpackData } from './boss-data.ts'
import type { BossJobLike, BossJobResult } from './boss-types.ts'
import type { JobRunOptions } from './job-context-options.ts'
import { createJobRunner, type JobFacts, type JobRunner } from './run-in-job-context.ts'

/**
 * Makes a handler for `boss.work` of a function that does one job: each job of a batch runs with the context that it carries, and with no other,
 * its data as it was sent. The jobs of a batch run one after the other; the first error fails the batch, as pg-boss does. Further
 * arguments, such as the transaction of `transactional: true`, are passed on.
 *
 * @returns A handler that resolves with the result of the job, for a batch of several with an array of them.
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 *
 * @example
 * await boss.work('mail', auditJobHandler(async (job) => prisma.mail.create({ data: job.data })))
 */
export function auditJobHandler<Job extends BossJobLike, Rest extends unknown[], Result>(
  handler: (job: Job, ...rest: Rest) => Promise<Result>,
  options: JobRunOptions = {},
): (jobs: Job[], ...rest: Rest) => Promise<Result | Result[]> {
  const run = createJobRunner(options)
  return async (jobs, ...rest) => {
    const work = (job: Job) => runJob(run, job, () => handler(job, ...rest))
    const [first] = jobs
    return first !== undefined && jobs.length === 1 ? work(first) : inTurn(jobs, work)
  }
}

/**
 * The same for `perJobResults: true`: each job of a batch is completed or failed by itself. The others run, whatever becomes of one.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 *
 * @example
 * await boss.work('mail', { batchSize: 20, perJobResults: true }, auditPerJobHandler(async (job) => sendMail(job.data)))
 */
export function auditPerJobHandler<Job extends BossJobLike, Result>(
  handler: (job: Job) => Promise<Result>,
  options: JobRunOptions = {},
): (jobs: Job[]) => Promise<BossJobResult[]> {
  const run = createJobRunner(options)
  return (jobs) => inTurn(jobs, (job) => settle(job, () => runJob(run, job, () => handler(job))))
}

/**
 * Runs work with the context that a job of pg-boss carries, where a handler cannot be wrapped: jobs from `boss.fetch`, or batches that are
 * worked on together. From then on `job.data` is what was sent.
 *
 * @example
 * for (const job of await boss.fetch('mail')) await runBossJob(job, () => sendMail(job.data))
 */
export function runBossJob<Result>(
  job: BossJobLike,
  work: () => Result,
  options: JobRunOptions = {},
): Result {
  return runJob(createJobRunner(options), job, work)
}

const contexts = new WeakMap<BossJobLike, unknown>()

function runJob<Result>(run: JobRunner, job: BossJobLike, work: () => Result): Result {
  if (!contexts.has(job)) {
    const { data, context } = unpackData(job.data)
    contexts.set(job, context)
    job.data = data
  }
  return run(factsOf(job), work)
}

function factsOf(job: BossJobLike): JobFacts {
  const { id, name, retryCount, sourceName } = job
  return {
    context: contexts.get(job),
    queue: name,
    id,
    attempt: retryCount === undefined ? undefined : retryCount + 1,
    earlierQueues: sourceName ? [sourceName] : [],
  }
}

async function inTurn<Job, Result>(
  jobs: readonly Job[],
  work: (job: Job) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  for (const job of jobs) results.push(await work(job))
  return results
}

async function settle(job: BossJobLike, work: () => Promise<unknown>): Promise<BossJobResult> {
  try {
    return { id: job.id, status: 'completed', output: await work() }
  } catch (error) {
    return { id: job.id, status: 'failed', output: error }
  }
}
