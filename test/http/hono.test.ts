import type { HttpAuditOptions } from '@indelible/http'
import { auditMiddleware } from '@indelible/http/hono'
import { type ExecutionContext, Hono } from 'hono'
import { describe, expect, test } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { createSignal } from '../support/signal.ts'
import { options } from './suite/audit-options.ts'
import { describeFramework } from './suite/describe-framework.ts'
import { useShop } from './suite/shop.ts'
import { honoFramework } from './support/hono-framework.ts'

describeFramework(honoFramework)

describe('Hono without Node.js below it, by app.request', () => {
  const used = useShop()

  function createApp(given: Partial<HttpAuditOptions> = {}) {
    const app = new Hono()
    app.use(auditMiddleware({ ...options, audit: used.shop.audit, ...given }))
    app.post('/orders/:id', async (context) => {
      await used.shop.clients.prisma.createProduct({ sku: skuOf('hono') })
      return context.json(await context.req.json(), 201)
    })
    app.post('/failed', () => {
      throw new RangeError('the password is hunter2')
    })
    app.post('/elsewhere', () => Response.redirect('http://shop.example/', 303))
    app.onError((_error, context) => context.text('failed', 500))
    return app
  }

  function init(user: string, id: string): RequestInit {
    const headers = { 'x-user': user, 'x-request-id': id, 'content-type': 'application/json' }
    return { method: 'POST', headers, body: '{"a":1}' }
  }

  async function told(id: string) {
    return (await used.shop.entriesOf(id)).map(({ op, actorId, rowKey, after }) => {
      const { status, aborted } = (after?.['metadata'] ?? {}) as { status?: number; aborted?: boolean }
      return op === 'event' ? [op, actorId, rowKey, status, aborted] : [op, actorId]
    })
  }

  test('100 parallel requests keep their own actors, and each event is written when the response is given', async () => {
    const app = createApp()
    const users = Array.from({ length: 100 }, (_, n) => `fetch-${n}`)
    await Promise.all(
      users.map(async (user) => {
        const response = await app.request('/orders/7?token=s3cr3t', init(user, `of-${user}`))
        expect([response.status, response.headers.get('x-correlation-id'), await response.json()]).toEqual([
          201,
          `of-${user}`,
          { a: 1 },
        ])
        const event = ['event', user, 'POST /orders/:id', 201, undefined]
        expect(await told(`of-${user}`)).toEqual([['insert', user], event])
      }),
    )
  })

  test('the event is handed to waitUntil where the platform has it, and does not delay the response', async () => {
    const handed: Promise<unknown>[] = []
    let record = () => {}
    const recording = new Promise<void>((resolve) => {
      record = resolve
    })
    const audit = { record: () => recording.then(() => used.shop.audit.record({ action: 'late' })) }
    const execution: ExecutionContext = {
      waitUntil: (work) => void handed.push(work),
      passThroughOnException: () => {},
      props: {},
    }
    const app = createApp({ audit })
    const response = await app.request('/orders/7', init('ada', 'hono-wait'), {}, execution)
    expect(response.status).toBe(201)
    expect(handed).toHaveLength(1)
    expect(await told('hono-wait')).toEqual([['insert', 'ada']])
    record()
    await Promise.all(handed)
    expect((await told('hono-wait')).map(([op, actor]) => [op, actor])).toEqual([
      ['insert', 'ada'],
      ['event', 'ada'],
    ])
  })

  test.for([
    ['/failed', 500],
    ['/elsewhere', 303],
    ['/nowhere', 404],
  ] as const)(
    'a request of %s has its correlation id in the response and its status in the event',
    async ([path, status]) => {
      const id = `hono-${status}`
      const response = await createApp().request(path, init('ada', id))
      expect([response.status, response.headers.get('x-correlation-id')]).toEqual([status, id])
      expect(await told(id)).toEqual([['event', 'ada', `POST ${path}`, status, undefined]])
      expect(JSON.stringify(await used.shop.entriesOf(id))).not.toContain('hunter2')
    },
  )

  test('the body that the handler has read is told where it is asked for, redacted', async () => {
    const app = createApp({ request: { body: {} } })
    const body = '{"colour":"red","password":"hunter2"}'
    const response = await app.request('/orders/7', { ...init('ada', 'hono-body'), body })
    expect(response.status).toBe(201)
    const event = (await used.shop.entriesOf('hono-body')).at(-1)
    expect(event?.after?.['metadata']).toMatchObject({ body: { colour: 'red', password: '[redacted]' } })
  })

  test('the form that the handler has read is told where it is asked for, redacted and without its files', async () => {
    const app = createApp({ request: { body: {} } })
    app.post('/form', async (context) =>
      context.json(Object.keys(await context.req.parseBody({ all: true }))),
    )
    const body = new FormData()
    const fields: [string, string][] = [
      ['colour', 'red'],
      ['size', '1'],
      ['size', '2'],
      ['password', 'hunter2'],
    ]
    for (const [name, value] of fields) body.append(name, value)
    body.append('picture', new Blob(['hunter2']), 'hunter2.png')
    for (const form of [body, new URLSearchParams(fields)]) {
      const id = skuOf('hono-form')
      const headers = { 'x-user': 'ada', 'x-request-id': id }
      const response = await app.request('/form', { method: 'POST', headers, body: form })
      expect(response.status).toBe(200)
      const [event] = await used.shop.entriesOf(id)
      const told = { colour: 'red', size: ['1', '2'], password: '[redacted]' }
      expect(event?.after?.['metadata']).toMatchObject({ body: told })
      expect(JSON.stringify(event)).not.toContain('hunter2')
    }
  })

  test('credentials that are not good are answered 401, and what a resolver throws reaches the error handler', async () => {
    const app = createApp({ onBadCredentials: 'reject' })
    const rejected = await app.request('/orders/7', init('expired', 'hono-rejected'))
    expect([rejected.status, rejected.headers.get('x-correlation-id')]).toEqual([401, 'hono-rejected'])
    expect(await told('hono-rejected')).toEqual([['event', null, 'POST /orders/7', 401, undefined]])
    const failed = await app.request('/orders/7', init('unreachable', 'hono-unreachable'))
    expect([failed.status, await failed.text()]).toEqual([500, 'failed'])
    expect(failed.headers.get('x-correlation-id')).toBe('hono-unreachable')
    // What the error handler will answer is not known yet.
    expect(await told('hono-unreachable')).toEqual([['event', null, 'POST /orders/7', undefined, undefined]])
    const [event] = await used.shop.entriesOf('hono-unreachable')
    expect(event?.after).toMatchObject({ outcome: 'failure', metadata: { error: { name: 'Error' } } })
  })

  test('a client that goes away before the answer leaves its event', async () => {
    const abort = new AbortController()
    const begun = createSignal()
    const app = createApp().post('/never', () => {
      begun.give()
      return new Promise<never>(() => {})
    })
    void app.request('/never', { ...init('ada', 'hono-gone'), signal: abort.signal })
    await begun.given
    expect(await told('hono-gone')).toEqual([])
    abort.abort()
    const event = ['event', 'ada', 'POST /never', undefined, true]
    await expect.poll(() => told('hono-gone'), { timeout: 5000 }).toEqual([event])
  })
})
