import { setTimeout as sleep } from 'node:timers/promises'
import { actorFromUser, type HttpAuditOptions } from '@indelible/http'
import { auditPlugin, auditSettled } from '@indelible/http/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import { describe, expect, onTestFinished, test } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { options } from './suite/audit-options.ts'
import { connect, readAll, send } from './suite/client.ts'
import { describeFramework } from './suite/describe-framework.ts'
import { type orms, useShop } from './suite/shop.ts'
import { fastifyFramework } from './support/fastify-framework.ts'
import { listening } from './support/listen.ts'

describeFramework(fastifyFramework)

describe('Fastify by itself', () => {
  const used = useShop()

  async function start(
    build: (app: FastifyInstance) => void | Promise<void>,
    given: HttpAuditOptions = {},
  ): Promise<string> {
    const app = fastify()
    onTestFinished(() => app.close())
    await app.register(auditPlugin, { ...options, audit: used.shop.audit, ...given })
    await build(app)
    await app.ready()
    settled = () => auditSettled(app)
    const { url } = await listening(app.server.listen(0, '127.0.0.1'))
    return url
  }

  let settled = async () => {}
  const write = (orm: keyof typeof orms, name: string) =>
    used.shop.clients[orm].createProduct({ sku: skuOf(name) })
  const toldOf = async (id: string) => {
    await settled()
    return (await used.shop.entriesOf(id)).map(({ op, actorId }) => [op, actorId])
  }

  test('async hooks of every kind that write carry the actor, in the application and in an encapsulated part', async () => {
    const hooks = [
      'onRequest',
      'preParsing',
      'preValidation',
      'preHandler',
      'preSerialization',
      'onSend',
    ] as const
    const url = await start(async (app) => {
      // One-line bridge: the hooks differ in what else they are handed.
      for (const hook of hooks)
        app.addHook(hook as 'onRequest', async () => void (await write('typeorm', hook)))
      await app.register((part, _options, done) => {
        part.addHook('preHandler', async () => void (await write('prisma', 'part')))
        part.addHook('onResponse', async () => void (await write('mikroOrm', 'response')))
        part.post('/orders/:id', async () => ({}))
        done()
      })
    })
    const users = Array.from({ length: 20 }, (_, n) => `hook-${n}`)
    await Promise.all(
      users.map(async (user) => {
        const { status, correlationId } = await send(`${url}/orders/7`, { method: 'POST', user, json: {} })
        expect(status).toBe(200)
        const count = hooks.length + 2
        await expect
          .poll(async () => (await toldOf(correlationId)).sort(), { timeout: 10_000 })
          .toEqual([['event', user], ...Array(count).fill(['insert', user])])
      }),
    )
  })

  test('hooks that write behind an error and a hook that refuses carry the actor', async () => {
    const url = await start((app) => {
      app.addHook('onError', async () => void (await write('typeorm', 'error')))
      app.addHook('preHandler', async ({ headers }, reply) => {
        await write('prisma', 'refusing')
        if (headers['x-user'] === 'mallory') return reply.code(403).send({ error: 'refused' })
        return undefined
      })
      app.post('/orders/:id', async () => {
        throw new Error('failed')
      })
    })
    const refused = await send(`${url}/orders/7`, { method: 'POST', user: 'mallory' })
    const failed = await send(`${url}/orders/7`, { method: 'POST', user: 'ada' })
    expect([refused.status, failed.status]).toEqual([403, 500])
    expect(await toldOf(refused.correlationId)).toEqual([
      ['insert', 'mallory'],
      ['event', 'mallory'],
    ])
    expect(await toldOf(failed.correlationId)).toEqual([
      ['insert', 'ada'],
      ['insert', 'ada'],
      ['event', 'ada'],
    ])
  })

  test.for(['the application', 'an encapsulated part'] as const)(
    'a user that a preHandler hook of %s finds is the actor of the handler',
    async (where) => {
      const url = await start(
        async (app) => {
          await app.register((part, _options, done) => {
            const guarded = where === 'the application' ? app : part
            guarded.addHook(
              'preHandler',
              async (request) => void Object.assign(request, { user: { id: 'ada' } }),
            )
            part.post('/orders/:id', async () => void (await write('prisma', 'handler')))
            done()
          })
        },
        { actor: actorFromUser() },
      )
      const { correlationId } = await send(`${url}/orders/7`, { method: 'POST' })
      expect(await toldOf(correlationId)).toEqual([
        ['insert', 'ada'],
        ['event', 'ada'],
      ])
    },
  )

  test.for(['callback', 'promise', 'stream'] as const)(
    'a content type parser of the application, with a %s, keeps the actor, drop by drop and in parallel',
    async (kind) => {
      const url = await start((app) => {
        if (kind === 'callback')
          app.addContentTypeParser('text/csv', (_request, payload, done) => {
            let text = ''
            payload.on('data', (chunk) => {
              text += chunk
            })
            payload.on('end', () => {
              Promise.resolve(write('mikroOrm', 'parser')).then(() => done(null, text), done)
            })
          })
        else if (kind === 'promise')
          app.addContentTypeParser(
            'text/csv',
            { parseAs: 'string' },
            async (_request: unknown, text: string) => {
              await write('mikroOrm', 'parser')
              return text
            },
          )
        else
          app.addContentTypeParser('text/csv', async (_request: unknown, payload: AsyncIterable<unknown>) => {
            let text = ''
            for await (const chunk of payload) text += chunk
            await write('mikroOrm', 'parser')
            return text
          })
        app.post('/orders/:id', async ({ body }) => {
          await write('prisma', 'handler')
          return { body }
        })
      })
      const users = Array.from({ length: 10 }, (_, n) => `${kind}-${n}`)
      await Promise.all(
        users.map(async (user) => {
          const socket = await connect(url)
          socket.write(
            `POST /orders/7 HTTP/1.1\r\nhost: a\r\nx-user: ${user}\r\nx-request-id: csv-${user}\r\nconnection: close\r\ncontent-type: text/csv\r\ncontent-length: 6\r\n\r\n`,
          )
          for (const drop of ['a;', 'b;', 'c;']) {
            await sleep(5)
            socket.write(drop)
          }
          expect(await readAll(socket)).toContain('{"body":"a;b;c;"}')
          expect(await toldOf(`csv-${user}`)).toEqual([
            ['insert', user],
            ['insert', user],
            ['event', user],
          ])
        }),
      )
    },
  )

  test('requests injected without a socket are audited alike', async () => {
    const app = fastify()
    onTestFinished(() => app.close())
    await app.register(auditPlugin, { ...options, audit: used.shop.audit })
    app.post('/orders/:id', async () => void (await write('typeorm', 'injected')))
    const headers = { 'x-user': 'ada', 'x-request-id': 'injected' }
    const { headers: answered } = await app.inject({ method: 'POST', url: '/orders/7', headers })
    expect(answered['x-correlation-id']).toBe('injected')
    await auditSettled(app)
    expect(await toldOf('injected')).toEqual([
      ['insert', 'ada'],
      ['event', 'ada'],
    ])
    const event = (await used.shop.entriesOf('injected')).at(-1)
    expect(event?.after?.['metadata']).toEqual({ status: 200, durationMs: expect.any(Number) })
  })
})
