import type { IncomingMessage, ServerResponse } from 'node:http'
import { updateAuditContext } from '@indelible/core'
import { createHttpAudit, type HttpAudit } from './http-audit.ts'
import type { HttpAuditOptions } from './http-audit-options.ts'
import type { HttpRequest } from './http-request.ts'
import { identifyActor } from './known-exchanges.ts'
import { runNodeExchange } from './node-exchange.ts'
import { describeConnection } from './node-response.ts'
import { tryGetRequestMark } from './request-scope.ts'

/** A request of Express 4 or 5, as far as it is read here. */
export interface ExpressRequestLike extends IncomingMessage {
  readonly originalUrl?: string
  readonly baseUrl?: string
  readonly route?: { readonly path?: unknown }
  readonly body?: unknown
  readonly user?: unknown
}

/** How a middleware of Express says that it is done. */
export type ExpressNext = (error?: unknown) => void

/** A middleware of Express 4 and 5. */
export type ExpressMiddleware = (
  request: ExpressRequestLike,
  response: ServerResponse,
  next: ExpressNext,
) => void

/** A middleware of Express for errors. */
// biome-ignore lint/complexity/useMaxParams: Express tells error handlers by their four parameters.
export type ExpressErrorMiddleware = (
  error: unknown,
  request: ExpressRequestLike,
  response: ServerResponse,
  next: ExpressNext,
) => void

/** A middleware that audits, and can be awaited when the server is closed. */
export type ExpressAuditMiddleware = ExpressMiddleware & Pick<HttpAudit, 'settled'>

/**
 * Makes a middleware of Express 4 and 5, to be mounted first: everything that later middlewares and handlers write carries the actor,
 * correlation id, tenant and facts of the request.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 * @example
 * app.use(auditMiddleware({ audit: prisma.$audit, actor: actorFromJwt({ … }) }))
 * app.use(express.json())
 */
export function auditMiddleware(options: HttpAuditOptions<ExpressRequestLike> = {}): ExpressAuditMiddleware {
  const audit = createHttpAudit(options)
  const middleware: ExpressMiddleware = (request, response, next) => {
    void audit.open(toHttpRequest(request)).then((exchange) => {
      const thrown = () => thrownErrors.get(request)
      // Not by a rejection of ours: what `next` itself throws must not call it a second time.
      if (exchange.failure !== undefined) thrownErrors.set(request, exchange.failure.error)
      runNodeExchange({ request, response, exchange, thrown, fail: next }, () => {
        noteRoutes(request)
        next()
      })
    })
  }
  return Object.assign(middleware, { settled: audit.settled })
}

/**
 * Makes a middleware that asks the resolvers again where nobody was found, to be mounted behind the application's own authentication
 * (sessions, passport). An actor that it finds holds for all that is written later.
 */
export function identifyMiddleware(): ExpressMiddleware {
  return (request, _response, next) => {
    identifyActor(request).then(() => next(), next)
  }
}

/** Makes an error middleware, to be mounted before the application's own, through which events tell the name and code of the error. */
export function errorMiddleware(): ExpressErrorMiddleware {
  // biome-ignore lint/complexity/useMaxParams: Express tells error handlers by their four parameters.
  return (error, request, _response, next) => {
    thrownErrors.set(request, error)
    next(error)
  }
}

const thrownErrors = new WeakMap<object, unknown>()

function toHttpRequest(request: ExpressRequestLike): HttpRequest<ExpressRequestLike> {
  return {
    ...describeConnection(request),
    method: request.method ?? '',
    url: request.originalUrl ?? request.url ?? '',
    headers: request.headers,
    user: () => request.user,
    route: () => routes.get(request),
    body: () => request.body,
    native: request,
  }
}

/** The route of each request, as far as Express has got. */
const routes = new WeakMap<object, string | undefined>()

/**
 * Notes a route when Express sets it: `baseUrl` is that of its router only until the router hands on an error. What has been written
 * before that told no route, so the facts of the request are written anew.
 */
function noteRoutes(request: ExpressRequestLike): void {
  if (routes.has(request)) return
  let { route } = request
  routes.set(request, patternOf(request))
  Object.defineProperty(request, 'route', {
    configurable: true,
    enumerable: true,
    get: () => route,
    set(found: typeof route) {
      route = found
      routes.set(request, patternOf(request))
      if (tryGetRequestMark() !== undefined) updateAuditContext({})
    },
  })
}

/** Where a router is mounted is told as the request names it: Express keeps no pattern of it. */
function patternOf({ baseUrl = '', route }: ExpressRequestLike): string | undefined {
  return route?.path === undefined ? undefined : `${baseUrl}${String(route.path)}`
}
