import { setTimeout as sleep } from 'node:timers/promises'
import { type AuditContext, runWithAuditContext } from '@indelible/core'
import { auditFlowProducer, auditProcessor, auditQueue, runBullJob } from '@indelible/jobs/bullmq'
import { UnrecoverableError } from 'bullmq'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BullBackend, onPostgres, onRedis } from './support/bull-backends.ts'
import { createJobsDatabase, type JobsDatabase } from './support/jobs-database.ts'
import { startRedis } from './support/redis-server.ts'

const redis = await startRedis()
if ('missing' in redis) console.warn(`BullMQ on Redis is not tested: ${redis.missing}.`)

let jobs: JobsDatabase
beforeAll(async () => {
  jobs = await createJobsDatabase()
})
afterAll(async () => {
  await jobs?.close()
  if ('stop' in redis) await redis.stop()
})

const request: AuditContext = {
  actor: { id: 'u_42', type: 'user', authMethod: 'jwt' },
  correlationId: 'req-7',
  tenant: 'acme',
  action: 'order.place',
  reason: 'by phone',
  request: { method: 'POST', route: '/orders' },
  metadata: { cart: 3 },
}

const backends = [
  { name: 'Redis', missing: 'missing' in redis, open: () => ('port' in redis ? onRedis(redis) : undefined) },
  { name: 'PostgreSQL', missing: false, open: () => onPostgres(jobs.database.url) },
] as const

