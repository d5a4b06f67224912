import { AsyncResource } from 'node:async_hooks'
import { EventEmitter, on, once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { captureAuditContext, restoreAuditContext, runWithAuditContext } from '@indelible/core'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'

// What docs/context.md says about which ways of going on keep the context.
let shop: PoolDatabase
let pool: pg.Pool

beforeAll(async () => {
  shop = await createPoolDatabase('create table written (id serial primary key, name text)')
  pool = shop.audited({ max: 3 })
})

beforeEach(() => shop.database.query('truncate written restart identity'))
afterAll(() => shop.close())

const actor = (id: string) => ({ actor: { id } })
const write = (name: string) => pool.query('insert into written (name) values ($1)', [name])

/** Who has written, by the name of the row. */
async function writers(): Promise<Record<string, string | null>> {
  const rows = await shop.database.query<{ name: string; actor: string | null }>(
    `select w.name, e.actor_id as actor from written w
      join lateral (select actor_id from indelible.entry e where e.table_name = 'written'
        and e.after ->> 'name' = w.name order by e.id desc limit 1) e on true`,
  )
  return Object.fromEntries(rows.map((row) => [row.name, row.actor]))
}

/** Runs what begins something inside the context of `ada`, and waits until it has called `done`. */
async function asAda(begin: (done: () => void) => unknown): Promise<void> {
  await new Promise<void>((resolve) => void runWithAuditContext(actor('ada'), () => void begin(resolve)))
}

describe('what keeps the context', () => {
  test('await, timers, intervals, immediates, microtasks, ticks and their promises', async () => {
    await runWithAuditContext(actor('ada'), async () => {
      await sleep(1)
      await write('after sleep')
      await immediate()
      await write('after immediate')
    })
    const later = (name: string, done: () => void) => () => void write(name).then(done)
    await asAda((done) => setTimeout(later('timeout', done), 1))
    await asAda((done) => {
      const interval = setInterval(() => {
        clearInterval(interval)
        later('interval', done)()
      }, 1)
    })
    await asAda((done) => setImmediate(later('setImmediate', done)))
    await asAda((done) => queueMicrotask(later('microtask', done)))
    await asAda((done) => process.nextTick(later('tick', done)))
    const found = await writers()
    expect(Object.keys(found)).toHaveLength(7)
    expect(new Set(Object.values(found))).toEqual(new Set(['ada']))
  })

  test('callbacks and promises of node-postgres, and a client that is held', async () => {
    await asAda((done) =>
      pool.query(
        "insert into written (name) values ('in callback')",
        () => void write('after callback').then(done),
      ),
    )
    await runWithAuditContext(actor('ada'), async () => {
      const client = await pool.connect()
      await client.query("insert into written (name) values ('by client')")
      client.release()
    })
    expect(await writers()).toEqual({ 'in callback': 'ada', 'after callback': 'ada', 'by client': 'ada' })
  })

  test('requests that wait for a connection of a full pool get it in their own context', async () => {
    const ids = Array.from({ length: 30 }, (_, at) => `actor ${at}`)
    await Promise.all(ids.map((id) => runWithAuditContext(actor(id), () => write(id))))
    expect(await writers()).toEqual(Object.fromEntries(ids.map((id) => [id, id])))
  })

  test('a request that begins inside, up to the end of its answer', async () => {
    const server = createServer((_, response) => response.end('ok'))
    await once(server.listen(0), 'listening')
    await asAda((done) =>
      request({ port: (server.address() as AddressInfo).port }, (response) =>
        response.resume().on('end', () => void write('at end').then(done)),
      ).end(),
    )
    server.close()
    expect(await writers()).toEqual({ 'at end': 'ada' })
  })
})

describe('what has another context', () => {
  test('a listener runs in the context of who emits, not of who listens', async () => {
    const emitter = new EventEmitter()
    const written: Promise<unknown>[] = []
    runWithAuditContext(actor('listener'), () => {
      emitter.on('event', (name) => written.push(write(name)))
    })
    emitter.emit('event', 'emitted outside')
    runWithAuditContext(actor('emitter'), () => emitter.emit('event', 'emitted inside'))
    await Promise.all(written)
    expect(await writers()).toEqual({ 'emitted outside': null, 'emitted inside': 'emitter' })
  })

  test('AsyncResource.bind keeps a listener in the context of where it was bound', async () => {
    const emitter = new EventEmitter()
    const written: Promise<unknown>[] = []
    runWithAuditContext(actor('listener'), () => {
      emitter.on(
        'event',
        AsyncResource.bind((name: string) => void written.push(write(name))),
      )
    })
    runWithAuditContext(actor('emitter'), () => emitter.emit('event', 'bound'))
    await Promise.all(written)
    expect(await writers()).toEqual({ bound: 'listener' })
  })

  test('awaited events, once and on, go on in the context of who waits', async () => {
    const emitter = new EventEmitter()
    const waiting = runWithAuditContext(actor('waiter'), async () => {
      await once(emitter, 'event')
      await write('once')
      for await (const [name] of on(emitter, 'name')) {
        await write(name)
        break
      }
    })
    runWithAuditContext(actor('emitter'), () => emitter.emit('event'))
    await expect.poll(() => emitter.listenerCount('name')).toBe(1)
    runWithAuditContext(actor('emitter'), () => emitter.emit('name', 'on'))
    await waiting
    expect(await writers()).toEqual({ once: 'waiter', on: 'waiter' })
  })

  test('a stream that is written to elsewhere tells its listeners in the context of the writer', async () => {
    const stream = new PassThrough({ objectMode: true })
    const written: Promise<unknown>[] = []
    runWithAuditContext(actor('reader'), () => {
      stream.on('data', (name) => written.push(write(name)))
    })
    await sleep(5)
    runWithAuditContext(actor('writer'), () => void stream.write('chunk'))
    await expect.poll(() => written.length).toBe(1)
    await Promise.all(written)
    expect(await writers()).toEqual({ chunk: 'writer' })
  })

  test('a queue in memory works in the context of its worker, unless the job brings its own', async () => {
    const jobs: { name: string; audit: unknown }[] = []
    const add = (name: string) => void jobs.push({ name, audit: captureAuditContext() })
    runWithAuditContext({ ...actor('ada'), correlationId: 'req-1' }, () => add('job of ada'))
    runWithAuditContext(actor('bob'), () => add('job of bob'))
    add('job of nobody')
    await runWithAuditContext(actor('worker'), async () => {
      await write('between')
      for (const { name, audit } of jobs) await restoreAuditContext(audit, () => write(name))
    })
    expect(await writers()).toEqual({
      between: 'worker',
      'job of ada': 'ada',
      'job of bob': 'bob',
      'job of nobody': null,
    })
  })
})

describe('a worker thread', () => {
  const start = () =>
    new Worker(path.join(import.meta.dirname, 'writing-worker.ts'), {
      workerData: { url: shop.database.url },
      execArgv: ['--conditions=@indelible/source'],
    })

  test('has no context of its own, and that of each message which brings one', async () => {
    const worker = start()
    const names = ['of ada', 'of bob', 'of nobody']
    runWithAuditContext(actor('ada'), () =>
      worker.postMessage({ name: 'of ada', audit: captureAuditContext() }),
    )
    runWithAuditContext(actor('bob'), () =>
      worker.postMessage({ name: 'of bob', audit: captureAuditContext() }),
    )
    runWithAuditContext(actor('eve'), () => worker.postMessage({ name: 'of nobody' }))
    const done = new Set<string>()
    for await (const [name] of on(worker, 'message')) if (done.add(name).size === names.length) break
    worker.postMessage({ name: 'end' })
    await once(worker, 'exit')
    expect(await writers()).toEqual({ 'of ada': 'ada', 'of bob': 'bob', 'of nobody': null })
  })
})
