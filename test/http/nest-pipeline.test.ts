import 'reflect-metadata'
import { tryGetAuditContext } from '@indelible/core'
import { actorFromUser } from '@indelible/http'
import { AuditModule } from '@indelible/http/nest'
import {
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  type HttpException,
  type INestApplication,
  type MiddlewareConsumer,
  Module,
  type NestInterceptor,
  Param,
  type PipeTransform,
  Post,
  UseGuards,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR, NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { options } from './suite/audit-options.ts'
import { send } from './suite/client.ts'
import { routeIn, useShop } from './suite/shop.ts'

describe.for([
  ['Express', () => new ExpressAdapter()],
  ['Fastify', () => new FastifyAdapter()],
] as const)('Nest on %s', ([, createAdapter]) => {
  const used = useShop()
  let app: INestApplication
  let url: string
  let seen: Record<string, unknown> = {}
  beforeEach(() => {
    seen = {}
  })
  const note = (place: string) => {
    seen[place] = tryGetAuditContext()?.actor?.id
  }

  class OrdersController {
    async place(): Promise<object> {
      await used.shop.clients.prisma.createProduct({ sku: skuOf('placed') })
      note('handler')
      return {}
    }

    refuse(): object {
      return {}
    }
  }
  const { prototype } = OrdersController
  const noting: PipeTransform = {
    transform(value: unknown) {
      note('pipe')
      return value
    },
  }
  const denying: CanActivate = {
    canActivate() {
      note('guard of a handler')
      return false
    },
  }
  const place = Object.getOwnPropertyDescriptor(prototype, 'place') ?? {}
  const refuse = Object.getOwnPropertyDescriptor(prototype, 'refuse') ?? {}
  Post(':id')(prototype, 'place', place)
  Param('id', noting)(prototype, 'place', 0)
  Post(':id/refuse')(prototype, 'refuse', refuse)
  UseGuards(denying)(prototype, 'refuse', refuse)
  Controller('orders')(OrdersController)

  const authenticating: CanActivate = {
    canActivate(context: ExecutionContext) {
      Object.assign(context.switchToHttp().getRequest(), { user: { id: 'ada' } })
      return true
    },
  }
  const intercepting: NestInterceptor = {
    intercept(_context: ExecutionContext, next: CallHandler) {
      note('interceptor')
      return next.handle()
    },
  }
  class NotingFilter implements ExceptionFilter {
    catch(error: HttpException, host: ArgumentsHost) {
      note('filter')
      const response = host.switchToHttp().getResponse()
      response.status(error.getStatus()).send({})
    }
  }
  Catch()(NotingFilter)

  class ShopModule {
    configure(consumer: MiddlewareConsumer) {
      const touch = async (_request: unknown, _response: unknown, next: () => void) => {
        await used.shop.clients.typeorm.createProduct({ sku: skuOf('touched') })
        next()
      }
      consumer.apply(touch).forRoutes('*path')
    }
  }

  beforeAll(async () => {
    Module({
      imports: [AuditModule.forRoot({ ...options, audit: () => used.shop.audit, actor: actorFromUser() })],
      controllers: [OrdersController],
      providers: [
        { provide: APP_GUARD, useValue: authenticating },
        { provide: APP_INTERCEPTOR, useValue: intercepting },
        { provide: APP_FILTER, useClass: NotingFilter },
      ],
    })(ShopModule)
    app = await NestFactory.create(ShopModule, createAdapter(), { logger: false, abortOnError: false })
    app.setGlobalPrefix('api')
    await app.listen(0, '127.0.0.1')
    url = await app.getUrl()
  })
  afterAll(() => app?.close())

  async function post(path: string) {
    const { status, correlationId } = await send(`${url}${path}`, { method: 'POST' })
    await app.get(AuditModule).settled()
    return { status, entries: await used.shop.entriesOf(correlationId) }
  }

  test('who a global guard finds is the actor of interceptors, pipes and the handler', async () => {
    const { status } = await post('/api/orders/7')
    expect(status).toBe(201)
    expect(seen).toEqual({ interceptor: 'ada', pipe: 'ada', handler: 'ada' })
  })

  test('who a global guard finds is the actor of what a guard of the handler and the filter behind it write', async () => {
    const { status, entries } = await post('/api/orders/7/refuse')
    expect(status).toBe(403)
    expect(seen).toEqual({ 'guard of a handler': 'ada', filter: 'ada' })
    expect(entries.at(-1)).toMatchObject({ op: 'event', actorId: 'ada', after: { outcome: 'denied' } })
  })

  test('entries tell the route also where a middleware has written before it was known', async () => {
    const { entries } = await post('/api/orders/7')
    expect(entries.map(({ op, context }) => [op, routeIn(context)])).toEqual([
      ['insert', undefined],
      ['insert', '/api/orders/:id'],
      ['event', '/api/orders/:id'],
    ])
  })

  test('a path under the global prefix that leads nowhere is told as it is', async () => {
    const { status, entries } = await post('/api/nowhere/7')
    expect(status).toBe(404)
    expect(entries.at(-1)).toMatchObject({ op: 'event', rowKey: 'POST /api/nowhere/7' })
  })
})
