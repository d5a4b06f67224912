import { inspect } from 'node:util'
import { updateAuditContext } from '@indelible/core'
import { actorFromApiKey, actorFromHeader, type HttpAuditOptions } from '@indelible/http'
import { actorFromJwt } from '@indelible/http/jwt'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { send, withApp } from '../http/suite/client.ts'
import { useShop } from '../http/suite/shop.ts'
import { framework, listenToProcess, readTrail, writingRoute } from './support/attacked-shop.ts'
import { body, credentials, expectClean, forged, query, secret, token } from './support/secrets.ts'

const place = useShop()
const shop = () => place.shop

let readSaid: () => string
beforeEach(() => {
  readSaid = listenToProcess()
})
afterEach(() => {
  readSaid()
})

const options = (): HttpAuditOptions => ({
  audit: shop().audit,
  actor: [
    actorFromJwt({ secret }),
    actorFromApiKey({ find: () => undefined }),
    actorFromHeader({ name: 'x-user-id', trusted: true }),
  ],
  request: { body: {} },
})

test('no secret of a request reaches a table, a log or a warning', async () => {
  const route = writingRoute(shop, ({ body: given }) => {
    updateAuditContext({
      metadata: { password: secret, form: { apiKey: [secret] }, given: Object.keys(Object(given)) },
    })
  })
  await withApp(framework, { audit: options(), routes: [route] }, async ({ url, settled }) => {
    for (const headers of credentials) {
      const { status } = await send(`${url}/orders/${token}?${query}`, {
        method: 'POST',
        headers,
        json: body,
      })
      expect(status).toBe(201)
    }
    await settled()
  })
  expectClean(await readTrail(shop()), '[redacted]')
  process.stderr.write('said')
  expectClean(readSaid(), 'said')
})

test('a secret in the message of an error stays out of the event, and the application gets its error whole', async () => {
  const error = Object.assign(new Error(`wrong password ${secret}`), {
    code: `of ${secret}`,
    status: 403,
    detail: secret,
  })
  error.name = `Error ${secret}`
  const route = writingRoute(shop, () => {
    throw error
  })
  await withApp(framework, { audit: options(), routes: [route] }, async ({ url, settled }, errors) => {
    const { status, correlationId } = await send(`${url}/orders/1`, { method: 'POST', json: body })
    await settled()
    expect(status).toBe(403)
    expect(errors).toEqual([error])
    const entries = await shop().entriesOf(correlationId)
    expect(entries.map(({ op, after }) => [op, after?.['outcome']])).toEqual([['event', 'denied']])
  })
  expectClean(await readTrail(shop()), 'denied')
  process.stderr.write('said')
  expectClean(readSaid(), 'said')
})

test('events that cannot be written are reported without what they hold', async () => {
  const reported: unknown[] = []
  const broken = { record: () => Promise.reject(new Error('the trail is down')) }
  for (const onError of [(error: unknown) => void reported.push(error), undefined]) {
    const audit = { ...options(), audit: broken, ...(onError && { onError }) }
    await withApp(framework, { audit, routes: [writingRoute(shop)] }, async ({ url, settled }) => {
      const headers = { authorization: `Bearer ${token}` }
      await send(`${url}/orders/1?${query}`, { method: 'POST', headers, json: body })
      await settled()
    })
  }
  // Warnings are told on the next turn of the event loop.
  await new Promise((resolve) => setImmediate(resolve))
  expectClean(inspect(reported, { depth: 9, showHidden: true }), 'the trail is down')
  expectClean(readSaid(), 'AUDIT_EVENT_FAILED')
})

test('an error of a resolver that shows the credentials is not passed on', async () => {
  const find = (key: string) => Promise.reject(new Error(`select … where key = '${key}'`))
  const audit = { ...options(), actor: actorFromApiKey({ find }) }
  await withApp(framework, { audit, routes: [writingRoute(shop)] }, async ({ url, settled }, errors) => {
    const { status, text } = await send(`${url}/orders/1`, {
      method: 'POST',
      headers: { 'x-api-key': secret },
    })
    await settled()
    expect(status).toBe(500)
    expectClean(text, 'could not be looked up')
    expectClean(inspect(errors, { depth: 9, showHidden: true }), 'AUDIT_IDENTITY_UNAVAILABLE')
  })
  expectClean(await readTrail(shop()), 'AUDIT_IDENTITY_UNAVAILABLE')
})

test('answers to bad credentials tell the reason, and nothing of them', async () => {
  const audit = { ...options(), onBadCredentials: 'reject' as const }
  await withApp(framework, { audit, routes: [writingRoute(shop)] }, async ({ url }) => {
    for (const headers of [{ authorization: `Bearer ${forged}` }, { 'x-api-key': secret }]) {
      const { status, text, headers: answered } = await send(`${url}/orders/1`, { method: 'POST', headers })
      expect(status).toBe(401)
      expectClean(text + inspect([...answered]), 'unauthorized')
    }
  })
})
