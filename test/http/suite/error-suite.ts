import { afterEach, expect, test } from 'vitest'
import { skuOf } from '../../conformance/suite/orm-under-test.ts'
import type { HttpFramework, TestAnswer, TestRoute } from '../support/http-framework.ts'
import { options, unreachable } from './audit-options.ts'
import { send, withApp } from './client.ts'
import type { HttpShop } from './shop.ts'

/** That a handler runs once, and that its errors reach the framework as they are. */
export function describeErrors(framework: HttpFramework, shop: () => HttpShop): void {
  const secret = 'the password is hunter2'
  let runs = 0
  afterEach(() => {
    runs = 0
  })

  function counted(handle: TestRoute['handle']): TestRoute {
    return {
      method: 'POST',
      path: '/orders/:id',
      handle(call) {
        runs += 1
        return handle(call)
      },
    }
  }

  const failing: readonly [string, (error: Error) => TestAnswer | Promise<TestAnswer>][] = [
    [
      'thrown at once',
      (error) => {
        throw error
      },
    ],
    [
      'thrown after a write',
      async (error) => {
        await shop().clients.typeorm.createProduct({ sku: skuOf('failed') })
        throw error
      },
    ],
  ]

  test.for(failing)(
    'an error %s reaches the error handler as it is, and the handler has run once',
    async ([, fail]) => {
      const error = Object.assign(new TypeError(secret), { code: 'E_TEST' })
      const audit = { ...options, audit: shop().audit }
      await withApp(
        framework,
        { audit, routes: [counted(() => fail(error))] },
        async ({ url, settled }, errors) => {
          const { status, correlationId } = await send(`${url}/orders/1`, { method: 'POST', user: 'ada' })
          await settled()
          expect([status, runs, errors.length]).toEqual([500, 1, 1])
          expect(errors[0]).toBe(error)
          const event = (await shop().entriesOf(correlationId)).at(-1)
          expect(event?.op).toBe('event')
          expect(JSON.stringify(event)).not.toContain('hunter2')
          expect(event?.after).toMatchObject({
            outcome: 'failure',
            severity: 'error',
            metadata: {
              status: 500,
              ...(framework.lacks?.error === undefined && { error: { name: 'TypeError', code: 'E_TEST' } }),
            },
          })
        },
      )
    },
  )

  test('an error with a status of its own is answered with it', async () => {
    const error = framework.httpError(409)
    const route = counted(() => Promise.reject(error))
    const audit = { ...options, audit: shop().audit }
    await withApp(framework, { audit, routes: [route] }, async ({ url, settled }, errors) => {
      const { status, correlationId } = await send(`${url}/orders/1`, { method: 'POST', user: 'ada' })
      await settled()
      expect([status, runs, errors.length]).toEqual([409, 1, 1])
      expect(errors[0]).toBe(error)
      const [event] = await shop().entriesOf(correlationId)
      expect(event?.after).toMatchObject({
        outcome: 'failure',
        severity: 'warning',
        metadata: { status: 409 },
      })
    })
  })

  test('an error after the headers breaks the response, and the handler has run once', async ({ skip }) => {
    const error = new Error(secret)
    async function* breaking() {
      yield 'data: 1\n\n'
      throw error
    }
    const route = counted(() => ({ stream: breaking() }))
    const audit = { ...options, audit: shop().audit }
    await withApp(framework, { audit, routes: [route] }, async ({ url, settled }, errors) => {
      const headers = { 'x-request-id': skuOf(`broken-${framework.name.replaceAll(/\W/g, '-')}`) }
      const sent = send(`${url}/orders/1`, { method: 'POST', user: 'ada', headers })
      await expect(sent).rejects.toThrow()
      await settled()
      expect(runs).toBe(1)
      const events = await shop().entriesOf(headers['x-request-id'])
      expect(events.map(({ op, after }) => [op, after])).toEqual([
        [
          'event',
          expect.objectContaining({ metadata: expect.objectContaining({ aborted: true, status: 200 }) }),
        ],
      ])
      skip(
        framework.lacks?.['rejected stream'] !== undefined,
        `the error handler is not told: ${framework.lacks?.['rejected stream']}`,
      )
      // Koa tells the error of a stream twice, with and without an audit.
      expect([...new Set(errors)]).toEqual([error])
      expect(errors[0]).toBe(error)
    })
  })

  test('what a resolver throws reaches the error handler as it is, before any handler', async () => {
    const audit = { ...options, audit: shop().audit }
    const route = counted(() => ({ status: 201 }))
    await withApp(framework, { audit, routes: [route] }, async ({ url, settled }, errors) => {
      const { status, headers, correlationId } = await send(`${url}/orders/1`, {
        method: 'POST',
        user: 'unreachable',
      })
      await settled()
      expect([status, runs, errors.length]).toEqual([500, 0, 1])
      expect(errors[0]).toBe(unreachable)
      expect(headers.get('x-correlation-id')).toBe(correlationId)
      const [event, ...more] = await shop().entriesOf(correlationId)
      expect(more).toEqual([])
      expect(event?.after).toMatchObject({ outcome: 'failure', severity: 'error' })
    })
  })

  test('a trail that cannot be written fails the write and its request, never the answer of one that only has an event', async () => {
    const failures: unknown[] = []
    const audit = { ...options, audit: shop().audit, onError: (error: unknown) => failures.push(error) }
    const writing = counted(async () => {
      await shop().clients.prisma.createProduct({ sku: skuOf('unwritten') })
      return { status: 201 }
    })
    const reading: TestRoute = { method: 'POST', path: '/search', handle: () => ({ json: { found: 1 } }) }
    await shop().database.query('alter table indelible.entry rename to entry_away')
    try {
      await withApp(framework, { audit, routes: [writing, reading] }, async ({ url, settled }, errors) => {
        const failed = await send(`${url}/orders/1`, { method: 'POST', user: 'ada' })
        expect([failed.status, runs]).toEqual([500, 1])
        expect(errors).toEqual([expect.objectContaining({ code: 'AUDIT_WRITE_FAILED' })])
        const answered = await send(`${url}/search`, { method: 'POST', user: 'ada' })
        expect([answered.status, answered.text]).toEqual([200, '{"found":1}'])
        await settled()
        expect(failures).toHaveLength(2)
      })
    } finally {
      await shop().database.query('alter table indelible.entry_away rename to entry')
    }
  })
}
