import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { createHttpAudit, type HttpAudit } from './http-audit.ts'
import type { HttpAuditOptions } from './http-audit-options.ts'
import type { HttpRequest } from './http-request.ts'
import { keepScopeOfReads } from './keep-scope.ts'
import { identifyActor } from './known-exchanges.ts'
import { runNodeExchange } from './node-exchange.ts'
import { describeConnection } from './node-response.ts'

/** A context of Koa, as far as it is read here. */
export interface KoaContextLike {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly method: string
  readonly originalUrl: string
  readonly state: Readonly<Record<string, unknown>>
  readonly request: object
  readonly body?: unknown
  /** Left by @koa/router. */
  readonly _matchedRoute?: string | RegExp
}

/** A middleware of Koa. */
export type KoaMiddleware = (context: KoaContextLike, next: () => Promise<unknown>) => Promise<void>

/** A middleware that audits, and can be awaited when the server is closed. */
export type KoaAuditMiddleware = KoaMiddleware & Pick<HttpAudit, 'settled'>

/**
 * Makes a middleware of Koa 3, to be mounted first: everything that later middlewares write carries the actor, correlation id, tenant
 * and facts of the request.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 * @example
 * app.use(auditMiddleware({ audit: prisma.$audit, actor: actorFromJwt({ … }) }))
 * app.use(router.routes())
 */
export function auditMiddleware(options: HttpAuditOptions<KoaContextLike> = {}): KoaAuditMiddleware {
  const audit = createHttpAudit(options)
  const middleware: KoaMiddleware = async (context, next) => {
    const { req: request, res: response } = context
    const exchange = await audit.open(toHttpRequest(context))
    let error: unknown
    const thrown = () => error
    // Koa would answer 404 to what we have answered already.
    if (exchange.rejection !== undefined) Object.assign(context, { respond: false })
    try {
      await runNodeExchange({ request, response, exchange, thrown, fail }, async () => {
        await next()
        if (context.body instanceof Readable) keepScopeOfReads(context.body)
      })
    } catch (caught) {
      error = caught
      throw caught
    }
  }
  return Object.assign(middleware, { settled: audit.settled })
}

/**
 * Makes a middleware that asks the resolvers again where nobody was found, to be mounted behind the application's own authentication
 * (sessions, passport). An actor that it finds holds for all that is written later.
 */
export function identifyMiddleware(): KoaMiddleware {
  return async (context, next) => {
    await identifyActor(context)
    await next()
  }
}

function fail(error: unknown): never {
  throw error
}

function toHttpRequest(context: KoaContextLike): HttpRequest<KoaContextLike> {
  const { req, method, originalUrl, request } = context
  return {
    ...describeConnection(req),
    method,
    url: originalUrl,
    headers: req.headers,
    user: () => context.state['user'],
    route: () => (context._matchedRoute === undefined ? undefined : String(context._matchedRoute)),
    body: () => ('body' in request ? request.body : undefined),
    native: context,
  }
}
