import type { TenantResolver } from '@indelible/http'
import { expect, test } from 'vitest'
import { skuOf } from '../../conformance/suite/orm-under-test.ts'
import type { HttpFramework, TestRoute } from '../support/http-framework.ts'
import { byHeader, options } from './audit-options.ts'
import { send, withApp } from './client.ts'
import { type HttpShop, orms } from './shop.ts'

/** That what a request writes carries its actor, correlation id, tenant and facts. */
export function describeContext(framework: HttpFramework, shop: () => HttpShop): void {
  const { orderRoute = '/orders/:id' } = framework

  function writing(orm: keyof typeof orms): TestRoute {
    return {
      method: 'POST',
      path: '/orders/:id',
      async handle({ params }) {
        const sku = skuOf(`${params['id']}`)
        const client = shop().clients[orm]
        await client.createProduct({ sku })
        await client.addStock(sku, 1)
        return { status: 201, json: { sku } }
      },
    }
  }

  test.for(Object.keys(orms) as (keyof typeof orms)[])(
    'what a request writes through %s carries its actor, tenant, correlation id and facts',
    async (orm) => {
      const audit = { ...options, tenant: () => ({ id: 'acme', slug: 'acme-shop' }) }
      await withApp(framework, { audit, routes: [writing(orm)] }, async ({ url }) => {
        const { status, correlationId } = await send(`${url}/orders/7?colour=red&token=s3cr3t`, {
          method: 'POST',
          user: 'ada',
          headers: { 'user-agent': 'tests/1', 'x-request-id': `web:${orm}`, 'x-forwarded-for': '9.9.9.9' },
        })
        expect([status, correlationId]).toEqual([201, `web:${orm}`])
        const entries = await shop().entriesOf(correlationId)
        expect(entries.map(({ op, tableName }) => `${op} ${tableName}`)).toEqual([
          'insert Product',
          'update Product',
        ])
        for (const { actorId, actorType, tenant, context } of entries) {
          expect({ actorId, actorType, tenant }).toEqual({
            actorId: 'ada',
            actorType: 'user',
            tenant: 'acme',
          })
          expect(context).toEqual({
            actor: { id: 'ada', type: 'user', authMethod: 'test-header' },
            tenant: 'acme',
            correlationId,
            request: {
              method: 'POST',
              path: '/orders/7',
              ...(orderRoute !== null && { route: orderRoute }),
              ip: '127.0.0.1',
              userAgent: 'tests/1',
              query: { colour: 'red', token: '[redacted]' },
              tenant: { id: 'acme', slug: 'acme-shop' },
            },
          })
        }
      })
    },
  )

  test('200 parallel requests with different actors never mix', async () => {
    await withApp(framework, { routes: [writing('prisma')] }, async ({ url }) => {
      const users = Array.from({ length: 200 }, (_, n) => `user-${n}`)
      const answers = await Promise.all(
        users.map((user) => send(`${url}/orders/${user}`, { method: 'POST', user, json: { some: 'body' } })),
      )
      const told = await Promise.all(
        answers.map(async ({ correlationId, text }) => {
          const { sku } = JSON.parse(text) as { readonly sku: string }
          const entries = await shop().entriesOf(correlationId)
          expect(entries.map(({ op }) => op)).toEqual(['insert', 'update'])
          expect(entries[0]?.after).toMatchObject({ sku })
          return entries.map(({ actorId }) => actorId)
        }),
      )
      expect(told).toEqual(users.map((user) => [user, user]))
    })
  })

  test('the response tells the correlation id: a believed one, or a new one for what is not believed', async () => {
    await withApp(framework, {}, async ({ url }) => {
      const trace = '0af7651916cd43dd8448eb211c80319c'
      const headers = { traceparent: `00-${trace}-b7ad6b7169203331-01` }
      expect((await send(url, { headers })).headers.get('x-correlation-id')).toBe(trace)
      const forged = await send(url, { headers: { 'x-request-id': 'a, b' } })
      expect(forged.headers.get('x-correlation-id')).toMatch(/^[\da-f-]{36}$/)
    })
    const audit = { ...options, correlation: { trust: false, responseHeader: 'X-Trail' } }
    await withApp(framework, { audit }, async ({ url }) => {
      const { headers } = await send(url, { headers: { 'x-request-id': 'mine' } })
      expect(headers.get('x-trail')).toMatch(/^[\da-f-]{36}$/)
      expect(headers.get('x-correlation-id')).toBeNull()
    })
  })

  test('an actor that is known only behind the application’s own authentication reaches the entries', async ({
    skip,
  }) => {
    skip(framework.lacks?.identify !== undefined, framework.lacks?.identify)
    const actor = [byHeader, ({ user }: { user(): unknown }) => user() as { id: string } | undefined]
    const authenticate = () => ({ id: 'session-user', authMethod: 'session' })
    const app = { audit: { ...options, actor }, authenticate, routes: [writing('typeorm')] }
    await withApp(framework, app, async ({ url }) => {
      const { correlationId } = await send(`${url}/orders/late`, { method: 'POST' })
      const entries = await shop().entriesOf(correlationId)
      expect(entries.map(({ actorId }) => actorId)).toEqual(['session-user', 'session-user'])
      const early = await send(`${url}/orders/early`, { method: 'POST', user: 'ada' })
      const [first] = await shop().entriesOf(early.correlationId)
      expect(first?.actorId).toBe('ada')
    })
  })

  test('a tenant that is known only behind the application’s own authentication reaches the entries of an actor known before', async ({
    skip,
  }) => {
    skip(framework.lacks?.identify !== undefined, framework.lacks?.identify)
    const tenant: TenantResolver = ({ user }, actor) => {
      const session = user()
      return session === undefined ? undefined : { id: `of-${actor?.id}`, slug: 'acme' }
    }
    const audit = { ...options, audit: shop().audit, tenant }
    const app = { audit, authenticate: () => ({ id: 'session-user' }), routes: [writing('prisma')] }
    await withApp(framework, app, async ({ url, settled }) => {
      const { correlationId } = await send(`${url}/orders/7`, { method: 'POST', user: 'ada' })
      await settled()
      const entries = await shop().entriesOf(correlationId)
      expect(entries.map(({ op, actorId, tenant: owner }) => [op, actorId, owner])).toEqual([
        ['insert', 'ada', 'of-ada'],
        ['update', 'ada', 'of-ada'],
        ['event', 'ada', 'of-ada'],
      ])
      for (const { context } of entries)
        expect(context).toMatchObject({ request: { tenant: { id: 'of-ada', slug: 'acme' } } })
    })
  })

  test('an async function is a resolver of its own, and its actor is told as it answers', async () => {
    const audit = { ...options, actor: async () => ({ id: 'machine', rack: 7 }) }
    await withApp(framework, { audit, routes: [writing('prisma')] }, async ({ url }) => {
      const { correlationId } = await send(`${url}/orders/7`, { method: 'POST' })
      const [entry] = await shop().entriesOf(correlationId)
      expect(entry?.context).toMatchObject({ actor: { id: 'machine', rack: 7 } })
      expect(entry?.context?.['actor']).not.toHaveProperty('authMethod')
    })
  })

  test('query, user agent and the header of the response are left out where the options say so', async () => {
    const given = {
      request: { query: false, userAgent: false },
      correlation: { responseHeader: false },
    } as const
    await withApp(
      framework,
      { audit: { ...options, ...given }, routes: [writing('prisma')] },
      async ({ url }) => {
        const headers = { 'x-request-id': skuOf('bare') }
        const answer = await send(`${url}/orders/7?colour=red`, { method: 'POST', user: 'ada', headers })
        expect([answer.status, answer.headers.get('x-correlation-id')]).toEqual([201, null])
        const [entry] = await shop().entriesOf(headers['x-request-id'])
        expect(entry?.context).toMatchObject({ actor: { id: 'ada' }, request: { path: '/orders/7' } })
        expect(entry?.context?.['request']).not.toHaveProperty('query')
        expect(entry?.context?.['request']).not.toHaveProperty('userAgent')
      },
    )
  })

  test('bad credentials are anonymous with the reason, or 401 before the handler where the options say so', async () => {
    const route = writing('prisma')
    await withApp(framework, { routes: [route] }, async ({ url }) => {
      const { status, correlationId } = await send(`${url}/orders/1`, { method: 'POST', user: 'expired' })
      expect(status).toBe(201)
      const [entry] = await shop().entriesOf(correlationId)
      expect(entry?.actorId).toBeNull()
      expect(entry?.context).toMatchObject({ request: { authFailure: 'expired' } })
    })
    const audit = { ...options, onBadCredentials: 'reject' as const }
    await withApp(framework, { audit, routes: [route] }, async ({ url }, errors) => {
      const { status, headers, text, correlationId } = await send(`${url}/orders/1`, {
        method: 'POST',
        user: 'expired',
      })
      expect([status, JSON.parse(text)]).toEqual([401, { error: 'unauthorized', reason: 'expired' }])
      expect(headers.get('www-authenticate')).toBe('Bearer')
      expect(headers.get('x-correlation-id')).toBe(correlationId)
      expect(await shop().entriesOf(correlationId)).toEqual([])
      expect(errors).toEqual([])
    })
  })
}
