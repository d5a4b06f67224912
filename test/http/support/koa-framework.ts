import { Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import { auditMiddleware, identifyMiddleware } from '@indelible/http/koa'
import Router from '@koa/router'
import Koa from 'koa'
import type { HttpFramework, TestRoute } from './http-framework.ts'
import { errorOfStatus, listen } from './listen.ts'

/** Koa with @koa/router. */
export const koaFramework: HttpFramework = {
  name: 'Koa',
  httpError: errorOfStatus,
  start: async ({ audit, authenticate, routes, onError }) => {
    const app = new Koa()
    const audited = auditMiddleware(audit)
    app.on('error', onError)
    app.use(audited)
    if (authenticate !== undefined) {
      app.use((context, next) => {
        context.state['user'] = authenticate(context.headers)
        return next()
      })
      app.use(identifyMiddleware())
    }
    app.use(parseJson)
    app.use(routerOf(routes).routes())
    const server = await listen(app.callback())
    return { ...server, settled: audited.settled }
  },
}

async function parseJson(context: Koa.Context, next: Koa.Next): Promise<void> {
  if (context.is('json')) {
    try {
      Object.assign(context.request, { body: await json(context.req) })
    } catch (cause) {
      throw Object.assign(errorOfStatus(400), { cause })
    }
  }
  await next()
}

function routerOf(routes: readonly TestRoute[]): Router {
  const router = new Router()
  for (const { method, path, handle } of routes) {
    router.register(path, [method], async (context) => {
      const body = 'body' in context.request ? context.request.body : undefined
      const answer = await handle({ headers: context.headers, params: context['params'], body })
      context.status = answer.status ?? 200
      if (answer.stream === undefined) context.body = answer.json
      else {
        context.type = 'text/event-stream'
        context.body = Readable.from(answer.stream)
        context.flushHeaders()
      }
    })
  }
  return router
}
