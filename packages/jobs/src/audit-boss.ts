import { packData } from './boss-data.ts'
import type { PgBossLike } from './boss-types.ts'
import { writeCarriedContext, writePublished, writeSchedule } from './carried-context.ts'
import { type JobContextOptions, resolveContextOptions } from './job-context-options.ts'
import { type ChangeArguments, shadow } from './shadow.ts'

/**
 * Lets every job that this pg-boss creates carry the running audit context, in a field of its data that `auditJobHandler` takes out
 * again. The object is changed in place and returned. Jobs of `schedule` carry who made the schedule, as nobody asks for
 * each of them.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 *
 * @example
 * const boss = auditBoss(new PgBoss(url))
 * await runWithAuditContext({ actor }, () => boss.send('mail', { customerId }))
 */
export function auditBoss<Boss extends PgBossLike>(boss: Boss, options: JobContextOptions = {}): Boss {
  const resolved = resolveContextOptions(options)
  return shadow(
    boss,
    options,
    changes({
      job: (data, queue) => pack(data, () => writeCarriedContext({ queue }, resolved)),
      event: (data, event) => pack(data, () => writePublished(event, resolved)),
      schedule: (data, queue, key) => pack(data, () => writeSchedule(key, { queue }, resolved)),
    }),
  )
}

/** Ways to put a context into data. */
interface Packing {
  job(data: unknown, queue: string): unknown
  event(data: unknown, event: string): unknown
  schedule(data: unknown, queue: string, key: string): unknown
}

function changes({ job, event, schedule }: Packing): Readonly<Record<string, ChangeArguments>> {
  const packJob = (given: JobLike, queue = given.name) => withData(given, job(given.data, String(queue)))
  const send: ChangeArguments = ([name, data, ...rest]) => [name, job(data, String(name)), ...rest]
  // Data that is not given is not changed by them.
  const update: ChangeArguments = (args) => (args[1] === undefined ? args : send(args))
  return {
    send: (args) => (isRecord(args[0]) ? [packJob(args[0])] : send(args)),
    sendAfter: send,
    sendThrottled: send,
    sendDebounced: send,
    update: (args) => (isRecord(args[0]) ? [changeData(args[0], packJob)] : update(args)),
    upsert: (args) => (isRecord(args[0]) ? [changeData(args[0], packJob)] : update(args)),
    insert: ([name, jobs, ...rest]) => [name, each(jobs, (given) => packJob(given, name)), ...rest],
    flow: ([jobs, ...rest]) => [each(jobs, (given) => packJob(given)), ...rest],
    publish: ([name, data, ...rest]) => [name, event(data, String(name)), ...rest],
    schedule: ([name, cron, data, options]) => [
      name,
      cron,
      schedule(data, String(name), keyOf(options) ?? String(name)),
      options,
    ],
  }
}

interface JobLike {
  readonly name?: unknown
  readonly data?: unknown
}

/** pg-boss refuses a function as data, so it is left to it, and so are jobs that are none. */
function pack(data: unknown, write: () => string | undefined): unknown {
  const context = typeof data === 'function' ? undefined : write()
  return context === undefined ? data : packData(data, context)
}

function withData(job: JobLike, data: unknown): JobLike {
  return data === job.data ? job : { ...job, data }
}

function changeData(job: JobLike, packJob: (job: JobLike) => JobLike): JobLike {
  return job.data === undefined ? job : packJob(job)
}

function each(jobs: unknown, change: (job: JobLike) => JobLike): unknown {
  return Array.isArray(jobs) ? jobs.map((job: unknown) => (isRecord(job) ? change(job) : job)) : jobs
}

/** The key that tells schedules of one queue apart. */
function keyOf(options: unknown): string | undefined {
  return isRecord(options) && typeof options['key'] === 'string' ? options['key'] : undefined
}

function isRecord(value: unknown): value is JobLike & Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object'
}
