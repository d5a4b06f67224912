import { performance } from 'node:perf_hooks'
import { type AuditContext, getAuditContext, updateAuditContext } from '@indelible/core'
import { findIdentity, type Identity } from './find-actor.ts'
import { describeEvent, type HttpOutcome, outcomeOf } from './http-event.ts'
import { type HttpExchange, rejectionOf } from './http-exchange.ts'
import type { HttpRequest } from './http-request.ts'
import type { PendingWork } from './pending-work.ts'
import { redactBody } from './redacted-body.ts'
import { redactPath } from './redacted-query.ts'
import type { RequestScope } from './request-scope.ts'
import { pathOf } from './request-target.ts'
import type { ResolvedHttpOptions } from './resolve-http-options.ts'

/** What an exchange is made of. */
export interface ExchangeParts<Native> {
  readonly request: HttpRequest<Native>
  readonly options: ResolvedHttpOptions<Native>
  readonly pending: PendingWork
  readonly scope: RequestScope
  readonly correlationId: string
  /** By `performance.now()`. */
  readonly startedAt: number
  /** Whether another middleware has opened this request before, and writes its event. */
  readonly isInner: boolean
  /** Known by now; {@link HttpExchange.identify} may find more. */
  identity: Identity
  readonly failure?: { readonly error: unknown }
}

/** Creates the exchange of a request whose sender has been asked for. */
export function createExchange<Native>(parts: ExchangeParts<Native>): HttpExchange {
  const { correlationId, options, scope, failure, startedAt } = parts
  const { badCredentials } = parts.identity
  let ended: Promise<void> | undefined
  return Object.freeze({
    correlationId,
    responseHeaders:
      options.responseHeader === false ? {} : { [options.responseHeader.toLowerCase()]: correlationId },
    ...(failure !== undefined && { failure }),
    ...(badCredentials !== undefined &&
      options.rejectsBadCredentials && { rejection: rejectionOf(badCredentials) }),
    run<Result>(work: () => Result): Result {
      if (failure !== undefined) throw failure.error
      return scope.run(work)
    },
    identify: () => identify(parts),
    end(outcome: HttpOutcome) {
      ended ??= writeEvent(parts, outcome, Math.round(performance.now() - startedAt))
      return ended
    },
  })
}

async function identify<Native>(parts: ExchangeParts<Native>): Promise<void> {
  const { request, options, scope, identity } = parts
  if (identity.actor !== undefined || identity.badCredentials !== undefined) return
  if (options.resolvers.length === 0 || scope.run(getAuditContext).actor !== undefined) return
  const found = await findIdentity(request, options)
  // What is found while we waited, by a call like this one or by the handler, was there first.
  if (parts.identity !== identity || scope.run(getAuditContext).actor !== undefined) return
  parts.identity = { ...found, ...tenantOf(identity) }
  scope.run(() => updateAuditContext(changesOf(found)))
}

function tenantOf({ tenant }: Identity): Identity {
  return tenant === undefined ? {} : { tenant }
}

/** Also where nothing is found, the context is a new one: the facts of the request are written anew. */
function changesOf({ actor, tenant }: Identity): AuditContext {
  const isOpen = getAuditContext().tenant === undefined
  return {
    ...(actor !== undefined && { actor }),
    ...(isOpen && tenant !== undefined && { tenant: tenant.id }),
  }
}

async function writeEvent<Native>(
  parts: ExchangeParts<Native>,
  outcome: HttpOutcome,
  durationMs: number,
): Promise<void> {
  const { request, options, pending, isInner } = parts
  if (isInner || options.recorder === undefined) return
  if (!options.events.isEventful(request.method, pathOf(request.url))) return
  if (!options.events.failures && outcomeOf(outcome.status) !== 'success') return
  const work = recordEvent(parts, outcome, durationMs).catch((error) => report(options, error))
  pending.add(work)
  await work
}

async function recordEvent<Native>(
  parts: ExchangeParts<Native>,
  outcome: HttpOutcome,
  durationMs: number,
): Promise<void> {
  const { request, options, scope } = parts
  // The application's authentication may have run behind us. What it throws now, the handler has already dealt with.
  if (parts.failure === undefined) await identify(parts).catch((error) => report(options, error))
  await scope.run(async () => {
    const { action = 'http.request', actor } = getAuditContext()
    if (actor === undefined && !options.events.anonymous) return
    const place = request.route() ?? redactPath(pathOf(request.url), options.names)
    const body = bodyOf(parts)
    const facts = { action, method: request.method, place, durationMs, body }
    await options.recorder?.().record(describeEvent(facts, outcome))
  })
}

function bodyOf<Native>({ request, options: { body, names } }: ExchangeParts<Native>): unknown {
  if (body === false) return undefined
  return redactBody(request.body(), { maxBytes: body.maxBytes, isSecret: (name) => names.isSecret(name) })
}

function report<Native>({ onError }: ResolvedHttpOptions<Native>, error: unknown): void {
  try {
    onError(error)
  } catch {
    process.emitWarning('onError of the audit of requests has thrown.', {
      type: 'AuditWarning',
      code: 'AUDIT_EVENT_FAILED',
    })
  }
}
