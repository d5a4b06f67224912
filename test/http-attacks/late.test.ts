import { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGzip } from 'node:zlib'
import { identifyMiddleware } from '@indelible/http/express'
import { auditMiddleware } from '@indelible/http/koa'
import type { RequestHandler } from 'express'
import Koa from 'koa'
import { expect, test } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { options } from '../http/suite/audit-options.ts'
import { send } from '../http/suite/client.ts'
import { useShop } from '../http/suite/shop.ts'
import { listen } from '../http/support/listen.ts'
import { addProduct, createAudit, toldOf, withExpress } from './support/express-shop.ts'

const place = useShop()
const shop = () => place.shop
const post = { method: 'POST', user: 'ada', json: {} }
const rowsOf = (actor: string, rows: number) => [...Array(rows).fill(['insert', actor]), ['event', actor]]

async function* pieces(): AsyncGenerator<string> {
  for (const piece of ['a', 'b', 'c']) {
    await shop().clients.typeorm.createProduct({ sku: skuOf('streamed') })
    yield piece.repeat(100_000)
    await sleep(5)
  }
}

test('credentials that turn out to be bad late are told, and refused by none but the application', async () => {
  const actor = ({ user }: { user(): unknown }) =>
    user() === undefined ? undefined : { badCredentials: 'blocked' }
  const audited = createAudit(shop(), { actor, onBadCredentials: 'reject' })
  const login: RequestHandler = (request, _response, next) => {
    Object.assign(request, { user: { id: 'ada' } })
    next()
  }
  await withExpress(
    (app) => app.use(audited, login, identifyMiddleware(), addProduct(shop())),
    async ({ url }) => {
      const { status, correlationId } = await send(url, post)
      await audited.settled()
      expect(status).toBe(201)
      const entries = await shop().entriesOf(correlationId)
      expect(entries.map(({ op, actorId }) => [op, actorId])).toEqual([
        ['insert', null],
        ['event', null],
      ])
      for (const { context } of entries)
        expect(context).toMatchObject({ request: { authFailure: 'blocked' } })
    },
  )
})

test('a stream that writes while it is compressed keeps the actor: Express', async () => {
  const audited = createAudit(shop())
  const compress: RequestHandler = (_request, response) => {
    response.setHeader('content-encoding', 'gzip')
    Readable.from(pieces()).pipe(createGzip()).pipe(response)
  }
  await withExpress(
    (app) => app.use(audited, compress),
    async ({ url }) => {
      const { text, correlationId } = await send(url, post)
      await audited.settled()
      expect(text).toHaveLength(300_000)
      expect(await toldOf(shop(), correlationId)).toEqual(rowsOf('ada', 3))
    },
  )
})

test('a stream that writes while it is compressed keeps the actor: Koa', async () => {
  const audited = auditMiddleware({ ...options, audit: shop().audit })
  const app = new Koa()
  app.use(audited)
  app.use(async (context, next) => {
    await next()
    context.set('content-encoding', 'gzip')
    context.body = (context.body as Readable).pipe(createGzip())
  })
  app.use((context) => {
    context.body = Readable.from(pieces())
  })
  const { url, close } = await listen(app.callback())
  try {
    const { text, correlationId } = await send(url, post)
    await audited.settled()
    expect(text).toHaveLength(300_000)
    expect(await toldOf(shop(), correlationId)).toEqual(rowsOf('ada', 3))
  } finally {
    await close()
  }
})

test('an upload that is written into the database as it comes keeps the actor', async () => {
  const audited = createAudit(shop())
  const store: RequestHandler = async (request, response, next) => {
    let rows = 0
    try {
      for await (const _ of request) {
        await shop().clients.prisma.createProduct({ sku: skuOf('uploaded') })
        rows += 1
      }
      response.status(201).json(rows)
    } catch (error) {
      next(error)
    }
  }
  await withExpress(
    (app) => app.use(audited, store),
    async ({ url }) => {
      const body = Readable.from(
        (async function* () {
          for (const piece of ['a', 'b', 'c']) {
            yield Buffer.from(piece.repeat(70_000))
            await sleep(20)
          }
        })(),
      )
      const headers = { 'x-user': 'ada', 'x-request-id': skuOf('upload').replaceAll(/[^\w-]/g, '-') }
      const request: RequestInit & { duplex: 'half' } = {
        method: 'POST',
        headers,
        body: Readable.toWeb(body) as ReadableStream,
        duplex: 'half',
      }
      const rows = Number(await (await fetch(url, request)).text())
      await audited.settled()
      expect(rows).toBeGreaterThan(1)
      expect(await toldOf(shop(), headers['x-request-id'])).toEqual(rowsOf('ada', rows))
    },
  )
})
