import http from 'node:http'
import { runWithAuditContext, tryGetAuditContext } from '@indelible/core'
import { auditMiddleware, type ExpressAuditMiddleware } from '@indelible/http/express'
import express, { type RequestHandler, Router } from 'express'
import express4 from 'express4'
import { describe, expect, test } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { options } from './suite/audit-options.ts'
import { connect, readAll, send } from './suite/client.ts'
import { describeFramework } from './suite/describe-framework.ts'
import { routeIn, useShop } from './suite/shop.ts'
import { type ExpressModule, expressFramework } from './support/express-app.ts'
import { listen, listening } from './support/listen.ts'

describeFramework(expressFramework('Express 5', express))
describeFramework(expressFramework('Express 4', express4))

describe.for<[string, ExpressModule]>([
  ['Express 5', express],
  ['Express 4', express4],
])('%s by itself', ([, create]) => {
  const used = useShop()

  const addProduct: RequestHandler = async (_request, response, next) => {
    used.shop.clients.prisma
      .createProduct({ sku: skuOf('express') })
      .then(() => response.status(201).end(), next)
  }

  /** Starts an application with these handlers, in order, and sends it one request. */
  async function ask(handlers: readonly RequestHandler[], path = '/orders/7') {
    const app = create()
    app.use(...handlers)
    app.set('env', 'test')
    const { url, close } = await listen(app)
    const got = await send(`${url}${path}`, { method: 'POST', user: 'ada', json: { some: 'body' } })
    await Promise.all(handlers.map((handler) => 'settled' in handler && audited(handler).settled()))
    await close()
    return { ...got, entries: await used.shop.entriesOf(got.correlationId) }
  }

  function audited(handler: RequestHandler): ExpressAuditMiddleware {
    // One-line bridge: told by its `settled`.
    return handler as unknown as ExpressAuditMiddleware
  }

  function createAudit(): RequestHandler {
    return auditMiddleware({ ...options, audit: used.shop.audit })
  }

  test('a body parser that calls back from the events of the request keeps the actor', async () => {
    const parse: RequestHandler = (request, _response, next) => {
      request.on('data', () => {}).on('end', () => next())
    }
    const { entries } = await ask([createAudit(), parse, addProduct])
    expect(entries.map(({ op, actorId }) => [op, actorId])).toEqual([
      ['insert', 'ada'],
      ['event', 'ada'],
    ])
  })

  test('what runs when the response is finished keeps the actor', async () => {
    let written: Promise<number> | undefined
    const late: RequestHandler = (_request, response) => {
      response.on('finish', () => {
        written = Promise.resolve(used.shop.clients.typeorm.createProduct({ sku: skuOf('late') }))
      })
      response.end()
    }
    const { correlationId } = await ask([createAudit(), late])
    await written
    const entries = await used.shop.entriesOf(correlationId)
    expect(entries.map(({ op, actorId }) => [op, actorId]).sort()).toEqual([
      ['event', 'ada'],
      ['insert', 'ada'],
    ])
  })

  test('a listener that has a context of its own keeps it', async () => {
    const own: RequestHandler = (request, response, next) => {
      request.on('mine', () => addProduct(request, response, next))
      runWithAuditContext({ actor: { id: 'robot' } }, () => request.emit('mine'))
    }
    const { entries } = await ask([createAudit(), own])
    expect(entries.map(({ op, actorId }) => [op, actorId])).toEqual([
      ['insert', 'robot'],
      ['event', 'ada'],
    ])
  })

  test('the response of Express’s own error handler still tells the correlation id', async () => {
    const fail: RequestHandler = () => {
      throw new Error('nobody handles it')
    }
    const { status, headers, correlationId, entries } = await ask([createAudit(), fail])
    expect(status).toBe(500)
    expect(headers.get('x-correlation-id')).toBe(correlationId)
    expect(entries.map(({ op }) => op)).toEqual(['event'])
  })

  test('an upgrade to a WebSocket passes by the middleware, in no scope', async () => {
    const audit = createAudit()
    const app = create()
    app.use(audit)
    const server = http.createServer(app)
    let seen: unknown = 'nothing'
    server.on('upgrade', (_request, socket) => {
      seen = tryGetAuditContext()
      socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n')
    })
    const { url, close } = await listening(server.listen(0, '127.0.0.1'))
    const id = skuOf('upgrade')
    const socket = await connect(url)
    const lines = [
      'host: shop',
      'x-user: ada',
      `x-request-id: ${id}`,
      'connection: upgrade',
      'upgrade: websocket',
    ]
    socket.write(['POST / HTTP/1.1', ...lines, '', ''].join('\r\n'))
    expect(await readAll(socket)).toMatch(/^HTTP\/1.1 101/)
    expect(seen).toBeUndefined()
    await audited(audit).settled()
    expect(await used.shop.entriesOf(id)).toEqual([])
    await close()
  })

  test('mounted twice it leaves one event', async () => {
    const { status, entries } = await ask([createAudit(), createAudit(), addProduct])
    expect(status).toBe(201)
    expect(entries.map(({ op, actorId }) => [op, actorId])).toEqual([
      ['insert', 'ada'],
      ['event', 'ada'],
    ])
  })

  test('the route of a mounted router is told with the place where it is mounted', async () => {
    const router = Router()
    router.post('/:id', addProduct)
    const shop: RequestHandler = (request, response, next) => mount(request, response, next)
    const mount = Router().use('/orders', router)
    const { entries } = await ask([createAudit(), shop])
    expect(entries.map(({ context }) => context?.['request'])).toEqual([
      expect.objectContaining({ path: '/orders/7', route: '/orders/:id' }),
      expect.objectContaining({ path: '/orders/7', route: '/orders/:id' }),
    ])
  })
  test('a secret in the path at which a router is mounted is masked in the route, as it is in the path', async () => {
    const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl'
    const invite: RequestHandler = (request, response, next) => mount(request, response, next)
    const mount = Router().use('/invite/:token', Router().post('/confirm', addProduct))
    const { entries } = await ask([createAudit(), invite], `/invite/${token}/confirm`)
    expect(entries.map(({ context }) => context?.['request'])).toEqual([
      expect.objectContaining({ route: '/invite/[redacted]/confirm' }),
      expect.objectContaining({ route: '/invite/[redacted]/confirm' }),
    ])
    expect(entries.at(-1)?.rowKey).toBe('POST /invite/[redacted]/confirm')
    expect(JSON.stringify(entries)).not.toContain('eyJ')
  })
  test('the route of a request that fails in a mounted router is told with the place where it is mounted', async () => {
    const router = Router()
    router.post('/fail/:id', () => {
      throw new Error('failed')
    })
    const shop: RequestHandler = (request, response, next) => mount(request, response, next)
    const mount = Router().use('/orders', router)
    const { entries } = await ask([createAudit(), shop], '/orders/fail/7')
    expect(entries.map(({ rowKey }) => rowKey)).toEqual(['POST /orders/fail/:id'])
  })

  test('entries tell the route also where a middleware has written before it was known', async () => {
    const touch: RequestHandler = async (_request, _response, next) => {
      await used.shop.clients.typeorm.createProduct({ sku: skuOf('touched') })
      next()
    }
    const shop: RequestHandler = (request, response, next) => orders(request, response, next)
    const orders = Router().post('/orders/:id', addProduct)
    const { entries } = await ask([createAudit(), touch, shop])
    expect(entries.map(({ op, context }) => [op, routeIn(context)])).toEqual([
      ['insert', undefined],
      ['insert', '/orders/:id'],
      ['event', '/orders/:id'],
    ])
  })
})
