import { setTimeout as sleep } from 'node:timers/promises'
import { type AuditContext, runWithAuditContext } from '@indelible/core'
import { auditBoss, auditJobHandler, auditPerJobHandler, runBossJob } from '@indelible/jobs/pg-boss'
import { type Job, PgBoss } from 'pg-boss'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createJobsDatabase, type JobsDatabase } from './support/jobs-database.ts'
import { Mark } from './support/marks.ts'

let jobs: JobsDatabase
let boss: PgBoss
let plain: PgBoss

beforeAll(async () => {
  jobs = await createJobsDatabase()
  const connectionString = jobs.database.url
  boss = auditBoss(
    new PgBoss({ connectionString, cronMonitorIntervalSeconds: 1, cronWorkerIntervalSeconds: 1 }),
  )
  plain = new PgBoss({ connectionString, schedule: false, supervise: false })
  for (const each of [boss, plain]) {
    each.on('error', (error) => console.error(error))
    await each.start()
  }
})

afterAll(async () => {
  await Promise.all([boss, plain].map((each) => each?.stop({ graceful: false })))
  await jobs?.close()
})

const request: AuditContext = {
  actor: { id: 'u_42', type: 'user', authMethod: 'jwt' },
  correlationId: 'req-7',
  tenant: 'acme',
  request: { method: 'POST', route: '/orders' },
  metadata: { cart: 3 },
}

const fast = { pollingIntervalSeconds: 0.5 }
const asUser = <Result>(work: () => Promise<Result>) => runWithAuditContext(request, work)
const ended = (done: readonly unknown[], count: number) =>
  vi.waitFor(() => expect(done.length).toBeGreaterThanOrEqual(count), { timeout: 20_000, interval: 20 })

interface MarkData {
  readonly text: string
}

/** Works on a queue, and notes what its handler was given. */
async function workOn(queue: string, options: object = fast): Promise<Job<MarkData>[]> {
  const seen: Job<MarkData>[] = []
  const handler = auditJobHandler(async (job: Job<MarkData>) => {
    await sleep(Math.random() * 5)
    await jobs.mark(job.data?.text ?? queue)
    seen.push(job)
    return { did: job.data }
  })
  await boss.work(queue, options, handler)
  return seen
}

test('the entries of a job carry the context of the request that sent it, its data is what was sent', async () => {
  await boss.createQueue('orders')
  const data = { text: 'orders', list: [1, { a: null }], __data: 'mine' }
  const id = await asUser(() => boss.send('orders', data))
  const seen = await workOn('orders')
  await ended(seen, 1)
  expect(seen[0]?.data).toEqual(data)
  expect(await jobs.entries('orders')).toEqual([
    {
      actorId: 'u_42',
      actorType: 'user',
      tenant: 'acme',
      correlationId: 'req-7',
      context: { ...request, metadata: { cart: 3, source: 'job', queue: 'orders', job: id, attempt: 1 } },
    },
  ])
  const outputs = async () => (await plain.findJobs('orders', { id: id ?? '' })).map(({ output }) => output)
  await expect.poll(outputs).toEqual([{ did: data }])
})

test('every way to create a job carries it', async () => {
  await boss.createQueue('ways')
  await boss.subscribe('happened', 'ways')
  const text = (way: string) => ({ text: `way-${way}` })
  await asUser(async () => {
    await boss.send({ name: 'ways', data: text('request') })
    await boss.sendAfter('ways', text('after'), {}, new Date())
    await boss.sendThrottled('ways', text('throttled'), {}, 60, 'a')
    await boss.sendDebounced('ways', text('debounced'), {}, 1, 'b')
    await boss.insert('ways', [{ data: text('insert-1') }, { data: text('insert-2') }])
    await boss.flow([
      { ref: 'a', name: 'ways', data: text('flow-a') },
      { ref: 'b', name: 'ways', data: text('flow-b'), dependsOn: ['a'] },
    ])
    await boss.publish('happened', text('published'))
    await boss.upsert('ways', text('upserted'), { singletonKey: 'u' })
  })
  const later = await plain.send('ways', text('before-update'), { startAfter: 60 })
  await asUser(() => boss.update('ways', text('updated'), { id: later ?? '', startAfter: 0 }))
  const seen = await workOn('ways')
  await ended(seen, 11)
  expect(seen.map(({ data }) => Object.keys(data))).toEqual(Array(seen.length).fill(['text']))
  const ways =
    'request after throttled debounced insert-1 insert-2 flow-a flow-b published upserted updated'.split(' ')
  for (const way of ways) {
    expect(await jobs.entries(`way-${way}`), way).toMatchObject([{ actorId: 'u_42', correlationId: 'req-7' }])
  }
  const [published] = await jobs.entries('way-published')
  expect(published?.context?.metadata).toMatchObject({ event: 'happened' })
})

