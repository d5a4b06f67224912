import type { RequestListener } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { auditMiddleware, errorMiddleware, identifyMiddleware } from '@indelible/http/express'
import type { ErrorRequestHandler, Express, RequestHandler } from 'express'
import type { HttpFramework, TestApp, TestRoute } from './http-framework.ts'
import { errorBody, errorOfStatus, listen, statusOf } from './listen.ts'

/** What Express 4 and 5 are called with alike. */
export interface ExpressModule {
  (): Express
  json(options: { readonly limit: string }): RequestHandler
}

/** Express, of one of its versions. */
export function expressFramework(name: string, express: ExpressModule): HttpFramework {
  return {
    name,
    httpError: errorOfStatus,
    start: async (app) => {
      const audited = auditMiddleware(app.audit)
      const server = await listen(createApp(express, app, audited) as RequestListener)
      return { ...server, settled: audited.settled }
    },
  }
}

/** An application as its users write it: the audit first, then authentication, the parser, routes and errors. */
function createApp(express: ExpressModule, app: TestApp, audited: RequestHandler): Express {
  const { authenticate, routes, onError } = app
  const server = express()
  server.use(audited)
  if (authenticate !== undefined) {
    server.use((request, _response, next) => {
      Object.assign(request, { user: authenticate(request.headers) })
      next()
    })
    server.use(identifyMiddleware())
  }
  server.use(express.json({ limit: '20mb' }))
  for (const route of routes) server[methodOf(route)](route.path, handlerOf(route))
  server.use(errorMiddleware(), answerError(onError))
  return server
}

function methodOf({ method }: TestRoute): 'get' | 'post' | 'put' | 'delete' {
  return method.toLowerCase() as Lowercase<typeof method>
}

/** What is thrown at once is left to Express; Express 4 does not await, so rejections are handed on by hand, as its users do. */
function handlerOf({ handle }: TestRoute): RequestHandler {
  return ({ headers, params, body }, response, next) => {
    const answer = handle({ headers, params: params as Record<string, string>, body })
    Promise.resolve(answer)
      .then(async ({ status = 200, json, stream }) => {
        response.status(status)
        if (stream === undefined) return void response.json(json)
        response.type('text/event-stream').flushHeaders()
        await pipeline(Readable.from(stream), response)
      })
      .catch(next)
  }
}

function answerError(onError: TestApp['onError']): ErrorRequestHandler {
  // biome-ignore lint/complexity/useMaxParams: Express tells error handlers by their four parameters.
  return (error, _request, response, next) => {
    onError(error)
    if (response.headersSent) next(error)
    else response.status(statusOf(error)).json(errorBody(error))
  }
}
