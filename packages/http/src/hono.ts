import type { HonoContextLike } from './hono-context.ts'
import { readBody, toHttpRequest, tryGetNodePair, tryGetWaitUntil } from './hono-context.ts'
import { createHttpAudit, type HttpAudit } from './http-audit.ts'
import type { HttpAuditOptions } from './http-audit-options.ts'
import type { HttpExchange } from './http-exchange.ts'
import { keepScope } from './keep-scope.ts'
import { identifyActor } from './known-exchanges.ts'
import { endWithResponse, sendHeaders } from './node-response.ts'
import { endWeb, endWithClient, rejectionResponse } from './web-exchange.ts'

export type { HonoContextLike, HonoRequestLike } from './hono-context.ts'

/** A middleware of Hono. */
export type HonoMiddleware<Context> = (
  context: Context,
  next: () => Promise<void>,
  // biome-ignore lint/suspicious/noConfusingVoidType: what Hono's own type of a middleware says.
) => Promise<Response | void>

/** A middleware that audits, and can be awaited when the server is closed. */
export type HonoAuditMiddleware<Context> = HonoMiddleware<Context> & Pick<HttpAudit, 'settled'>

/**
 * Makes a middleware of Hono 4, to be mounted first: everything that later middlewares and handlers write carries the actor,
 * correlation id, tenant and facts of the request.
 *
 * On `@hono/node-server` a request ends with its response, streams included. On other platforms its event is written when the handler
 * has answered: by `executionCtx.waitUntil` where there is one, else before the response is given away.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 * @example
 * app.use(auditMiddleware({ audit: prisma.$audit, actor: actorFromJwt({ … }) }))
 */
export function auditMiddleware<Context extends HonoContextLike = HonoContextLike>(
  options: HttpAuditOptions<Context> = {},
): HonoAuditMiddleware<Context> {
  const audit = createHttpAudit(options)
  const tellsBody = typeof options.request?.body === 'object'
  const middleware: HonoMiddleware<Context> = async (context, next) => {
    let body: unknown
    const exchange = await audit.open(toHttpRequest(context, () => body))
    const handle = async () => {
      await next()
      if (tellsBody) body = await readBody(context)
    }
    const isOnNode = tryGetNodePair(context) !== undefined
    return isOnNode ? runOnNode({ context, exchange }, handle) : runOnWeb({ context, exchange }, handle)
  }
  return Object.assign(middleware, { settled: audit.settled })
}

/**
 * Makes a middleware that asks the resolvers again where nobody was found, to be mounted behind the application's own authentication,
 * which leaves its answer with `c.set('user', …)`. An actor that it finds holds for all that is written later.
 */
export function identifyMiddleware(): HonoMiddleware<HonoContextLike> {
  return async (context, next) => {
    await identifyActor(context)
    await next()
  }
}

interface HonoExchange {
  readonly context: HonoContextLike
  readonly exchange: HttpExchange
}

async function runOnNode(
  { context, exchange }: HonoExchange,
  handle: () => Promise<void>,
): Promise<Response | undefined> {
  const { failure, rejection } = exchange
  const pair = tryGetNodePair(context)
  let error: unknown = failure?.error
  if (pair !== undefined) {
    sendHeaders(pair.outgoing, exchange)
    endWithResponse(pair.outgoing, exchange, () => error ?? context.error)
  }
  if (failure !== undefined) throw failure.error
  if (rejection !== undefined) return rejectionResponse(exchange, rejection)
  try {
    await exchange.run(() => {
      if (pair !== undefined) keepScope(exchange.run, pair.incoming, pair.outgoing)
      return handle()
    })
  } catch (thrown) {
    error = thrown
    throw thrown
  }
  return undefined
}

async function runOnWeb(
  { context, exchange }: HonoExchange,
  handle: () => Promise<void>,
): Promise<Response | undefined> {
  const { failure, rejection } = exchange
  const waitUntil = tryGetWaitUntil(context)
  endWithClient(exchange, context.req.raw)
  // The error handler answers behind us: what is set now is in its response.
  if (failure !== undefined) setHeaders(context, exchange)
  if (rejection !== undefined) {
    await endWeb(exchange, { status: rejection.status }, waitUntil)
    return rejectionResponse(exchange, rejection)
  }
  try {
    await exchange.run(handle)
  } catch (error) {
    await endWeb(exchange, { error }, waitUntil)
    throw error
  }
  setHeaders(context, exchange)
  const { error } = context
  await endWeb(exchange, { status: context.res.status, ...(error !== undefined && { error }) }, waitUntil)
  return undefined
}

function setHeaders(context: HonoContextLike, { responseHeaders }: HttpExchange): void {
  for (const [name, value] of Object.entries(responseHeaders)) context.header(name, value)
}
