import { randomUUID } from 'node:crypto'
import { actorFromApiKey, type HttpAuditOptions } from '@indelible/http'
import { actorFromJwt } from '@indelible/http/jwt'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { connect, readAll, send, withApp } from '../http/suite/client.ts'
import { useShop } from '../http/suite/shop.ts'
import { frameworks } from '../http/support/frameworks.ts'
import { listenToProcess, readTrail, writingRoute } from './support/attacked-shop.ts'
import { bearer, forgeries, gateway, identity, sign } from './support/forgeries.ts'
import { body, credentials, expectClean, query, secret, token } from './support/secrets.ts'

// The attacks in short, against each skin by itself: what it hands to the core (headers, addresses, targets, bodies) is its own.
describe.for(frameworks)('%s', ([, framework]) => {
  const place = useShop()
  const shop = () => place.shop
  const running = (audit: HttpAuditOptions) => ({
    audit: { audit: shop().audit, ...audit },
    routes: [writingRoute(shop)],
  })

  let readSaid: () => string
  beforeEach(() => {
    readSaid = listenToProcess()
  })
  afterEach(() => {
    readSaid()
  })

  test('no forged token names anybody, a good one does', async () => {
    await withApp(framework, running(identity), async ({ url, settled }) => {
      for (const [name, reason, make] of forgeries) {
        const headers = { ...bearer(await make()), 'x-user-id': 'admin' }
        const { correlationId } = await send(`${url}/orders/1`, { method: 'POST', headers })
        await settled()
        const entries = await shop().entriesOf(correlationId)
        expect(entries.map(({ op, actorId, tenant }) => [name, op, actorId, tenant])).toEqual([
          [name, 'insert', null, null],
          [name, 'event', null, null],
        ])
        for (const { context } of entries) expect(context).toMatchObject({ request: { authFailure: reason } })
      }
      const good = await send(`${url}/orders/1`, { method: 'POST', headers: bearer(await sign()) })
      await settled()
      const entries = await shop().entriesOf(good.correlationId)
      expect(entries.map(({ op, actorId }) => [op, actorId])).toEqual([
        ['insert', 'ada'],
        ['event', 'ada'],
      ])
    })
  })

  test('headers on the wire forge no actor, no address and no id', async () => {
    const audit: HttpAuditOptions = { actor: gateway, trustedProxies: 1 }
    await withApp(framework, running(audit), async ({ url, settled }) => {
      const id = randomUUID()
      const lines = [
        'x-user-id: admin',
        'x-user-id: ada',
        'x-forwarded-for: 6.6.6.6',
        'x-forwarded-for: 203.0.113.7',
        'forwarded: for=6.6.6.6',
        'x-real-ip: 6.6.6.6',
        'x-request-id: eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.',
        'x-request-id: one',
        `x-correlation-id: ${id}`,
        'content-length: 0',
        'connection: close',
      ]
      const socket = await connect(url)
      socket.write(['POST /orders/1 HTTP/1.1', 'host: shop', ...lines, '', ''].join('\r\n'))
      expect(await readAll(socket)).toMatch(new RegExp(`^x-correlation-id: ${id}\r$`, 'im'))
      await settled()
      const entries = await shop().entriesOf(id)
      expect(entries.map(({ op, actorId }) => [op, actorId])).toEqual([
        ['insert', null],
        ['event', null],
      ])
      const ip = '203.0.113.7'
      for (const { context } of entries) {
        expect(context).toMatchObject({ correlationId: id, request: { ip, authFailure: 'ambiguous' } })
        // The generated id may hold any letters from a to f.
        expect(JSON.stringify({ ...context, correlationId: null })).not.toMatch(/6\.6\.6\.6|admin|ada/)
      }
    })
  })

  test('no secret of a request reaches a table, a log or a warning', async () => {
    const actor = [actorFromJwt({ secret }), actorFromApiKey({ find: () => undefined }), gateway]
    await withApp(framework, running({ actor, request: { body: {} } }), async ({ url, settled }) => {
      for (const headers of credentials) {
        const target = `${url}/orders/${token.slice(0, 90)}?${query}`
        expect((await send(target, { method: 'POST', headers, json: body })).status).toBe(201)
      }
      await settled()
    })
    expectClean(await readTrail(shop()), '[redacted]')
    process.stderr.write('said')
    expectClean(readSaid(), 'said')
  })
})