test.each([
  ['none', undefined, null],
  ['null', null, null],
  ['an empty object', {}, {}],
  ['an array', [1, { text: 2 }], [1, { text: 2 }]],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
])('data that has no fields arrives as it was sent: %s', async (name, sent, arrived) => {
  const queue = `shape-${name.replaceAll(' ', '-')}`
  await boss.createQueue(queue)
  await asUser(() => boss.send(queue, sent as object | null))
  const seen = await workOn(queue)
  await ended(seen, 1)
  expect(seen[0]?.data).toEqual(arrived)
  expect(await plainData(queue, sent)).toEqual(arrived)
})

/** What the data is for a worker of pg-boss alone. */
async function plainData(queue: string, sent: unknown): Promise<unknown> {
  await plain.createQueue(`${queue}-plain`)
  await plain.send(`${queue}-plain`, sent as object | null)
  const [job] = await plain.fetch(`${queue}-plain`)
  return job?.data
}

test('200 jobs of 200 actors, in batches of 20 and two workers, never mix', async () => {
  await boss.createQueue('many')
  const numbers = Array.from({ length: 200 }, (_, number) => number)
  await Promise.all(
    numbers.map((number) =>
      runWithAuditContext({ actor: { id: `u_${number}` }, tenant: `t_${number % 7}` }, () =>
        boss.send('many', { text: `many-${number}` }),
      ),
    ),
  )
  const seen = await workOn('many', { ...fast, batchSize: 20, localConcurrency: 2 })
  await ended(seen, 200)
  const rows = await jobs.database.query(
    `select after->>'text' as text, actor_id as actor, tenant from indelible.entry where starts_with(after->>'text', 'many-')`,
  )
  expect(rows).toHaveLength(200)
  expect(rows).toEqual(
    expect.arrayContaining(
      numbers.map((number) => ({ text: `many-${number}`, actor: `u_${number}`, tenant: `t_${number % 7}` })),
    ),
  )
})

test('a retry keeps the context and counts, and so does the dead letter', async () => {
  await boss.createQueue('dead')
  await boss.createQueue('retries', { retryLimit: 1, retryDelay: 0, deadLetter: 'dead' })
  const attempts: unknown[] = []
  await boss.work(
    'retries',
    fast,
    auditJobHandler(async (job: Job<MarkData>) => {
      await jobs.mark('retries')
      attempts.push(job.data)
      throw new Error('never')
    }),
  )
  await asUser(() => boss.send('retries', { text: 'dead' }))
  const seen = await workOn('dead')
  await ended(seen, 1)
  expect(attempts).toEqual([{ text: 'dead' }, { text: 'dead' }])
  const entries = [...(await jobs.entries('retries')), ...(await jobs.entries('dead'))]
  expect(entries.map(({ actorId, correlationId }) => [actorId, correlationId])).toEqual(
    Array(3).fill(['u_42', 'req-7']),
  )
  expect(entries.map(({ context }) => context?.metadata?.['attempt'])).toEqual([1, 2, 1])
})

test('with a key, a dead letter is accepted where the worker is told where it comes from', async () => {
  const options = { signingKey: 'a key of sixteen or more' }
  const signing = auditBoss(new PgBoss({ connectionString: jobs.database.url, schedule: false }), options)
  signing.on('error', (error) => console.error(error))
  await signing.start()
  await signing.createQueue('signed-dead')
  await signing.createQueue('signed', { retryLimit: 0, deadLetter: 'signed-dead' })
  const failed: unknown[] = []
  await signing.work('signed', fast, async () => Promise.reject(new Error('never')))
  await asUser(() => signing.send('signed', { text: 'signed' }))
  await vi.waitFor(
    async () =>
      failed.push(...(await signing.fetch('signed-dead', { includeMetadata: true }))) || expect.fail(),
    {
      timeout: 10_000,
    },
  )
  const [dead] = failed as [Job<MarkData> & { sourceName: string }]
  expect(dead.sourceName).toBe('signed')
  const { sourceName: _, ...unknown } = dead
  const mark = () => jobs.mark('signed')
  expect(() => runBossJob({ ...unknown }, mark, options)).toThrow(/was signed for another queue/)
  await runBossJob(dead, mark, options)
  expect(await jobs.entries('signed')).toMatchObject([{ actorId: 'u_42' }])
  await signing.stop({ graceful: false })
})

