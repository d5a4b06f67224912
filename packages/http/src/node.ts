import type { IncomingMessage, ServerResponse } from 'node:http'
import { createHttpAudit, type HttpAudit } from './http-audit.ts'
import type { HttpAuditOptions } from './http-audit-options.ts'
import type { HttpRequest } from './http-request.ts'
import { runNodeExchange } from './node-exchange.ts'
import { describeConnection } from './node-response.ts'

/** What answers a request of `node:http`. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown

/** Options of {@link auditHandler}. */
export type NodeAuditOptions = HttpAuditOptions<IncomingMessage>

/** A handler whose requests are audited. */
export interface AuditedHandler extends Pick<HttpAudit, 'settled'> {
  /** Rejects with what the handler or a resolver throws: an async handler without an audit does the same. */
  (request: IncomingMessage, response: ServerResponse): Promise<void>
}

/**
 * Wraps a handler of `node:http` so that everything written while it answers carries the actor, correlation id and facts of the request.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 * @example
 * const handler = auditHandler({ audit, actor: actorFromJwt({ … }) }, async (request, response) => { … })
 * http.createServer((request, response) => handler(request, response).catch((error) => answerError(error, response)))
 */
export function auditHandler(options: NodeAuditOptions, handler: NodeHandler): AuditedHandler {
  const audit = createHttpAudit(options)
  const audited = async (request: IncomingMessage, response: ServerResponse) => {
    const exchange = await audit.open(toHttpRequest(request))
    let error: unknown
    const thrown = () => error
    try {
      await runNodeExchange({ request, response, exchange, thrown, fail }, () => handler(request, response))
    } catch (caught) {
      error = caught
      throw caught
    }
  }
  return Object.assign(audited, { settled: audit.settled })
}

function fail(error: unknown): never {
  throw error
}

function toHttpRequest(request: IncomingMessage): HttpRequest<IncomingMessage> {
  const { method = '', url = '', headers } = request
  return {
    ...describeConnection(request),
    method,
    url,
    headers,
    user: () => ('user' in request ? request.user : undefined),
    route: () => undefined,
    body: () => ('body' in request ? request.body : undefined),
    native: request,
  }
}
