import 'reflect-metadata'
import type { EventRecorder } from '@indelible/http'
import { AuditAction, AuditModule, SkipAudit } from '@indelible/http/nest'
import { type CanActivate, Controller, Module, Post, UseGuards } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { options } from './suite/audit-options.ts'
import { send } from './suite/client.ts'
import { useShop } from './suite/shop.ts'
import { listening } from './support/listen.ts'

const used = useShop()
const AUDIT = Symbol('audit')
let url: string
let close: () => Promise<void>

/** What any provider of an application may be: the audit of its ORM. */
class ShopModule {}

class OrdersController {
  refund(): object {
    return {}
  }

  async ping(): Promise<object> {
    await used.shop.clients.typeorm.createProduct({ sku: 'written by a skipped handler' })
    return {}
  }
}

// Decorators called as functions: what Node.js strips of types leaves them out.
const { prototype } = OrdersController
const refund = Object.getOwnPropertyDescriptor(prototype, 'refund') ?? {}
const ping = Object.getOwnPropertyDescriptor(prototype, 'ping') ?? {}
Post(':id/refund')(prototype, 'refund', refund)
AuditAction('order.refund')(prototype, 'refund', refund)
Post('ping')(prototype, 'ping', ping)
SkipAudit()(prototype, 'ping', ping)
Controller('orders')(OrdersController)

const guard: CanActivate = {
  canActivate: (context) => context.switchToHttp().getRequest().headers['x-user'] !== 'mallory',
}

UseGuards(guard)(OrdersController)

beforeAll(async () => {
  class AuditProvider {}
  Module({ providers: [{ provide: AUDIT, useFactory: () => used.shop.audit }], exports: [AUDIT] })(
    AuditProvider,
  )
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
  const app = await NestFactory.create(ShopModule, { logger: false, abortOnError: false })
  app.setGlobalPrefix('api')
  await app.init()
  const server = await listening(app.getHttpServer().listen(0, '127.0.0.1'))
  url = server.url
  close = () => app.close()
})

afterAll(() => close?.())

async function post(path: string, user: string) {
  const { status, correlationId } = await send(`${url}/api/orders/${path}`, { method: 'POST', user })
  const entries = async () =>
    (await used.shop.entriesOf(correlationId)).map(({ op, rowKey, context, after }) => {
      const { outcome } = (after ?? {}) as { outcome?: string }
      return [op, op === 'event' ? rowKey : null, (context as { action?: string } | null)?.action, outcome]
    })
  return { status, entries }
}

test('the event carries the action that a handler is named by, also where a guard of the controller denies it', async () => {
  const allowed = await post('7/refund', 'ada')
  const denied = await post('7/refund', 'mallory')
  expect([allowed.status, denied.status]).toEqual([201, 403])
  const event = ['event', 'POST /api/orders/:id/refund', 'order.refund']
  await expect.poll(allowed.entries).toEqual([[...event, 'success']])
  await expect.poll(denied.entries).toEqual([[...event, 'denied']])
})

test('a skipped handler leaves no event, and its writes leave their entries', async () => {
  const { status, entries } = await post('ping', 'ada')
  expect(status).toBe(201)
  await close()
  expect(await entries()).toEqual([['insert', null, undefined, undefined]])
})
