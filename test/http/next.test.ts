import { updateAuditContext } from '@indelible/core'
import { auditRoute, type NextAuditOptions } from '@indelible/http/next'
import { SignJWT } from 'jose'
import { expect, onTestFinished, test, vi } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { createSignal } from '../support/signal.ts'
import { options } from './suite/audit-options.ts'
import { send, withApp } from './suite/client.ts'
import { orms, useShop } from './suite/shop.ts'
import { nextFramework } from './support/next-framework.ts'

// Not the whole suite: a route handler sees neither the connection nor other routes, and its response ends with its answer.
const used = useShop()

const told = async (id: string) =>
  (await used.shop.entriesOf(id)).map(({ op, actorId, rowKey, after }) => {
    const { status, aborted } = (after?.['metadata'] ?? {}) as { status?: number; aborted?: boolean }
    return op === 'event' ? [op, actorId, rowKey, status, aborted] : [op, actorId]
  })

const audited = () => ({ ...options, audit: used.shop.audit })

function placeOrder(given: NextAuditOptions, handler: () => Promise<Response>) {
  const route = auditRoute(given)(handler, { route: '/api/orders/[id]' })
  return (user: string, id: string) =>
    route(
      new Request('http://shop.example/api/orders/7?token=s3cr3t', {
        method: 'POST',
        headers: { 'x-user': user, 'x-request-id': id },
      }),
    )
}

test.for(Object.keys(orms) as (keyof typeof orms)[])(
  'parallel requests of route handlers write through %s with their own actors, and one event each',
  async (orm) => {
    const handle = async () => {
      const sku = skuOf('next')
      await used.shop.clients[orm].createProduct({ sku })
      await used.shop.clients[orm].addStock(sku, 1)
      return { status: 201, json: {} }
    }
    const routes = [{ method: 'POST', path: '/orders/:id', handle }] as const
    await withApp(nextFramework, { audit: audited(), routes }, async ({ url }) => {
      const users = Array.from({ length: 20 }, (_, n) => `user-${n}`)
      const sent = await Promise.all(
        users.map((user) => send(`${url}/orders/1`, { method: 'POST', user, json: {} })),
      )
      for (const [n, { status, correlationId }] of sent.entries()) {
        expect(status).toBe(201)
        const actor = users[n]
        const event = ['event', actor, 'POST /orders/:id', 201, undefined]
        expect(await told(correlationId)).toEqual([['insert', actor], ['update', actor], event])
      }
    })
  },
)

test('an error of the handler passes through as it is, and the event tells it without its message', async () => {
  const error = new RangeError('the password is hunter2')
  const place = placeOrder(audited(), () => Promise.reject(error))
  await expect(place('ada', 'next-error')).rejects.toBe(error)
  const [event] = await used.shop.entriesOf('next-error')
  expect(event?.after).toMatchObject({ metadata: { status: 500, error: { name: 'RangeError' } } })
  expect(JSON.stringify(event)).not.toMatch(/hunter2|s3cr3t/)
})

test.for([
  ['NEXT_REDIRECT;replace;/elsewhere;307;', 307],
  ['NEXT_HTTP_ERROR_FALLBACK;404', 404],
] as const)(
  'what Next throws to answer, %s, passes through and is told as its status',
  async ([digest, status]) => {
    const signal = Object.assign(new Error('NEXT'), { digest })
    const place = placeOrder(audited(), () => Promise.reject(signal))
    await expect(place('ada', `next-${status}`)).rejects.toBe(signal)
    expect(await told(`next-${status}`)).toEqual([
      ['event', 'ada', 'POST /api/orders/[id]', status, undefined],
    ])
  },
)

test('credentials that are not good are answered 401 before the handler where the options say so', async () => {
  const place = placeOrder({ ...audited(), onBadCredentials: 'reject' }, () =>
    Promise.reject(new Error('called')),
  )
  const response = await place('expired', 'next-rejected')
  expect([response.status, response.headers.get('x-correlation-id')]).toEqual([401, 'next-rejected'])
  expect(await told('next-rejected')).toEqual([['event', null, 'POST /api/orders/[id]', 401, undefined]])
})

test('the event is handed to `after` where there is one, and tells the action that the handler named', async () => {
  const later: Promise<unknown>[] = []
  const place = placeOrder({ ...audited(), after: (work) => later.push(work) }, async () => {
    updateAuditContext({ action: 'order.refund' })
    return Response.redirect('http://shop.example/done', 303)
  })
  const response = await place('ada', 'next-after')
  expect([response.status, response.headers.get('x-correlation-id')]).toEqual([303, 'next-after'])
  await Promise.all(later)
  const [event] = await used.shop.entriesOf('next-after')
  expect(event?.context).toMatchObject({
    action: 'order.refund',
    request: { query: { token: '[redacted]' } },
  })
  expect(later).toHaveLength(1)
})

test('a handler that never answers leaves its event when the client goes away', async () => {
  const begun = createSignal()
  const handle = () => {
    begun.give()
    return new Promise<never>(() => {})
  }
  const routes = [{ method: 'POST', path: '/orders/:id', handle }] as const
  await withApp(nextFramework, { audit: audited(), routes }, async ({ url }) => {
    const headers = { 'x-request-id': 'next-gone' }
    const abort = new AbortController()
    const sent = send(`${url}/orders/1`, { method: 'POST', user: 'ada', headers, signal: abort.signal })
    await begun.given
    abort.abort()
    await expect(sent).rejects.toThrow()
    const event = ['event', 'ada', 'POST /orders/:id', undefined, true]
    await expect.poll(() => told('next-gone'), { timeout: 5000 }).toEqual([event])
  })
})

test('the example of a route handler tells who made a customer', async () => {
  const env = { DATABASE_URL: used.shop.database.url, JWT_SECRET: 'a secret of thirty-two bytes or more' }
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  onTestFinished(() => void vi.unstubAllEnvs())
  const { POST } = await import('../../examples/next/route.ts')
  const { audited: exported, prisma } = await import('../../examples/next/audited.ts')
  onTestFinished(() => prisma.$disconnect())
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject('u_42')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(env.JWT_SECRET))
  const response = await POST(
    new Request('http://shop.example/api/customers', {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'x-request-id': 'next-example' },
      body: '{"name":"Ada","email":"ada@example.com"}',
    }),
  )
  expect([response.status, await response.json()]).toEqual([201, { id: expect.any(Number) }])
  await exported.settled()
  const event = ['event', 'u_42', 'POST /api/customers', 201, undefined]
  expect(await told('next-example')).toEqual([['insert', 'u_42'], event])
})
