import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { skuOf } from '../../conformance/suite/orm-under-test.ts'
import { createSignal } from '../../support/signal.ts'
import type { HttpFramework, TestRoute } from '../support/http-framework.ts'
import { options } from './audit-options.ts'
import { connect, readAll, send, withApp } from './client.ts'
import type { HttpShop } from './shop.ts'

/** What becomes of requests that are aborted, slow, streamed, huge or malformed. */
export function describeConnections(framework: HttpFramework, shop: () => HttpShop): void {
  const audited = () => ({ ...options, audit: shop().audit, events: { methods: ['GET', 'POST'] } })
  const addProduct = () => shop().clients.typeorm.createProduct({ sku: skuOf('connection') })

  type Entries = Awaited<ReturnType<HttpShop['entriesOf']>>

  /** Reads the entries of a request until one has the operation: what a lost connection sets off takes its time. */
  async function entriesOf(id: string, awaited: Entries[number]['op']) {
    const ops = async () => (await shop().entriesOf(id)).map(({ op }) => op)
    await expect.poll(ops, { interval: 10 }).toContain(awaited)
    await sleep(20)
    return shop().entriesOf(id)
  }

  function toldOf({ actorId, op, after }: Entries[number]) {
    const metadata = (after?.['metadata'] ?? {}) as Readonly<Record<string, unknown>>
    return [
      actorId,
      op,
      ...(op === 'event' ? [metadata['status'] ?? null, metadata['aborted'] ?? false] : []),
    ]
  }

  test('a client that goes away does not stop the handler, whose later writes carry the actor', async () => {
    const [begun, released, done] = [createSignal(), createSignal(), createSignal()]
    let runs = 0
    const route: TestRoute = {
      method: 'POST',
      path: '/orders/:id',
      async handle() {
        runs += 1
        begun.give()
        await released.given
        await addProduct()
        done.give()
        return { json: {} }
      },
    }
    await withApp(framework, { audit: audited(), routes: [route] }, async ({ url }) => {
      const id = randomUUID()
      const abort = new AbortController()
      const sent = send(`${url}/orders/1`, {
        method: 'POST',
        user: 'ada',
        headers: { 'x-request-id': id },
        signal: abort.signal,
      })
      await begun.given
      abort.abort()
      await expect(sent).rejects.toThrow()
      expect((await entriesOf(id, 'event')).map(toldOf)).toEqual([['ada', 'event', null, true]])
      released.give()
      await done.given
      expect((await entriesOf(id, 'insert')).map(toldOf)).toEqual([
        ['ada', 'event', null, true],
        ['ada', 'insert'],
      ])
      expect(runs).toBe(1)
    })
  })

  test('a handler that never answers leaves its event when the client goes away', async () => {
    const begun = createSignal()
    const handle = () => {
      begun.give()
      return new Promise<never>(() => {})
    }
    const route: TestRoute = { method: 'GET', path: '/never', handle }
    await withApp(framework, { audit: audited(), routes: [route] }, async ({ url }) => {
      const id = randomUUID()
      const abort = new AbortController()
      const headers = { 'x-request-id': id }
      const sent = send(`${url}/never`, { user: 'ada', headers, signal: abort.signal })
      await begun.given
      abort.abort()
      await expect(sent).rejects.toThrow()
      expect((await entriesOf(id, 'event')).map(toldOf)).toEqual([['ada', 'event', null, true]])
    })
  })

  test('a body that comes drop by drop through the framework’s parser keeps the actor', async () => {
    const route: TestRoute = {
      method: 'POST',
      path: '/orders/:id',
      async handle({ body }) {
        await addProduct()
        return { json: body }
      },
    }
    await withApp(framework, { audit: audited(), routes: [route] }, async ({ url, settled }) => {
      const ids = [randomUUID(), randomUUID()]
      const body = JSON.stringify({ some: 'body', of: ['several', 'drops'] })
      const drip = async (id: string, user: string) => {
        const socket = await connect(url)
        socket.write(
          `POST /orders/1 HTTP/1.1\r\nhost: localhost\r\nx-user: ${user}\r\nx-request-id: ${id}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
        )
        for (let at = 0; at < body.length; at += 10) {
          await sleep(5)
          socket.write(body.slice(at, at + 10))
        }
        return readAll(socket)
      }
      const answers = await Promise.all(ids.map((id, n) => drip(id, `user-${n}`)))
      for (const answer of answers) expect(answer).toContain('"several"')
      await settled()
      const entries = await Promise.all(ids.map((id) => shop().entriesOf(id)))
      expect(entries.map((each) => each.map(toldOf))).toEqual(
        ids.map((_, n) => [
          [`user-${n}`, 'insert'],
          [`user-${n}`, 'event', 200, false],
        ]),
      )
    })
  })

  test('a streamed response is sent as it comes, its writes carry the actor, its event comes behind them', async () => {
    async function* pieces() {
      for (const piece of ['a', 'b', 'c']) {
        await addProduct()
        yield `data: ${piece}\n\n`
      }
    }
    const route: TestRoute = { method: 'GET', path: '/stream', handle: () => ({ stream: pieces() }) }
    await withApp(framework, { audit: audited(), routes: [route] }, async ({ url, settled }) => {
      const { status, text, correlationId } = await send(`${url}/stream`, { user: 'ada' })
      expect([status, text]).toEqual([200, 'data: a\n\ndata: b\n\ndata: c\n\n'])
      await settled()
      const entries = await shop().entriesOf(correlationId)
      expect(entries.map(toldOf)).toEqual([...Array(3).fill(['ada', 'insert']), ['ada', 'event', 200, false]])
    })
  })

  test('server-sent events reach the client at once, and leave one event when it goes away', async () => {
    async function* ticks() {
      for (;;) {
        await addProduct()
        yield 'data: tick\n\n'
        await sleep(20)
      }
    }
    const route: TestRoute = { method: 'GET', path: '/ticks', handle: () => ({ stream: ticks() }) }
    await withApp(framework, { audit: audited(), routes: [route] }, async ({ url }) => {
      const id = randomUUID()
      const abort = new AbortController()
      const headers = { 'x-user': 'ada', 'x-request-id': id }
      const { body } = await fetch(`${url}/ticks`, { headers, signal: abort.signal })
      const reader = body?.getReader()
      for (let tick = 0; tick < 3; tick += 1) await reader?.read()
      expect((await shop().entriesOf(id)).map(({ op }) => op)).not.toContain('event')
      abort.abort()
      const told = (await entriesOf(id, 'event')).map(toldOf)
      expect(told.filter(([, op]) => op === 'event')).toEqual([['ada', 'event', 200, true]])
      expect(told.every(([actor]) => actor === 'ada')).toBe(true)
    })
  })

  test('a body of 10 MB reaches the handler whole, and its event stays small', async () => {
    let length = 0
    const route: TestRoute = {
      method: 'POST',
      path: '/orders/:id',
      handle({ body }) {
        length = (body as { readonly text: string }).text.length
        return { json: {} }
      },
    }
    const audit = { ...audited(), request: { body: {} } }
    await withApp(framework, { audit, routes: [route] }, async ({ url, settled }) => {
      const json = { text: 'x'.repeat(10_000_000) }
      const { status, correlationId } = await send(`${url}/orders/1`, { method: 'POST', user: 'ada', json })
      await settled()
      expect([status, length]).toEqual([200, 10_000_000])
      const [event] = await shop().entriesOf(correlationId)
      expect(event?.after?.['metadata']).toMatchObject({ body: { text: expect.any(String) } })
      expect(event?.afterText?.length).toBeLessThan(12_000)
    })
  })

  test('malformed requests are answered as without an audit, and the next one is audited', async () => {
    const route: TestRoute = { method: 'POST', path: '/orders/:id', handle: () => ({ json: {} }) }
    await withApp(framework, { audit: audited(), routes: [route] }, async ({ url, settled }) => {
      for (const text of [
        'NONSENSE\r\n\r\n',
        'GET / HTTP/1.1\r\nhost: a\r\nbad header: \u0001\r\n\r\n',
        'POST /orders/1 HTTP/1.1\r\nhost: a\r\ncontent-length: x\r\n\r\n',
      ]) {
        const socket = await connect(url)
        socket.write(text)
        expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 400 /)
      }
      const json = { method: 'POST', user: 'ada', headers: { 'content-type': 'application/json' } }
      const socket = await connect(url)
      const id = randomUUID()
      socket.write(
        `POST /orders/1 HTTP/1.1\r\nhost: a\r\nx-user: ada\r\nx-request-id: ${id}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 5\r\n\r\n{"a":`,
      )
      expect(await readAll(socket)).toMatch(/^HTTP\/1\.1 400 /)
      const escapes = await send(`${url}/orders/%E0%A4%A?a=%E0%A4%A&__proto__[x]=1`, { ...json, headers: {} })
      await settled()
      expect((await shop().entriesOf(id)).map(toldOf)).toEqual([['ada', 'event', 400, false]])
      const told = ['ada', 'event', escapes.status, false]
      const isSeen = framework.lacks?.['bad path'] === undefined
      expect((await shop().entriesOf(escapes.correlationId)).map(toldOf)).toEqual(isSeen ? [told] : [])
      expect((await send(`${url}/orders/1`, { method: 'POST', user: 'ada' })).status).toBe(200)
    })
  })

  test('requests that follow each other on one connection keep apart', async () => {
    const route: TestRoute = {
      method: 'POST',
      path: '/orders/:id',
      async handle() {
        await addProduct()
        return { json: {} }
      },
    }
    await withApp(framework, { audit: audited(), routes: [route] }, async ({ url, settled }) => {
      const ids = Array.from({ length: 6 }, () => randomUUID())
      const socket = await connect(url)
      const last = (n: number) => (n === ids.length - 1 ? 'connection: close\r\n' : '')
      const texts = ids.map((id, n) => {
        const user = n % 2 === 0 ? `x-user: user-${n}\r\n` : ''
        return `POST /orders/1 HTTP/1.1\r\nhost: a\r\n${user}x-request-id: ${id}\r\n${last(n)}content-length: 0\r\n\r\n`
      })
      socket.write(texts.join(''))
      await readAll(socket)
      await settled()
      const told = await Promise.all(ids.map((id) => shop().entriesOf(id)))
      expect(told.map((entries) => entries.map(({ actorId }) => actorId))).toEqual(
        ids.map((_, n) => (n % 2 === 0 ? [`user-${n}`, `user-${n}`] : [null, null])),
      )
    })
  })
}
