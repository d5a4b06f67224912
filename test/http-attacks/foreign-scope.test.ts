import { runWithAuditContext, tryGetAuditContext } from '@indelible/core'
import { actorFromUser } from '@indelible/http'
import { identifyMiddleware } from '@indelible/http/express'
import type { RequestHandler } from 'express'
import { expect, test } from 'vitest'
import { byHeader } from '../http/suite/audit-options.ts'
import { connect, readAll, send } from '../http/suite/client.ts'
import { useShop } from '../http/suite/shop.ts'
import { addProduct, createAudit, toldOf, withExpress } from './support/express-shop.ts'

const place = useShop()
const shop = () => place.shop
const post = { method: 'POST', json: {} }

test('listeners of a pipelined response run as its own request', async () => {
  const seen: unknown[] = []
  const listening: RequestHandler = (request, response) => {
    const name = request.path
    for (const event of ['finish', 'close', 'drain', 'pipe'])
      response.on(event, () => seen.push([name, tryGetAuditContext()?.actor?.id]))
    const end = () => response.end('x'.repeat(100_000))
    if (name === '/slow') setTimeout(end, 50)
    else end()
  }
  const audited = createAudit(shop())
  await withExpress(
    (app) => app.use(audited, listening),
    async ({ url }) => {
      const socket = await connect(url)
      const ask = (path: string, lines: string) => `GET ${path} HTTP/1.1\r\nhost: shop\r\n${lines}\r\n`
      socket.write(
        ask('/slow', 'x-user: ada\r\n') +
          ask('/none', '') +
          ask('/bob', 'x-user: bob\r\nconnection: close\r\n'),
      )
      await readAll(socket)
    },
  )
  expect(new Set(seen.map(String))).toEqual(new Set(['/slow,ada', '/none,', '/bob,bob']))
})

test('a request is not done by whoever has started the server', async () => {
  await runWithAuditContext({ actor: { id: 'deploy' }, metadata: { started: 'by a script' } }, async () => {
    const audited = createAudit(shop())
    const parse: RequestHandler = (request, _response, next) => void request.resume().on('end', () => next())
    await withExpress(
      (app) => app.use(audited, parse, addProduct(shop())),
      async ({ url }) => {
        for (const [user, actor] of [
          [undefined, null],
          ['ada', 'ada'],
        ] as const) {
          const { correlationId } = await send(url, { ...post, ...(user !== undefined && { user }) })
          await audited.settled()
          const entries = await shop().entriesOf(correlationId)
          expect(entries.map(({ op, actorId }) => [op, actorId])).toEqual([
            ['insert', actor],
            ['event', actor],
          ])
          expect(JSON.stringify(entries)).not.toMatch(/deploy|by a script/)
        }
      },
    )
  })
})

test('what the application has opened around a request is inherited', async () => {
  const audited = createAudit(shop())
  const around: RequestHandler = (_request, _response, next) =>
    runWithAuditContext({ metadata: { region: 'north' } }, next)
  await withExpress(
    (app) => app.use(around, audited, addProduct(shop())),
    async ({ url }) => {
      const { correlationId } = await send(url, { ...post, user: 'ada' })
      await audited.settled()
      const entries = await shop().entriesOf(correlationId)
      expect(entries).toHaveLength(2)
      for (const { actorId, context } of entries)
        expect([actorId, context?.['metadata']]).toEqual(['ada', { region: 'north' }])
    },
  )
})

test('an actor who is found late counts in a scope that the application has opened inside', async () => {
  const audited = createAudit(shop(), { actor: actorFromUser() })
  const inside: RequestHandler = (_request, _response, next) =>
    runWithAuditContext({ metadata: { inside: true } }, next)
  const login: RequestHandler = (request, _response, next) => {
    Object.assign(request, { user: { id: 'ada' } })
    next()
  }
  await withExpress(
    (app) => app.use(audited, inside, login, identifyMiddleware(), addProduct(shop())),
    async ({ url }) => {
      const { correlationId } = await send(url, post)
      await audited.settled()
      expect(await toldOf(shop(), correlationId)).toEqual([
        ['insert', 'ada'],
        ['event', 'ada'],
      ])
    },
  )
})

test('two audits in one application leave one event, with the actor that either found', async () => {
  const outer = createAudit(shop(), { actor: [] })
  const inner = createAudit(shop(), { actor: byHeader })
  await withExpress(
    (app) => app.use(outer).use('/orders', inner, addProduct(shop())),
    async ({ url }) => {
      const { correlationId } = await send(`${url}/orders/1`, { ...post, user: 'ada' })
      await Promise.all([outer.settled(), inner.settled()])
      expect(await toldOf(shop(), correlationId)).toEqual([
        ['insert', 'ada'],
        ['event', 'ada'],
      ])
    },
  )
})

test('the inner of two audits writes the event that the outer leaves out, and finds actors late', async () => {
  const outer = createAudit(shop(), { actor: [], events: { exclude: ['/orders'] } })
  const inner = createAudit(shop(), { actor: actorFromUser() })
  const login: RequestHandler = (request, _response, next) => {
    Object.assign(request, { user: { id: 'ada' } })
    next()
  }
  await withExpress(
    (app) => app.use(outer).use('/orders', inner, login, identifyMiddleware(), addProduct(shop())),
    async ({ url }) => {
      const { correlationId } = await send(`${url}/orders/1`, post)
      await Promise.all([outer.settled(), inner.settled()])
      expect(await toldOf(shop(), correlationId)).toEqual([
        ['insert', 'ada'],
        ['event', 'ada'],
      ])
    },
  )
})

test('a middleware that calls next twice changes nothing: the handler runs as often, and every run is audited', async () => {
  const audited = createAudit(shop())
  const twice: RequestHandler = async (_request, _response, next) => {
    next()
    await Promise.resolve()
    next()
  }
  let runs = 0
  const add = addProduct(shop())
  const handle: RequestHandler = (request, response, next) => {
    runs += 1
    return add(request, response, next)
  }
  await withExpress(
    (app) => app.use(audited, twice, handle),
    async ({ url }) => {
      const { correlationId } = await send(url, { ...post, user: 'ada' })
      await audited.settled()
      expect(runs).toBe(1)
      // Express answers 404 to the second call, as without an audit, and the handler writes all the same.
      const told = await toldOf(shop(), correlationId)
      expect(told.toSorted()).toEqual([
        ['event', 'ada'],
        ['insert', 'ada'],
      ])
    },
  )
})
