import { aFunction, checkOptions } from '@indelible/core'
import { createHttpAudit, type HttpAudit } from './http-audit.ts'
import type { HttpAuditOptions } from './http-audit-options.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { HttpRequest } from './http-request.ts'
import {
  endWeb,
  endWithClient,
  headersOf,
  rejectionResponse,
  targetOf,
  type WaitUntil,
  withHeaders,
} from './web-exchange.ts'

/** Options of {@link auditRoute}. */
export interface NextAuditOptions extends HttpAuditOptions<Request> {
  /**
   * `after` of `next/server`: the event is written behind the response. Absent: before the response is given away, because a
   * serverless platform may stop right after that.
   */
  readonly after?: WaitUntil
}

/** What Next does not tell a route handler of itself. */
export interface RouteFacts {
  /** The pattern of the route, such as `/api/orders/[id]`. @default none: entries tell the path alone */
  readonly route?: string
}

/** Wraps route handlers so that their requests are audited; what it returns takes and gives what the handler does. */
export interface RouteAudit extends Pick<HttpAudit, 'settled'> {
  <Incoming extends Request, Rest extends readonly unknown[]>(
    handler: RouteHandler<Incoming, Rest>,
    facts?: RouteFacts,
  ): (request: Incoming, ...rest: Rest) => Promise<Response>
}

type RouteHandler<Incoming extends Request, Rest extends readonly unknown[]> = (
  request: Incoming,
  ...rest: Rest
) => Response | Promise<Response>

/**
 * Makes what wraps the route handlers of Next's App Router, in the Node.js runtime: everything that they write carries the actor,
 * correlation id, tenant and facts of the request.
 *
 * Next hides the connection: entries tell an address only where `trustedProxies` says whose header to believe. A request ends for the
 * trail when its handler has answered or its client has gone away; what becomes of a stream afterwards is not told, and bodies are not.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 * @example
 * const audited = auditRoute({ audit: prisma.$audit, actor: actorFromJwt({ … }), after })
 * export const POST = audited(async (request) => Response.json(await placeOrder(request)), { route: '/api/orders' })
 */
export function auditRoute({ after, ...options }: NextAuditOptions = {}): RouteAudit {
  checkOptions({ after }, { after: aFunction })
  const audit = createHttpAudit(options)
  function wrap<Incoming extends Request, Rest extends readonly unknown[]>(
    handler: RouteHandler<Incoming, Rest>,
    facts: RouteFacts = {},
  ) {
    return async (request: Incoming, ...rest: Rest): Promise<Response> => {
      const exchange = await audit.open(toHttpRequest(request, facts))
      endWithClient(exchange, request)
      return answer({ exchange, after }, () => handler(request, ...rest))
    }
  }
  return Object.assign(wrap, { settled: audit.settled })
}

interface NextExchange {
  readonly exchange: HttpExchange
  readonly after: WaitUntil | undefined
}

async function answer(
  { exchange, after }: NextExchange,
  handle: () => Response | Promise<Response>,
): Promise<Response> {
  const { failure, rejection } = exchange
  if (rejection !== undefined) {
    await endWeb(exchange, { status: rejection.status }, after)
    return rejectionResponse(exchange, rejection)
  }
  try {
    if (failure !== undefined) throw failure.error
    // A handler that throws at once does so in here, too.
    const response = withHeaders(await exchange.run(async () => handle()), exchange)
    await endWeb(exchange, { status: response.status }, after)
    return response
  } catch (error) {
    await endWeb(exchange, outcomeOf(error), after)
    throw error
  }
}

// `redirect()`, `notFound()` and their like throw; Next answers by the digest, such as `NEXT_REDIRECT;replace;/login;307;`.
function outcomeOf(error: unknown): { readonly status?: number; readonly error?: unknown } {
  const digest = error instanceof Error && 'digest' in error ? String(error.digest) : ''
  const [, status] = /^NEXT_(?:REDIRECT;.*|HTTP_ERROR_FALLBACK);(\d{3});?$/.exec(digest) ?? []
  return status === undefined ? { status: 500, error } : { status: Number(status) }
}

function toHttpRequest<Incoming extends Request>(
  request: Incoming,
  { route }: RouteFacts,
): HttpRequest<Incoming> {
  return {
    method: request.method,
    url: targetOf(request.url),
    headers: headersOf(request),
    user: () => undefined,
    route: () => route,
    body: () => undefined,
    native: request,
  }
}
