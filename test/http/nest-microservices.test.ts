import 'reflect-metadata'
import type net from 'node:net'
import { captureAuditContext, runWithAuditContext, tryGetAuditContext } from '@indelible/core'
import { AuditModule } from '@indelible/http/nest'
import { Controller, type INestApplicationContext, Module, Post } from '@nestjs/common'
import { APP_INTERCEPTOR, NestFactory } from '@nestjs/core'
import {
  type ClientProxy,
  ClientProxyFactory,
  MessagePattern,
  type MicroserviceOptions,
  RpcException,
  Transport,
} from '@nestjs/microservices'
import { firstValueFrom } from 'rxjs'
import { expect, onTestFinished, test } from 'vitest'
import { messageContext } from '../../examples/nest/message-context.ts'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { options } from './suite/audit-options.ts'
import { send } from './suite/client.ts'
import { useShop } from './suite/shop.ts'
import { listening } from './support/listen.ts'

const used = useShop()
const tcp = { transport: Transport.TCP, options: { host: '127.0.0.1', port: 0 } } as const

/** Answers requests and messages alike. */
class OrdersController {
  async place(): Promise<object> {
    const sku = skuOf('message')
    await used.shop.clients.typeorm.createProduct({ sku })
    return { sku, actor: tryGetAuditContext()?.actor?.id ?? null }
  }

  fail(): never {
    throw new RpcException('refused')
  }
}

// Decorators called as functions: what Node.js strips of types leaves them out.
const { prototype } = OrdersController
const place = Object.getOwnPropertyDescriptor(prototype, 'place') ?? {}
const fail = Object.getOwnPropertyDescriptor(prototype, 'fail') ?? {}
Post()(prototype, 'place', place)
MessagePattern('order.place')(prototype, 'place', place)
MessagePattern('order.fail')(prototype, 'fail', fail)
Controller('orders')(OrdersController)

function createModule({ withContext = false } = {}) {
  class ShopModule {}
  Module({
    imports: [AuditModule.forRoot({ ...options, audit: () => used.shop.audit })],
    controllers: [OrdersController],
    providers: withContext ? [{ provide: APP_INTERCEPTOR, useValue: messageContext }] : [],
  })(ShopModule)
  return ShopModule
}

/** A client of a server of messages. */
function connect(server: net.Server): ClientProxy {
  const { port } = server.address() as net.AddressInfo
  const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { ...tcp.options, port } })
  onTestFinished(() => client.close())
  return client
}

/** An application that answers requests and messages, with the guards and interceptors of its modules for both. */
async function startHybrid(given: { withContext?: boolean } = {}) {
  const app = await NestFactory.create(createModule(given), { logger: false, abortOnError: false })
  onTestFinished(() => app.close())
  const service = app.connectMicroservice<MicroserviceOptions>(tcp, { inheritAppConfig: true })
  await app.startAllMicroservices()
  await app.init()
  const { url } = await listening(app.getHttpServer().listen(0, '127.0.0.1'))
  return { url, client: connect(service.unwrap<net.Server>()), settled: () => app.get(AuditModule).settled() }
}

/** The entries of the product that an answer names. */
async function actorsOf({ sku }: { readonly sku: string }): Promise<readonly unknown[]> {
  return used.shop.database.query(
    `select op, actor_id, correlation_id from indelible.entry where after->>'sku' = $1`,
    [sku],
  )
}

test('messages pass the guard and the interceptor untouched: no context, no event, their own errors', async () => {
  const { url, client, settled } = await startHybrid()
  const countEvents = async () =>
    used.shop.database.query(`select count(*)::int from indelible.entry where op = 'event'`)
  const before = await countEvents()
  const answer = await firstValueFrom(client.send('order.place', { 'x-user': 'mallory' }))
  expect(answer).toEqual({ sku: expect.any(String), actor: null })
  expect(await actorsOf(answer)).toEqual([{ op: 'insert', actor_id: null, correlation_id: null }])
  await expect(firstValueFrom(client.send('order.fail', {}))).rejects.toEqual({
    status: 'error',
    message: 'refused',
  })
  await settled()
  expect(await countEvents()).toEqual(before)
  const { status, text, correlationId } = await send(`${url}/orders`, { method: 'POST', user: 'ada' })
  expect([status, JSON.parse(text).actor]).toEqual([201, 'ada'])
  await settled()
  expect((await used.shop.entriesOf(correlationId)).map(({ op }) => op)).toEqual(['insert', 'event'])
})

test('messages have the context that their sender took along, 30 at once and beside requests, by the documented interceptor', async () => {
  const { url, client } = await startHybrid({ withContext: true })
  const users = Array.from({ length: 30 }, (_, n) => `user-${n}`)
  const answers = await Promise.all(
    users.map(async (id) => {
      const context = { actor: { id }, correlationId: `message of ${id}` }
      const audit = runWithAuditContext(context, () => captureAuditContext())
      const [answer, requested] = await Promise.all([
        firstValueFrom(client.send('order.place', { audit })),
        send(`${url}/orders`, { method: 'POST', user: `web-${id}` }),
      ])
      expect(JSON.parse(requested.text).actor).toBe(`web-${id}`)
      return answer
    }),
  )
  expect(answers.map(({ actor }) => actor)).toEqual(users)
  const told = await Promise.all(answers.map(actorsOf))
  expect(told.flat()).toEqual(
    users.map((id) => ({ op: 'insert', actor_id: id, correlation_id: `message of ${id}` })),
  )
  const anonymous = await firstValueFrom(client.send('order.place', {}))
  expect(anonymous.actor).toBeNull()
})

test('an application of messages alone starts with the module, answers and closes', async () => {
  const service = await NestFactory.createMicroservice<MicroserviceOptions>(createModule(), {
    ...tcp,
    logger: false,
    abortOnError: false,
  })
  onTestFinished(() => service.close())
  await service.listen()
  const answer = await firstValueFrom(connect(service.unwrap<net.Server>()).send('order.place', {}))
  expect(await actorsOf(answer)).toEqual([{ op: 'insert', actor_id: null, correlation_id: null }])
})

test('an application without a server starts with the module and closes', async () => {
  const app: INestApplicationContext = await NestFactory.createApplicationContext(createModule(), {
    logger: false,
    abortOnError: false,
  })
  await app.get(AuditModule).settled()
  await expect(app.close()).resolves.toBeUndefined()
})
