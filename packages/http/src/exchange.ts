import { performance } from 'node:perf_hooks'
import { identify } from './exchange-identity.ts'
import type { ExchangeParts } from './exchange-parts.ts'
import type { HttpOutcome } from './http-event.ts'
import { type HttpExchange, rejectionOf } from './http-exchange.ts'
import { writeEvent } from './write-event.ts'

/** Creates the exchange of a request whose sender has been asked for. */
export function createExchange<Native>(parts: ExchangeParts<Native>): HttpExchange {
  const { correlationId, options, scope, failure, startedAt } = parts
  const { badCredentials } = parts.identity
  let ended: Promise<void> | undefined
  return Object.freeze({
    correlationId,
    responseHeaders: options.responseHeader === false ? {} : { [options.responseHeader]: correlationId },
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
