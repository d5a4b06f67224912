import {
  createPostgresBackend,
  FlowProducer,
  type Job,
  type Processor,
  Queue,
  Worker,
  withBackend,
} from 'bullmq'
import { vi } from 'vitest'

/** BullMQ on one of its backends. What it makes is closed by `close`. */
export interface BullBackend {
  queue(name: string): Queue
  flowProducer(): FlowProducer
  worker(name: string, processor: Processor | URL, options?: WorkerSettings): TestWorker
  readonly close: () => Promise<void>
}

/** What a worker of a test may choose. */
export interface WorkerSettings {
  readonly concurrency?: number
  readonly useWorkerThreads?: boolean
}

/** A worker that notes how its jobs end. */
export interface TestWorker {
  readonly completed: readonly Job[]
  readonly failed: readonly { readonly job: Job | undefined; readonly error: Error }[]
  /** Resolves when so many attempts have ended. */
  ended(attempts: number): Promise<void>
}

/** BullMQ as most use it. */
export function onRedis(connection: { readonly host: string; readonly port: number }): BullBackend {
  return createBackend({ Queue, Worker, FlowProducer }, connection)
}

/** BullMQ 6 without Redis. */
export function onPostgres(connectionString: string): BullBackend {
  // One-line bridge: the types of both backends differ in nothing that is used here.
  return createBackend(withBackend(createPostgresBackend) as never, { connectionString, migrate: true })
}

interface Classes {
  readonly Queue: typeof Queue
  readonly Worker: typeof Worker
  readonly FlowProducer: typeof FlowProducer
}

function createBackend(classes: Classes, connection: object): BullBackend {
  const made: { close(): Promise<void> }[] = []
  const keep = <Made extends { close(): Promise<void> }>(one: Made) => {
    made.unshift(one)
    return one
  }
  return {
    queue: (name) => keep(new classes.Queue(name, { connection })),
    flowProducer: () => keep(new classes.FlowProducer({ connection })),
    worker: (name, processor, settings = {}) => {
      const workerForkOptions = { execArgv: ['--conditions=@indelible/source'] }
      const workerThreadsOptions = workerForkOptions
      const options = { connection, workerForkOptions, workerThreadsOptions, ...settings }
      return observe(keep(new classes.Worker(name, processor, options)))
    },
    close: async () => {
      for (const one of made) await one.close()
    },
  }
}

function observe(worker: Worker): TestWorker {
  const completed: Job[] = []
  const failed: { job: Job | undefined; error: Error }[] = []
  worker.on('completed', (job) => completed.push(job))
  worker.on('failed', (job, error) => failed.push({ job, error }))
  worker.on('error', () => {})
  return {
    completed,
    failed,
    ended: (attempts) =>
      vi.waitFor(
        () => {
          if (completed.length + failed.length >= attempts) return
          const reasons = failed.map(({ error }) => error.message)
          throw new Error(`${completed.length} completed, ${failed.length} failed: ${reasons}`)
        },
        { timeout: 25_000, interval: 10 },
      ),
  }
}
