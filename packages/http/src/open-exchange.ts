import { performance } from 'node:perf_hooks'
import { type AuditContext, AuditError } from '@indelible/core'
import { resolveCorrelationId } from './correlation-id.ts'
import { createExchange } from './exchange.ts'
import { adopt } from './exchange-identity.ts'
import type { ExchangeParts } from './exchange-parts.ts'
import { findIdentity, type Identity } from './find-actor.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { HttpRequest } from './http-request.ts'
import { type KnownExchange, rememberRequest, tryGetKnown } from './known-exchanges.ts'
import type { PendingWork } from './pending-work.ts'
import { createRequestFacts } from './request-facts.ts'
import { createRequestScope } from './request-scope.ts'
import type { ResolvedHttpOptions } from './resolve-http-options.ts'

/** What all exchanges of an audit share. */
export interface HttpAuditParts<Native> {
  readonly options: ResolvedHttpOptions<Native>
  readonly pending: PendingWork
  /** The context in which the audit was made, if any. */
  readonly startedIn: AuditContext | undefined
}

/** Opens the exchange of a request. Never rejects. */
export async function openExchange<Native>(
  request: HttpRequest<Native>,
  audit: HttpAuditParts<Native>,
): Promise<HttpExchange> {
  const parts = prepare(request, audit)
  const { resolvers, tenant } = audit.options
  if (resolvers.length > 0 || tenant !== undefined) await askIdentity(parts)
  const exchange = createExchange(parts)
  introduce(parts, exchange)
  return exchange
}

function prepare<Native>(
  request: HttpRequest<Native>,
  { options, pending, startedIn }: HttpAuditParts<Native>,
): ExchangeParts<Native> {
  const startedAt = performance.now()
  const known = tryGetKnown(request.native)
  const found = resolveCorrelationId(request, options.correlation)
  const correlationId = known?.correlationId ?? found.correlationId
  const mark = known?.mark ?? { hasEvent: false }
  const identity = () => parts.identity
  // Where an outer audit has told the facts, they are merged by value, before the route is known.
  const facts = known === undefined && {
    request: createRequestFacts(request, options, { trace: found.trace, identity }),
  }
  const context = () => ({ correlationId, ...facts, ...fieldsOf(parts.identity) })
  const scope = createRequestScope({ mark, startedIn, context })
  const parts: ExchangeParts<Native> = {
    request,
    options,
    pending,
    scope,
    mark,
    outer: known?.exchanges ?? [],
    correlationId,
    startedAt,
    identity: {},
  }
  return parts
}

/** What resolvers write themselves (the last use of a key, say) belongs to the request too. */
async function askIdentity<Native>(parts: ExchangeParts<Native>): Promise<void> {
  const { request, options, scope } = parts
  try {
    parts.identity = await scope.ask(() => findIdentity(request, options))
  } catch (error) {
    parts.failure = { error: error instanceof Error ? error : wrap(error) }
  }
}

// A framework may take other things for something else: Express skips the handlers of a route for the text 'route'.
function wrap(cause: unknown): AuditError {
  return new AuditError('AUDIT_IDENTITY_UNAVAILABLE', 'A resolver has thrown what is no Error.', { cause })
}

/** Makes an exchange known to the other audits of its request. */
function introduce<Native>(parts: ExchangeParts<Native>, { identify }: HttpExchange): void {
  const { request, correlationId, mark, outer, identity } = parts
  for (const each of outer) each.adopt(identity)
  const self: KnownExchange = { identify, adopt: (found) => adopt(parts, found) }
  rememberRequest(request.native, { correlationId, mark, exchanges: [...outer, self] })
}

function fieldsOf({ actor, tenant }: Identity): AuditContext {
  return { ...(actor !== undefined && { actor }), ...(tenant !== undefined && { tenant: tenant.id }) }
}
