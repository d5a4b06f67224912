import type { HttpOutcome } from './http-event.ts'

/** One request from its first header to the end of its response. */
export interface HttpExchange {
  readonly correlationId: string
  /** To be set on the response before the handler runs. */
  readonly responseHeaders: Readonly<Record<string, string>>
  /** The answer to give in place of calling the handler: credentials are not good, and the options say `reject`. */
  readonly rejection?: HttpRejection
  /** What a resolver of ours or the application's threw: to be handed to the framework in place of calling the handler. */
  readonly failure?: { readonly error: unknown }
  /**
   * Runs work so that everything written inside carries the context of this request.
   *
   * @throws what a resolver threw, before any work, where there is a `failure`.
   */
  run<Result>(work: () => Result): Result
  /** Asks the resolvers again for what is not known yet, the actor or the tenant: after sessions and guards. @throws what a resolver throws. */
  identify(): Promise<void>
  /** Writes the event of the request. The first call counts; it never rejects. */
  end(outcome: HttpOutcome): Promise<void>
}

/** The answer to credentials that are not good. */
export interface HttpRejection {
  readonly status: 401
  readonly headers: Readonly<Record<string, string>>
  readonly body: { readonly error: 'unauthorized'; readonly reason: string }
}

/** Makes the answer to bad credentials. RFC 9110, 11.6.1: a 401 names a scheme. */
export function rejectionOf(reason: string): HttpRejection {
  return {
    status: 401,
    headers: { 'content-type': 'application/json; charset=utf-8', 'www-authenticate': 'Bearer' },
    body: { error: 'unauthorized', reason },
  }
}
