import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createHttpAudit, type HttpAudit } from './http-audit.ts'
import type { HttpAuditOptions } from './http-audit-options.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { HttpRequest } from './http-request.ts'
import { keepScope } from './keep-scope.ts'
import { describeConnection, endWithResponse, sendHeaders } from './node-response.ts'

/** The members of a request of Fastify that are used. */
export interface FastifyRequestLike {
  readonly raw: IncomingMessage
  readonly method: string
  readonly originalUrl: string
  readonly headers: IncomingHttpHeaders
  readonly body: unknown
  readonly routeOptions: { readonly url?: string | undefined }
}

/** The members of a reply of Fastify that are used. */
export interface FastifyReplyLike {
  readonly raw: ServerResponse
  code(status: number): unknown
  headers(values: Readonly<Record<string, string>>): unknown
  send(payload: unknown): unknown
}

/** The members of a route's options that are used. */
export interface FastifyRouteLike {
  preHandler?: unknown
}

type Done = (error?: Error) => void
type Hook = (request: FastifyRequestLike, reply: FastifyReplyLike, done: Done) => void
// biome-ignore lint/complexity/useMaxParams: Fastify hands four to hooks for errors.
type ErrorHook = (request: FastifyRequestLike, reply: FastifyReplyLike, error: Error, done: Done) => void

/** The members of an instance of Fastify that are used. */
export interface FastifyLike {
  addHook(name: 'onRequest' | 'preHandler', hook: Hook): unknown
  addHook(name: 'onError', hook: ErrorHook): unknown
  addHook(name: 'onRoute', hook: (route: FastifyRouteLike) => void): unknown
  addHook(name: 'onClose', hook: () => Promise<void>): unknown
}

/**
 * Audits the requests of a Fastify 5 application: everything that hooks, parsers and handlers write carries the actor, correlation id,
 * tenant and facts of the request. Registered inside of another plugin that is encapsulated, it audits the requests of that plugin.
 * Closing the application waits for the events that are being written.
 *
 * The resolvers are asked before all other hooks, again before the handler, and once more behind the `preHandler` hooks of a route
 * that was declared later than this plugin was loaded: so `await` the registration.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 * @example
 * await app.register(auditPlugin, { audit: prisma.$audit, actor: actorFromUser() })
 */
export function auditPlugin<Request extends FastifyRequestLike>(
  app: FastifyLike,
  options: HttpAuditOptions<Request>,
): Promise<void>
export function auditPlugin(app: FastifyLike, options: HttpAuditOptions<FastifyRequestLike>): Promise<void>
export async function auditPlugin(
  app: FastifyLike,
  options: HttpAuditOptions<FastifyRequestLike>,
): Promise<void> {
  const audit = createHttpAudit(options)
  audits.set(app, audit)
  const opened = new WeakMap<FastifyRequestLike, HttpExchange>()
  const errors = new WeakMap<FastifyRequestLike, unknown>()

  const identify: Hook = (request, _reply, done) => {
    const identified = opened.get(request)?.identify() ?? Promise.resolve()
    identified.then(() => done(), done)
  }

  app.addHook('onRequest', (request, reply, done) => {
    void audit.open(describe(request)).then((exchange) => {
      opened.set(request, exchange)
      if (exchange.failure !== undefined) errors.set(request, exchange.failure.error)
      begin({ request, reply, exchange, thrown: () => errors.get(request) }, done)
    })
  })
  app.addHook('preHandler', identify)
  app.addHook('onRoute', (route) => identifyLast(route, identify))
  // biome-ignore lint/complexity/useMaxParams: Fastify hands four to hooks for errors.
  app.addHook('onError', (request, _reply, error, done) => {
    errors.set(request, error)
    done()
  })
  app.addHook('onClose', () => audit.settled())
}

// What Fastify's own helper for plugins sets: the hooks are those of the instance that registers it, not of a part of their own.
Object.assign(auditPlugin, {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: '@indelible/http',
  [Symbol.for('plugin-meta')]: { name: '@indelible/http', fastify: '5.x' },
})

const audits = new WeakMap<object, Pick<HttpAudit, 'settled'>>()

/** Resolves when the events of all requests of an application that have ended are written; closing it waits for them by itself. */
export async function auditSettled(app: FastifyLike): Promise<void> {
  await audits.get(app)?.settled()
}

interface Begun {
  readonly request: FastifyRequestLike
  readonly reply: FastifyReplyLike
  readonly exchange: HttpExchange
  readonly thrown: () => unknown
}

function begin({ request, reply, exchange, thrown }: Begun, done: Done): void {
  const { failure, rejection } = exchange
  sendHeaders(reply.raw, exchange)
  endWithResponse(reply.raw, exchange, thrown)
  if (rejection !== undefined) {
    reply.code(rejection.status)
    reply.headers(rejection.headers)
    reply.send(rejection.body)
    return
  }
  // One-line bridge: Fastify hands on whatever was thrown.
  if (failure !== undefined) done(failure.error as Error)
  else
    exchange.run(() => {
      keepScope(exchange.run, request.raw, reply.raw)
      done()
    })
}

// Hooks of a route run behind those of the application, and authentication is often one of either.
function identifyLast(route: FastifyRouteLike, identify: Hook): void {
  route.preHandler = [route.preHandler ?? [], identify].flat()
}

function describe(request: FastifyRequestLike): HttpRequest<FastifyRequestLike> {
  const { raw, method, originalUrl, headers } = request
  return {
    ...describeConnection(raw),
    method,
    url: originalUrl,
    headers,
    user: () => ('user' in request ? request.user : undefined),
    route: () => request.routeOptions.url,
    body: () => request.body,
    native: request,
  }
}
