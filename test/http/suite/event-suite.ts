import { updateAuditContext } from '@indelible/core'
import type { HttpAuditOptions } from '@indelible/http'
import { expect, test } from 'vitest'
import { failure, skuOf } from '../../conformance/suite/orm-under-test.ts'
import type { HttpFramework, TestRoute } from '../support/http-framework.ts'
import { options } from './audit-options.ts'
import { connect, readAll, type Sent, send, withApp } from './client.ts'
import type { HttpShop } from './shop.ts'

/** Which requests leave an entry of their own, and what it says. */
export function describeEvents(framework: HttpFramework, shop: () => HttpShop): void {
  const { orderRoute = '/orders/:id' } = framework
  const answering: readonly TestRoute[] = (['GET', 'POST', 'PUT', 'DELETE'] as const).map((method) => ({
    method,
    path: '/answer/:status',
    handle: ({ params }) => ({ status: Number(params['status']), json: {} }),
  }))

  /** The events that one request leaves. */
  async function eventsOf(given: Partial<HttpAuditOptions>, path: string, sent: Sent) {
    let events: Awaited<ReturnType<HttpShop['entriesOf']>> = []
    const audit = { ...options, audit: shop().audit, ...given }
    await withApp(framework, { audit, routes: answering }, async ({ url, settled }) => {
      const { correlationId } = await send(`${url}${path}`, sent)
      await settled()
      events = (await shop().entriesOf(correlationId)).filter(({ op }) => op === 'event')
    })
    return events
  }

  test('a request that changes something leaves one event with its route, status, duration and context', async () => {
    const route: TestRoute = {
      method: 'POST',
      path: '/orders/:id',
      async handle() {
        updateAuditContext({ action: 'order.refund', reason: 'broken' })
        await shop().clients.mikroOrm.createProduct({ sku: skuOf('refund') })
        return { status: 201, json: {} }
      },
    }
    const audit = { ...options, audit: () => shop().audit, tenant: () => 'acme' }
    await withApp(framework, { audit, routes: [route] }, async ({ url, settled }) => {
      const { correlationId } = await send(`${url}/orders/7`, { method: 'POST', user: 'ada' })
      await settled()
      const entries = await shop().entriesOf(correlationId)
      expect(entries.map(({ op }) => op)).toEqual(['insert', 'event'])
      const [row, event] = entries
      expect(event).toMatchObject({
        actorId: 'ada',
        tenant: 'acme',
        action: 'order.refund',
        reason: 'broken',
        tableName: 'http',
        rowKey: `POST ${orderRoute ?? '/orders/7'}`,
        context: row?.context,
      })
      expect(event?.after).toMatchObject({
        outcome: 'success',
        severity: 'success',
        metadata: { status: 201, durationMs: expect.any(Number) },
      })
    })
  })

  test.for([
    [200, 'success', 'success'],
    [302, 'success', 'info'],
    [401, 'denied', 'warning'],
    [403, 'denied', 'warning'],
    [404, 'failure', 'warning'],
    [503, 'failure', 'error'],
  ] as const)('status %i is told as %s, %s', async ([status, outcome, severity]) => {
    const events = await eventsOf({}, `/answer/${status}`, { method: 'POST', user: 'ada' })
    expect(events.map(({ action, after }) => ({ action, after }))).toEqual([
      { action: 'http.request', after: expect.objectContaining({ outcome, severity }) },
    ])
    expect(events[0]?.after).toMatchObject({ metadata: { status } })
  })

  test('reading requests leave none unless they are asked for, changing ones can be left out', async () => {
    for (const method of ['GET', 'HEAD', 'OPTIONS'])
      expect(await eventsOf({}, '/answer/200', { method, user: 'ada' })).toEqual([])
    const events = { methods: ['get'] }
    expect(await eventsOf({ events }, '/answer/200', { method: 'GET' })).toHaveLength(1)
    expect(await eventsOf({ events }, '/answer/200', { method: 'POST' })).toEqual([])
  })

  test('excluded paths, anonymous requests and failures leave none where the options say so', async () => {
    const post = { method: 'POST' }
    for (const exclude of [['/answer'], ['/answer/200'], [/^\/ANSWER/gi]])
      for (const path of ['/answer/200', '/answer/200?x=/y'])
        expect(await eventsOf({ events: { exclude } }, path, post), String(exclude)).toEqual([])
    expect(
      await eventsOf({ events: { exclude: ['/ans', '/answer/200/'] } }, '/answer/200', post),
    ).toHaveLength(1)
    expect(await eventsOf({ events: { anonymous: false } }, '/answer/200', post)).toEqual([])
    const known = { ...post, user: 'ada' }
    expect(await eventsOf({ events: { anonymous: false } }, '/answer/200', known)).toHaveLength(1)
    expect(await eventsOf({ events: { failures: false } }, '/answer/404', known)).toEqual([])
    expect(await eventsOf({ events: { failures: false } }, '/answer/302', known)).toHaveLength(1)
    expect(await eventsOf({ events: false }, '/answer/200', known)).toEqual([])
  })

  test('a request that takes a detour through an excluded path leaves its event', async () => {
    const audit = { ...options, audit: shop().audit, events: { exclude: ['/answer'] } }
    await withApp(framework, { audit, routes: answering }, async ({ url, settled }) => {
      for (const target of ['/answer/../orders/9', '/answer/./%2E%2e/orders/9']) {
        const id = skuOf('detour')
        const lines = ['host: shop', `x-request-id: ${id}`, 'content-length: 0', 'connection: close']
        // `fetch` would not take the detour.
        const socket = await connect(url)
        socket.write([`POST ${target} HTTP/1.1`, ...lines, '', ''].join('\r\n'))
        await readAll(socket)
        await settled()
        expect((await shop().entriesOf(id)).map(({ op }) => [target, op])).toEqual([[target, 'event']])
      }
    })
  })

  test('refused credentials leave one event, denied', async () => {
    const sent = { method: 'POST', user: 'expired' }
    const events = await eventsOf({ onBadCredentials: 'reject' }, '/answer/200', sent)
    expect(events.map(({ actorId, after }) => [actorId, after?.['outcome']])).toEqual([[null, 'denied']])
    expect(events[0]?.context).toMatchObject({ request: { authFailure: 'expired' } })
  })

  test('a route that does not exist leaves an event with its path', async () => {
    const [event] = await eventsOf({}, `/none/${'x'.repeat(3000)}`, { method: 'DELETE', user: 'ada' })
    expect(event?.after).toMatchObject({ outcome: 'failure', metadata: { status: 404 } })
    expect(event?.rowKey).toMatch(/^DELETE \/none\/x{400,500}…$/)
  })

  test('a body is told only where it is asked for, redacted and within its size', async () => {
    const json = { colour: 'red', password: 'hunter2', more: 'x'.repeat(500) }
    const sent = { method: 'PUT', user: 'ada', json }
    const [without] = await eventsOf({}, '/answer/200', sent)
    expect(without?.after?.['metadata']).not.toHaveProperty('body')
    const [event] = await eventsOf({ request: { body: { maxBytes: 200 } } }, '/answer/200', sent)
    expect(event?.after?.['metadata']).toMatchObject({ body: { colour: 'red', password: '[redacted]' } })
    expect(JSON.stringify(event).length).toBeLessThan(1500)
  })

  test('the event of a request whose transaction is rolled back stays', async () => {
    const route: TestRoute = {
      method: 'POST',
      path: '/orders/:id',
      async handle() {
        await shop().clients.prisma.transaction(async (session) => {
          await session.createProduct({ sku: skuOf('rolled back') })
          throw failure
        })
        return {}
      },
    }
    const audit = { ...options, audit: shop().audit }
    await withApp(framework, { audit, routes: [route] }, async ({ url, settled }, errors) => {
      const { correlationId } = await send(`${url}/orders/7`, { method: 'POST', user: 'ada' })
      await settled()
      expect(errors).toEqual([failure])
      const entries = await shop().entriesOf(correlationId)
      expect(entries.map(({ op, actorId }) => [op, actorId])).toEqual([['event', 'ada']])
    })
  })
}
