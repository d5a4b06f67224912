import type { IncomingMessage, ServerResponse } from 'node:http'
import { updateAuditContext } from '@indelible/core'
import { createHttpAudit, type HttpAudit } from '../http-audit.ts'
import type { HttpAuditOptions } from '../http-audit-options.ts'
import type { HttpExchange } from '../http-exchange.ts'
import type { HttpRequest } from '../http-request.ts'
import { runNodeExchange } from '../node-exchange.ts'
import { describeConnection } from '../node-response.ts'

/** A request below Nest: Express's, or the one of Node.js that Fastify wraps, as Nest's middlewares see it. */
export interface NestRequestLike extends IncomingMessage {
  readonly originalUrl?: string
  readonly route?: { readonly path?: unknown }
  readonly body?: unknown
  readonly user?: unknown
}

/** What Fastify adds to a request of Node.js, as far as it is read here. */
export interface FastifyFacts {
  readonly raw: object
  readonly routeOptions: { readonly url?: string | undefined }
  readonly body?: unknown
  readonly user?: unknown
}

/** What is known of a request while it runs. */
interface KnownRequest {
  readonly exchange: HttpExchange
  isSkipped: boolean
  thrown: unknown
}

/** The requests of a Nest application. */
export interface NestRequests extends Pick<HttpAudit, 'settled'> {
  /** Opens the scope of a request. Mounted twice, it opens one. */
  readonly middleware: (request: NestRequestLike, response: ServerResponse, next: NestNext) => void
  /** Remembers what Fastify makes of a request: the route, body and user are told there, not to the request of Node.js. */
  readonly wrap: (facts: FastifyFacts) => void
  /** Says what the handler of a request is, before the guards decide. */
  mark(request: object, marks: HandlerMarks): void
  /** Asks the resolvers again, after guards. */
  identify(request: object): Promise<void>
  /** Notes what a handler threw. */
  noteError(request: object, error: unknown): void
}

/** What the decorators of a handler say. */
export interface HandlerMarks {
  readonly action?: string
  readonly isSkipped: boolean
}

type NestNext = (error?: unknown) => void

/** @throws AuditError `AUDIT_OPTION_INVALID` naming the option. */
export function createNestRequests(options: HttpAuditOptions<NestRequestLike>): NestRequests {
  const audit = createHttpAudit(options)
  const known = new WeakMap<object, KnownRequest>()
  const mounted = new WeakSet<object>()
  const wrapped = new WeakMap<object, FastifyFacts>()
  const wrapperOf = (request: object) => wrapped.get(request)
  return {
    settled: audit.settled,
    wrap: (facts) => void wrapped.set(facts.raw, facts),
    middleware(request, response, next) {
      if (mounted.has(request)) return next()
      mounted.add(request)
      void audit.open(toHttpRequest(request, wrapperOf)).then((exchange) => {
        const entry: KnownRequest = { exchange, isSkipped: false, thrown: exchange.failure?.error }
        known.set(request, entry)
        const seen = { request, response, exchange: skippable(entry), thrown: () => entry.thrown, fail: next }
        runNodeExchange(seen, () => next())
      })
    },
    mark(request, marks) {
      const entry = known.get(request)
      if (entry !== undefined) markRequest(entry, marks)
    },
    async identify(request) {
      await known.get(request)?.exchange.identify()
    },
    noteError(request, error) {
      const entry = known.get(request)
      if (entry !== undefined) entry.thrown = error
    },
  }
}

function markRequest(entry: KnownRequest, { action, isSkipped }: HandlerMarks): void {
  entry.isSkipped = isSkipped
  // Also without an action: the route is known now, and the facts of the request are written anew.
  entry.exchange.run(() => updateAuditContext(action === undefined ? {} : { action }))
}

function skippable(entry: KnownRequest): HttpExchange {
  const { exchange } = entry
  return { ...exchange, end: async (outcome) => (entry.isSkipped ? undefined : exchange.end(outcome)) }
}

function toHttpRequest(
  request: NestRequestLike,
  wrapperOf: (request: object) => FastifyFacts | undefined,
): HttpRequest<NestRequestLike> {
  return {
    ...describeConnection(request),
    method: request.method ?? '',
    url: request.originalUrl ?? request.url ?? '',
    headers: request.headers,
    user: () => wrapperOf(request)?.user ?? request.user,
    route: () => wrapperOf(request)?.routeOptions.url ?? routeOf(request),
    body: () => wrapperOf(request)?.body ?? request.body,
    native: request,
  }
}

// Nest gives Express the whole pattern, global prefix and version included. What it mounts for all paths, its 404 for instance, is no route.
function routeOf({ route }: NestRequestLike): string | undefined {
  const path = route?.path
  return typeof path === 'string' && path.startsWith('/') ? path : undefined
}
