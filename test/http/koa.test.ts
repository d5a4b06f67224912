import { auditMiddleware } from '@indelible/http/koa'
import Router from '@koa/router'
import Koa from 'koa'
import { describe, expect, test } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { options } from './suite/audit-options.ts'
import { send } from './suite/client.ts'
import { describeFramework } from './suite/describe-framework.ts'
import { routeIn, useShop } from './suite/shop.ts'
import { koaFramework } from './support/koa-framework.ts'
import { listen } from './support/listen.ts'

describeFramework(koaFramework)

describe('Koa by itself', () => {
  const used = useShop()

  test('the event tells the route also where a middleware has written before it was known', async () => {
    const app = new Koa()
    const audited = auditMiddleware({ ...options, audit: used.shop.audit })
    app.use(audited)
    app.use(async (_context, next) => {
      await used.shop.clients.prisma.createProduct({ sku: skuOf('touched') })
      await next()
    })
    const router = new Router()
    router.post('/orders/:id', (context) => {
      context.body = {}
    })
    app.use(router.routes())
    const { url, close } = await listen(app.callback())
    const { correlationId } = await send(`${url}/orders/7`, { method: 'POST', user: 'ada' })
    await audited.settled()
    await close()
    const entries = await used.shop.entriesOf(correlationId)
    expect(entries.map(({ op, context }) => [op, routeIn(context)])).toEqual([
      ['insert', undefined],
      ['event', '/orders/:id'],
    ])
  })
})