for (const { name: backend, missing, open } of backends) {
  describe.skipIf(missing)(`BullMQ on ${backend}`, () => {
    let bull: BullBackend
    beforeAll(() => {
      const opened = open()
      if (opened === undefined) throw new Error('No backend')
      bull = opened
      return () => bull.close()
    })
    const unique = (name: string) => `${name}-${backend}`
    const writeMark = auditProcessor(async ({ data }: { data: { text: string } } & BullJob) =>
      jobs.mark(data.text),
    )

    test('the entries of a job carry the context of the request that added it, its data is untouched', async () => {
      const name = unique('orders')
      const queue = auditQueue(bull.queue(name))
      const seen: unknown[] = []
      const worker = bull.worker(
        name,
        auditProcessor(async (job, token) => {
          seen.push(job.data, typeof token)
          await sleep(1)
          await jobs.mark(job.data.text)
          return { done: true }
        }),
      )
      const data = { text: name, list: [1, { a: null }], nested: { indelible: 'mine' } }
      const job = await runWithAuditContext(request, () => queue.add('place', data))
      await worker.ended(1)
      expect(seen).toEqual([data, 'string'])
      expect(worker.completed[0]?.returnvalue).toEqual({ done: true })
      expect(await jobs.entries(name)).toEqual([
        {
          actorId: 'u_42',
          actorType: 'user',
          tenant: 'acme',
          correlationId: 'req-7',
          context: {
            ...request,
            metadata: { cart: 3, source: 'job', queue: name, job: job.id, jobName: 'place', attempt: 1 },
          },
        },
      ])
    })

    test('the jobs of a bulk and of a flow carry it, in every queue and at every depth', async () => {
      const [parents, children] = [unique('parents'), unique('children')]
      const workers = [bull.worker(parents, writeMark), bull.worker(children, writeMark)]
      const node = (queueName: string, text: string) => ({ name: 'step', queueName, data: { text } })
      const leaf = { ...node(children, unique('leaf')), children: [node(children, unique('deep'))] }
      const flow = { ...node(parents, unique('root')), children: [leaf, node(children, unique('second'))] }
      const queue = auditQueue(bull.queue(parents))
      const producer = auditFlowProducer(bull.flowProducer())
      await runWithAuditContext(request, async () => {
        await queue.addBulk(
          [unique('bulk-1'), unique('bulk-2')].map((text) => ({ name: 'b', data: { text } })),
        )
        await producer.add(flow)
        await producer.addBulk([node(children, unique('flow-2'))])
      })
      await Promise.all([workers[0]?.ended(3), workers[1]?.ended(4)])
      for (const text of ['bulk-1', 'bulk-2', 'root', 'leaf', 'deep', 'second', 'flow-2']) {
        expect(await jobs.entries(unique(text)), text).toMatchObject([
          { actorId: 'u_42', tenant: 'acme', correlationId: 'req-7' },
        ])
      }
    })

    test('200 jobs of 200 actors, 20 at a time, never mix', async () => {
      const name = unique('many')
      const queue = auditQueue(bull.queue(name))
      const numbers = Array.from({ length: 200 }, (_, number) => number)
      await Promise.all(
        numbers.map((number) =>
          runWithAuditContext({ actor: { id: `u_${number}` }, tenant: `t_${number % 7}` }, async () => {
            await sleep(number % 5)
            return queue.add('mark', { text: `${name}-${number}` })
          }),
        ),
      )
      const worker = bull.worker(
        name,
        auditProcessor(async (job) => {
          await sleep(Math.random() * 10)
          await jobs.mark(job.data.text)
        }),
        { concurrency: 20 },
      )
      await worker.ended(200)
      const rows = await jobs.database.query<{ text: string; actor: string; tenant: string }>(
        `select after->>'text' as text, actor_id as actor, tenant from indelible.entry where starts_with(after->>'text', $1)`,
        [`${name}-`],
      )
      const expected = numbers.map((number) => ({
        text: `${name}-${number}`,
        actor: `u_${number}`,
        tenant: `t_${number % 7}`,
      }))
      expect(rows).toHaveLength(200)
      expect(rows).toEqual(expect.arrayContaining(expected))
    })

    test('a retry keeps the context, counts, and sees the data that the attempt before has left', async () => {
      const name = unique('retries')
      const queue = auditQueue(bull.queue(name))
      const worker = bull.worker(
        name,
        auditProcessor(async (job) => {
          await jobs.mark(name)
          await job.updateData({ step: (job.data.step ?? 0) + 1 })
          if (job.data.step < 3) throw new Error(`not yet: ${job.data.step}`)
        }),
      )
      const backoff = { type: 'fixed', delay: 20 }
      await runWithAuditContext(request, () => queue.add('try', {}, { attempts: 5, backoff, delay: 30 }))
      await worker.ended(3)
      expect(worker.failed.map(({ error }) => error.message)).toEqual(['not yet: 1', 'not yet: 2'])
      const entries = await jobs.entries(name)
      expect(entries.map(({ actorId, correlationId }) => [actorId, correlationId])).toEqual(
        Array(3).fill(['u_42', 'req-7']),
      )
      expect(entries.map(({ context }) => context?.metadata?.['attempt'])).toEqual([1, 2, 3])
    })

    test('an error reaches BullMQ as it was thrown', async () => {
      const name = unique('errors')
      const queue = auditQueue(bull.queue(name))
      const error = new UnrecoverableError('mine')
      const worker = bull.worker(
        name,
        auditProcessor(async () => {
          throw error
        }),
      )
      await queue.add('fail', {}, { attempts: 3 })
      await worker.ended(1)
      expect(worker.failed.map((each) => each.error)).toEqual([error])
      expect(worker.failed[0]?.job?.attemptsMade).toBe(1)
    })

    test('a schedule acts as the service, and tells who made it and for whom', async () => {
      const name = unique('nightly')
      const queue = auditQueue(bull.queue(name))
      const worker = bull.worker(name, writeMark)
      await runWithAuditContext(request, () =>
        queue.upsertJobScheduler('report', { every: 150, limit: 2 }, { name: 'make', data: { text: name } }),
      )
      await worker.ended(2)
      await queue.removeJobScheduler('report')
      const entries = await jobs.entries(name)
      expect(entries).toHaveLength(2)
      for (const { context, correlationId, ...entry } of entries) {
        expect(entry).toEqual({ actorId: name, actorType: 'service', tenant: 'acme' })
        expect(context).not.toHaveProperty('request')
        expect(context?.metadata).toMatchObject({
          schedule: 'report',
          scheduledBy: request.actor,
          attempt: 1,
        })
        expect(correlationId).toBe(`${name}:${context?.metadata?.['job']}`)
      }
      expect(new Set(entries.map(({ correlationId }) => correlationId)).size).toBe(2)
    })

    test('a deduplicated job keeps the context of its first request', async () => {
      const name = unique('deduplicated')
      const queue = auditQueue(bull.queue(name))
      const add = (id: string, text: string) =>
        runWithAuditContext({ ...request, actor: { id } }, () =>
          queue.add('mark', { text }, { deduplication: { id: 'same' } }),
        )
      const jobIds = [await add('first', name), await add('second', `${name}-again`)].map(({ id }) => id)
      expect(new Set(jobIds).size).toBe(1)
      const worker = bull.worker(name, writeMark)
      await worker.ended(1)
      expect(await jobs.entries(name)).toMatchObject([{ actorId: 'first' }])
      expect(await jobs.entries(`${name}-again`)).toEqual([])
    })

    test('`repeat` in the options of a job, which BullMQ 6 does not look at, changes nobody’s name', async () => {
      const name = unique('repeat')
      const queue = auditQueue(bull.queue(name))
      const worker = bull.worker(name, writeMark)
      const options = { attempts: 1, ...{ repeat: { every: 1000 } } }
      await runWithAuditContext(request, () => queue.add('mark', { text: name }, options))
      await worker.ended(1)
      expect(await jobs.entries(name)).toMatchObject([{ actorId: 'u_42', correlationId: 'req-7' }])
    })

    test('a job without a context has nobody’s, even where the worker was made inside one', async () => {
      const name = unique('strangers')
      const queue = bull.queue(name)
      const worker = runWithAuditContext({ actor: { id: 'boot' }, tenant: 'boot' }, () =>
        bull.worker(name, writeMark),
      )
      const job = await runWithAuditContext(request, () => queue.add('mark', { text: name }))
      await worker.ended(1)
      expect(await jobs.entries(name)).toMatchObject([
        { actorId: null, tenant: null, correlationId: `${name}:${job.id}` },
      ])
    })

    test('a job that a job adds belongs to the same request', async () => {
      const [first, second] = [unique('chain-1'), unique('chain-2')]
      const queues = [auditQueue(bull.queue(first)), auditQueue(bull.queue(second))]
      bull.worker(
        first,
        auditProcessor(async (job) => void (await queues[1]?.add('next', job.data))),
      )
      const worker = bull.worker(second, writeMark)
      await runWithAuditContext(request, async () => queues[0]?.add('start', { text: second }))
      await worker.ended(1)
      expect(await jobs.entries(second)).toMatchObject([
        {
          actorId: 'u_42',
          correlationId: 'req-7',
          context: { metadata: { queue: second, jobName: 'next' } },
        },
      ])
    })

    test.each(['a process', 'a thread'])('a sandboxed processor in %s has the context', async (where) => {
      const name = unique(`sandbox-${where === 'a thread'}`)
      const queue = auditQueue(bull.queue(name))
      const file = new URL('./support/sandboxed-processor.ts', import.meta.url)
      const worker = bull.worker(name, file, { useWorkerThreads: where === 'a thread' })
      await runWithAuditContext(request, () => queue.add('mark', { url: jobs.database.url, text: name }))
      await worker.ended(1)
      expect(worker.failed).toEqual([])
      expect(worker.completed[0]?.returnvalue).toEqual(['url', 'text'])
      expect(await jobs.entries(name)).toMatchObject([
        { actorId: 'u_42', correlationId: 'req-7', context: { metadata: { queue: name, attempt: 1 } } },
      ])
    })

    test('who writes to the queue without the key cannot write an actor', async () => {
      const name = unique('signed')
      const signingKey = 'a key of sixteen or more'
      const queue = auditQueue(bull.queue(name), { signingKey })
      const [stranger, neighbour] = [
        bull.queue(name),
        auditQueue(bull.queue(unique('other')), { signingKey }),
      ]
      const forge = async (job: string, indelible: unknown) =>
        stranger.add(job, { text: name }, { ...{ indelible }, jobId: job })
      const worker = bull.worker(
        name,
        auditProcessor(async (job: BullJob & { data: { text: string } }) => jobs.mark(job.data.text), {
          signingKey,
        }),
      )
      const good = await runWithAuditContext(request, () => queue.add('mark', { text: name }))
      const copied = Reflect.get(good.opts, 'indelible')
      const foreign = await runWithAuditContext(request, () => neighbour.add('mark', {}))
      await forge('unsigned', `1..${JSON.stringify({ version: 1, context: { actor: { id: 'root' } } })}`)
      await forge('changed', String(copied).replace('u_42', 'root'))
      await forge('renamed', copied)
      await forge('mark', Reflect.get(foreign.opts, 'indelible'))
      await worker.ended(5)
      expect(worker.completed.map(({ id }) => id)).toEqual([good.id])
      expect(worker.failed.map(({ job }) => job?.id).sort()).toEqual([
        'changed',
        'mark',
        'renamed',
        'unsigned',
      ])
      for (const { error } of worker.failed) expect(error).toMatchObject({ code: 'AUDIT_CONTEXT_INVALID' })
      expect(await jobs.entries(name)).toHaveLength(1)
    })

    test('secrets in the context do not reach the queue', async () => {
      const queue = auditQueue(bull.queue(unique('secrets')))
      const job = await runWithAuditContext({ ...request, metadata: { password: 'hunter2' } }, () =>
        queue.add('x', {}),
      )
      expect(JSON.stringify(job.opts)).not.toContain('hunter2')
      expect(JSON.stringify(job.opts)).toContain('u_42')
    })

    test('a processor that takes the signal gets one, and work can be wrapped in place of a processor', async () => {
      const name = unique('signals')
      const queue = auditQueue(bull.queue(name))
      const seen: unknown[] = []
      const worker = bull.worker(
        name,
        auditProcessor(async (job, _token, signal) => {
          seen.push(signal instanceof AbortSignal)
          await runBullJob(job, () => jobs.mark(job.data.text))
        }),
      )
      await runWithAuditContext(request, () => queue.add('mark', { text: name }))
      await worker.ended(1)
      expect(seen).toEqual([true])
      expect(await jobs.entries(name)).toMatchObject([{ actorId: 'u_42' }])
    })
  })
}

/** What the processors of these tests need of a job. */
interface BullJob {
  readonly id?: string | undefined
  readonly name: string
  readonly opts: object
}
