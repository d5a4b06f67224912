import { AuditError, getAuditContext, updateAuditContext } from '@indelible/core'
import { identify } from './exchange-identity.ts'
import type { ExchangeParts } from './exchange-parts.ts'
import { describeEvent, type EventRecorder, type HttpOutcome, outcomeOf } from './http-event.ts'
import { redactBody } from './redacted-body.ts'
import { redactPath } from './redacted-query.ts'
import { pathOf } from './request-target.ts'
import type { ResolvedHttpOptions } from './resolve-http-options.ts'

/** Writes the event of a request that has ended, where it is to leave one. Never rejects. */
export async function writeEvent<Native>(
  parts: ExchangeParts<Native>,
  outcome: HttpOutcome,
  durationMs: number,
): Promise<void> {
  const { request, options, pending, mark } = parts
  const { recorder, events } = options
  if (recorder === undefined || mark.hasEvent) return
  if (!events.isEventful(request.method, pathOf(request.url))) return
  if (!events.failures && outcomeOf(outcome.status) !== 'success') return
  mark.hasEvent = true
  if (pending.size() >= events.maxPending) return report(options, tooMany(pending.size()))
  const work = recordEvent(parts, recorder, { outcome, durationMs }).catch((error) => report(options, error))
  pending.add(work)
  await work
}

interface Ended {
  readonly outcome: HttpOutcome
  readonly durationMs: number
}

async function recordEvent<Native>(
  parts: ExchangeParts<Native>,
  recorder: () => EventRecorder,
  { outcome, durationMs }: Ended,
): Promise<void> {
  const { request, options, scope } = parts
  // The application's authentication may have run behind us. What it throws now, the handler has already dealt with.
  if (parts.failure === undefined) await identify(parts).catch((error) => report(options, error))
  await scope.run(async () => {
    // A context is written as it was at its first write, and what was not known then is known now.
    updateAuditContext({})
    const { action = 'http.request', actor } = getAuditContext()
    if (actor === undefined && !options.events.anonymous) return
    const place = redactPath(request.route() ?? pathOf(request.url), options.names)
    const body = bodyOf(parts)
    const facts = { action, method: request.method, place, durationMs, body }
    await recorder().record(describeEvent(facts, outcome))
  })
}

function bodyOf<Native>({ request, options: { body, names } }: ExchangeParts<Native>): unknown {
  if (body === false) return undefined
  return redactBody(request.body(), { maxBytes: body.maxBytes, isSecret: (name) => names.isSecret(name) })
}

function tooMany(waiting: number): AuditError {
  return new AuditError(
    'AUDIT_WRITE_FAILED',
    `The event of a request was dropped: ${waiting} events are waiting for the database (events.maxPending).`,
    { facts: { waiting } },
  )
}

async function report<Native>({ onError }: ResolvedHttpOptions<Native>, error: unknown): Promise<void> {
  try {
    await onError(error)
  } catch {
    process.emitWarning('onError of the audit of requests has thrown.', {
      type: 'AuditWarning',
      code: 'AUDIT_EVENT_FAILED',
    })
  }
}
