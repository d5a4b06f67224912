import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpEvent } from '@indelible/http'
import type { RequestHandler } from 'express'
import express from 'express'
import { expect, test } from 'vitest'
import { send } from '../http/suite/client.ts'
import { useShop } from '../http/suite/shop.ts'
import { addProduct, createAudit, toldOf, withExpress } from './support/express-shop.ts'

const place = useShop()
const shop = () => place.shop
const post = { method: 'POST', json: {} }

// A promise that nobody handles ends the process; vitest reports it.
test('an onError that rejects or throws ends nothing', async () => {
  let calls = 0
  const audit = { record: () => Promise.reject(new Error('the trail is down')) }
  const failures = [
    () => Promise.reject(new Error('the log is down')),
    () => {
      throw new Error('the log is down')
    },
  ]
  for (const fail of failures) {
    const onError = () => {
      calls += 1
      return fail()
    }
    const audited = createAudit(shop(), { audit, onError })
    await withExpress(
      (app) => app.use(audited, addProduct(shop())),
      async ({ url }) => {
        expect((await send(url, post)).status).toBe(201)
        await audited.settled()
        await sleep(10)
      },
    )
  }
  expect(calls).toBe(2)
})

test('a request that a time limit has answered is not answered a second time', async () => {
  const errors: unknown[] = []
  const actor = async () => {
    await sleep(50)
    return { badCredentials: 'expired' }
  }
  const audited = createAudit(shop(), {
    actor,
    onBadCredentials: 'reject',
    onError: (error) => errors.push(error),
  })
  const limit: RequestHandler = (_request, response, next) => {
    setTimeout(() => response.status(503).end('too late'), 10)
    next()
  }
  await withExpress(
    (app) => app.use(limit, audited, addProduct(shop())),
    async ({ url }) => {
      const { status, text } = await send(url, { ...post, headers: { 'x-request-id': 'limited' } })
      expect([status, text]).toEqual([503, 'too late'])
      await sleep(100)
      await audited.settled()
      expect(await toldOf(shop(), 'limited')).toEqual([['event', null]])
      expect(errors).toEqual([])
    },
  )
})

test('a server that is closed over running requests has the events of all of them, once it is settled', async () => {
  const audited = createAudit(shop())
  const app = express()
  let begun = 0
  const never: RequestHandler = () => {
    begun += 1
  }
  app.use(audited, never)
  const server = http.createServer(app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const ids = Array.from({ length: 10 }, (_, n) => `closed-${n}`)
  const sent = ids.map((id) =>
    send(`http://127.0.0.1:${port}`, { ...post, user: 'ada', headers: { 'x-request-id': id } }).catch(
      () => id,
    ),
  )
  await expect.poll(() => begun, { interval: 5 }).toBe(ids.length)
  const settled = new Promise<void>((resolve, reject) => {
    server.close(() => audited.settled().then(resolve, reject))
  })
  server.closeAllConnections()
  await settled
  for (const id of ids) expect(await toldOf(shop(), id)).toEqual([['event', 'ada']])
  await Promise.all(sent)
})

test('where the database is slower than the requests, events beyond the limit are dropped aloud', async () => {
  const [told, errors]: [HttpEvent[], unknown[]] = [[], []]
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const record = (event: HttpEvent) => released.then(() => told.push(event))
  const onError = (error: unknown) => errors.push(error)
  const audited = createAudit(shop(), { audit: { record }, events: { maxPending: 3 }, onError })
  const answer: RequestHandler = (_request, response) => void response.end('answered')
  await withExpress(
    (app) => app.use(audited, answer),
    async ({ url }) => {
      for (let n = 0; n < 5; n += 1) expect((await send(url, post)).text).toBe('answered')
      await expect.poll(() => errors.length, { interval: 5 }).toBe(2)
      const dropped = {
        code: 'AUDIT_WRITE_FAILED',
        facts: { waiting: 3 },
        message: expect.stringContaining('dropped'),
      }
      expect(errors).toEqual([expect.objectContaining(dropped), expect.objectContaining(dropped)])
      release()
      await audited.settled()
      expect(told).toHaveLength(3)
      await send(url, post)
      await audited.settled()
      expect(told).toHaveLength(4)
      expect(errors).toHaveLength(2)
    },
  )
})