test('with perJobResults each job of a batch ends by itself', async () => {
  await boss.createQueue('each', { retryLimit: 0 })
  const actors = ['a', 'b', 'c']
  for (const id of actors) {
    await runWithAuditContext({ actor: { id } }, () => boss.send('each', { text: `each-${id}` }))
  }
  const ran: string[] = []
  await boss.work(
    'each',
    { ...fast, batchSize: 3, perJobResults: true },
    auditPerJobHandler(async (job: Job<MarkData>) => {
      ran.push(job.data.text)
      if (job.data.text === 'each-b') throw new Error('not b')
      await jobs.mark(job.data.text)
    }),
  )
  await ended(ran, 3)
  await vi.waitFor(
    async () => {
      const found = await plain.findJobs('each')
      expect(found.map(({ state }) => state).sort()).toEqual(['completed', 'completed', 'failed'])
      expect(found.find(({ state }) => state === 'failed')?.output).toMatchObject({ message: 'not b' })
    },
    { timeout: 10_000 },
  )
  expect(await jobs.entries('each-a')).toMatchObject([{ actorId: 'a' }])
  expect(await jobs.entries('each-c')).toMatchObject([{ actorId: 'c' }])
})

test('a schedule acts as the service, and tells who made it', async () => {
  await boss.createQueue('nightly')
  await asUser(() => boss.schedule('nightly', '* * * * *', { text: 'nightly' }, { key: 'report' }))
  const seen = await workOn('nightly')
  await ended(seen, 1)
  await boss.unschedule('nightly', 'report')
  const [entry] = await jobs.entries('nightly')
  expect(entry).toMatchObject({ actorId: 'nightly', actorType: 'service', tenant: 'acme' })
  expect(entry?.correlationId).toBe(`nightly:${seen[0]?.id}`)
  expect(entry?.context?.metadata).toMatchObject({ schedule: 'report', scheduledBy: request.actor })
})

test('a job without a context is nobody’s, or the given actor’s, or refused', async () => {
  for (const queue of ['nobody', 'given', 'refused']) await plain.createQueue(queue, { retryLimit: 0 })
  const handler = async (job: Job<MarkData>) => jobs.mark(job.data.text)
  await asUser(async () => {
    // What a worker inherits from where it was started is no job's context.
    await boss.work('nobody', fast, auditJobHandler(handler))
    await boss.work('given', fast, auditJobHandler(handler, { actor: { id: 'importer', type: 'service' } }))
    await boss.work('refused', fast, auditJobHandler(handler, { onMissingContext: 'reject' }))
    for (const text of ['nobody', 'given', 'refused']) await plain.send(text, { text })
  })
  await vi.waitFor(
    async () => {
      const [job] = await plain.findJobs('refused')
      expect(job?.state).toBe('failed')
      expect(job?.output).toMatchObject({ code: 'AUDIT_CONTEXT_MISSING' })
      expect(await jobs.entries('nobody')).toMatchObject([{ actorId: null, tenant: null }])
      expect(await jobs.entries('given')).toMatchObject([{ actorId: 'importer', actorType: 'service' }])
    },
    { timeout: 10_000 },
  )
  expect(await jobs.entries('refused')).toEqual([])
})

test.each(['commits', 'rolls back'])('a job that is sent in a transaction %s with its rows', async (end) => {
  const queue = end === 'commits' ? 'committed' : 'rolled-back'
  await boss.createQueue(queue)
  const transaction = asUser(() =>
    jobs.source.transaction(async (manager) => {
      const db = {
        executeSql: async (sql: string, values?: unknown[]) => ({ rows: await manager.query(sql, values) }),
      }
      await manager.insert(Mark, { text: `${queue}-request` })
      await boss.send(queue, { text: `${queue}-job` }, { db })
      if (end === 'rolls back') throw new Error('no')
    }),
  )
  if (end === 'rolls back') {
    await expect(transaction).rejects.toThrow('no')
    expect(await plain.findJobs(queue)).toEqual([])
    expect(await jobs.entries(`${queue}-request`)).toEqual([])
    return
  }
  await transaction
  const seen = await workOn(queue)
  await ended(seen, 1)
  const [sent] = await jobs.entries(`${queue}-request`)
  const [done] = await jobs.entries(`${queue}-job`)
  expect(done).toMatchObject({ actorId: 'u_42', correlationId: sent?.correlationId })
  expect(await jobs.database.query(JOB_ENTRIES)).toEqual([{ op: 'insert', actor: 'u_42' }])
})

const JOB_ENTRIES = `
  select op, actor_id as actor from indelible.entry where table_schema = 'pgboss' or op = 'statement'`

test('a transactional worker gets its transaction, and jobs that a job sends in it belong to the same request', async () => {
  await boss.createQueue('tx-first')
  await boss.createQueue('tx-second')
  const seen = await workOn('tx-second')
  await boss.work(
    'tx-first',
    { ...fast, transactional: true },
    auditJobHandler(async (job: Job<MarkData>, db: Parameters<typeof sendIn>[1]) => sendIn(job, db)),
  )
  await asUser(() => boss.send('tx-first', { text: 'tx' }))
  await ended(seen, 1)
  expect(await jobs.entries('tx')).toMatchObject([{ actorId: 'u_42', correlationId: 'req-7' }])
})

function sendIn(job: Job<MarkData>, db: ReturnType<PgBoss['getDb']>): Promise<string | null> {
  return boss.send('tx-second', job.data, { db })
}
