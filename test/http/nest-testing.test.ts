import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import type { EventRecorder, HttpEvent } from '@indelible/http'
import { AuditAction, AuditModule } from '@indelible/http/nest'
import { type CanActivate, Controller, type INestApplication, Module, Post, UseGuards } from '@nestjs/common'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { Test } from '@nestjs/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { options } from './suite/audit-options.ts'
import { send } from './suite/client.ts'
import { useShop } from './suite/shop.ts'
import { listening } from './support/listen.ts'

const used = useShop()
const AUDIT = Symbol('audit')

class OrdersController {
  async place(): Promise<object> {
    await used.shop.clients.prisma.createProduct({ sku: skuOf('testing') })
    return {}
  }
}

/** Denies everybody who is called mallory. */
class AccessGuard implements CanActivate {
  canActivate(context: Parameters<CanActivate['canActivate']>[0]): boolean {
    return context.switchToHttp().getRequest().headers['x-user'] !== 'mallory'
  }
}

// Decorators called as functions: what Node.js strips of types leaves them out.
const { prototype } = OrdersController
const place = Object.getOwnPropertyDescriptor(prototype, 'place') ?? {}
Post(':id')(prototype, 'place', place)
AuditAction('order.place')(prototype, 'place', place)
UseGuards(AccessGuard)(OrdersController)
Controller('orders')(OrdersController)

class AuditProvider {}
Module({ providers: [{ provide: AUDIT, useFactory: () => used.shop.audit }], exports: [AUDIT] })(
  AuditProvider,
)

class ShopModule {}
Module({
  imports: [
    AuditModule.forRootAsync({
      imports: [AuditProvider],
      inject: [AUDIT],
      useFactory: (audit: EventRecorder) => ({ ...options, audit }),
    }),
  ],
  controllers: [OrdersController],
})(ShopModule)

describe.for<[string, () => ExpressAdapter | FastifyAdapter]>([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
])('a testing module on %s', ([, createAdapter]) => {
  async function start(compiling: ReturnType<typeof Test.createTestingModule>) {
    const testing = await compiling.compile()
    const app: INestApplication = testing.createNestApplication(createAdapter(), { logger: false })
    onTestFinished(() => app.close())
    await app.init()
    await app.getHttpAdapter().getInstance().ready?.()
    const { url } = await listening(app.getHttpServer().listen(0, '127.0.0.1'))
    const post = (user: string) => send(`${url}/orders/7`, { method: 'POST', user, json: {} })
    return { url, post, settled: () => app.get(AuditModule).settled() }
  }

  test('audits as the application does: writes, one event, what a guard denies', async () => {
    const { post, settled } = await start(Test.createTestingModule({ imports: [ShopModule] }))
    const [allowed, denied] = [await post('ada'), await post('mallory')]
    expect([allowed.status, denied.status]).toEqual([201, 403])
    await settled()
    const told = async (id: string) =>
      (await used.shop.entriesOf(id)).map(({ op, actorId, action, rowKey }) =>
        op === 'event' ? [op, actorId, action, rowKey] : [op, actorId, action],
      )
    const event = (actor: string) => ['event', actor, 'order.place', 'POST /orders/:id']
    expect(await told(allowed.correlationId)).toEqual([['insert', 'ada', 'order.place'], event('ada')])
    expect(await told(denied.correlationId)).toEqual([event('mallory')])
  })

  test('a body that is malformed leaves an event: the module stands before the parser', async () => {
    const { url, settled } = await start(Test.createTestingModule({ imports: [ShopModule] }))
    const headers = { 'content-type': 'application/json', 'x-user': 'ada', 'x-request-id': randomUUID() }
    const { status } = await fetch(`${url}/orders/7`, { method: 'POST', headers, body: '{"a":' })
    await settled()
    const entries = await used.shop.entriesOf(headers['x-request-id'])
    expect([status, entries.map(({ op, actorId }) => [op, actorId])]).toEqual([400, [['event', 'ada']]])
  })

  test('events go to the provider that overrideProvider puts in place of the audit', async () => {
    const events: HttpEvent[] = []
    const recorder: EventRecorder = { record: async (event) => void events.push(event) }
    const compiling = Test.createTestingModule({ imports: [ShopModule] })
    const { post, settled } = await start(compiling.overrideProvider(AUDIT).useValue(recorder))
    const { correlationId } = await post('ada')
    await settled()
    expect(events).toEqual([
      expect.objectContaining({ action: 'order.place', resourceId: 'POST /orders/:id', outcome: 'success' }),
    ])
    expect((await used.shop.entriesOf(correlationId)).map(({ op }) => op)).toEqual(['insert'])
  })
})
