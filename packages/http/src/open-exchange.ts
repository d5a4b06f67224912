import { performance } from 'node:perf_hooks'
import { type AuditContext, AuditError, runWithAuditContext } from '@indelible/core'
import { resolveClientAddress } from './client-address.ts'
import { resolveCorrelationId } from './correlation-id.ts'
import { createExchange, type ExchangeParts } from './exchange.ts'
import { findIdentity, type Identity } from './find-actor.ts'
import type { HttpExchange } from './http-exchange.ts'
import type { HttpRequest } from './http-request.ts'
import { rememberExchange, tryGetExchange } from './known-exchanges.ts'
import type { PendingWork } from './pending-work.ts'
import { createRequestFacts } from './request-facts.ts'
import { createRequestScope } from './request-scope.ts'
import type { ResolvedHttpOptions } from './resolve-http-options.ts'

/** Opens the exchange of a request. Never rejects. */
export async function openExchange<Native>(
  request: HttpRequest<Native>,
  options: ResolvedHttpOptions<Native>,
  pending: PendingWork,
): Promise<HttpExchange> {
  const startedAt = performance.now()
  const outer = tryGetExchange(request.native)
  const found = resolveCorrelationId(request, options.correlation)
  const correlationId = outer?.correlationId ?? found.correlationId
  const holder: { identity: Identity } = { identity: {} }
  const context = {
    correlationId,
    // Where an outer middleware has told them, they are merged by value, before the route is known.
    ...(outer === undefined && {
      request: createRequestFacts(request, {
        ...options,
        identity: () => holder.identity,
        ip: resolveClientAddress(request, options.trustedProxies),
        trace: found.trace,
      }),
    }),
  }
  const asked = await askIdentity(request, options, context)
  const parts: ExchangeParts<Native> = Object.assign(holder, {
    ...asked,
    request,
    options,
    pending,
    correlationId,
    startedAt,
    isInner: outer !== undefined,
    scope: createRequestScope(() => withIdentity(context, holder.identity)),
  })
  const exchange = createExchange(parts)
  if (outer === undefined) rememberExchange(request.native, exchange)
  return exchange
}

type Asked = Pick<ExchangeParts<never>, 'identity' | 'failure'>

/** What resolvers write themselves (the last use of a key, say) belongs to the request too. */
async function askIdentity<Native>(
  request: HttpRequest<Native>,
  options: ResolvedHttpOptions<Native>,
  context: AuditContext,
): Promise<Asked> {
  if (options.resolvers.length === 0 && options.tenant === undefined) return { identity: {} }
  try {
    return { identity: await runWithAuditContext(context, () => findIdentity(request, options)) }
  } catch (error) {
    return { identity: {}, failure: { error: error instanceof Error ? error : wrap(error) } }
  }
}

// A framework may take other things for something else: Express skips the handlers of a route for the text 'route'.
function wrap(cause: unknown): AuditError {
  return new AuditError('AUDIT_IDENTITY_UNAVAILABLE', 'A resolver has thrown what is no Error.', { cause })
}

function withIdentity(context: AuditContext, { actor, tenant }: Identity): AuditContext {
  return {
    ...context,
    ...(actor !== undefined && { actor }),
    ...(tenant !== undefined && { tenant: tenant.id }),
  }
}
