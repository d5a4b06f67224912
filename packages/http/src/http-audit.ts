import { type Environment, tryGetAuditContext } from '@indelible/core'
import type { HttpAuditOptions } from './http-audit-options.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { HttpRequest } from './http-request.ts'
import { openExchange } from './open-exchange.ts'
import { createPendingWork } from './pending-work.ts'
import { resolveHttpOptions } from './resolve-http-options.ts'

/** The audit of an application's requests, which every framework's middleware stands on. */
export interface HttpAudit<Native = unknown> {
  /**
   * Opens the exchange of a request: finds its correlation id, sender and tenant. Never rejects: what a resolver throws is the
   * `failure` of the exchange.
   */
  open(request: HttpRequest<Native>): Promise<HttpExchange>
  /** Resolves when the events of all requests that have ended are written: to be awaited when the server is closed. */
  settled(): Promise<void>
}

/**
 * Creates the audit of an application's requests, for frameworks that have no middleware of ours. What the options leave open, the
 * environment may set (`INDELIBLE_HTTP_TRUSTED_PROXIES`, `INDELIBLE_HTTP_ON_BAD_CREDENTIALS`, `INDELIBLE_HTTP_EVENTS`).
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option.
 * @example
 * const audit = createHttpAudit({ audit: prisma.$audit, actor: actorFromUser() })
 * const exchange = await audit.open(request)
 * const response = await exchange.run(() => handle(request))
 * void exchange.end({ status: response.status })
 */
export function createHttpAudit<Native = unknown>(
  options: HttpAuditOptions<Native> = {},
  env: Environment = process.env,
): HttpAudit<Native> {
  const pending = createPendingWork()
  const parts = { options: resolveHttpOptions(options, env), pending, startedIn: tryGetAuditContext() }
  return Object.freeze({
    open: (request: HttpRequest<Native>) => openExchange(request, parts),
    settled: () => pending.settled(),
  })
}
