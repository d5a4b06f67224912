import type { Identity } from './find-actor.ts'
import type { HttpRequest } from './http-request.ts'
import type { KnownExchange } from './known-exchanges.ts'
import type { PendingWork } from './pending-work.ts'
import type { RequestMark, RequestScope } from './request-scope.ts'
import type { ResolvedHttpOptions } from './resolve-http-options.ts'

/** What an exchange is made of. */
export interface ExchangeParts<Native> {
  readonly request: HttpRequest<Native>
  readonly options: ResolvedHttpOptions<Native>
  readonly pending: PendingWork
  readonly scope: RequestScope
  readonly mark: RequestMark
  /** Those of audits that have opened the request before. */
  readonly outer: readonly KnownExchange[]
  readonly correlationId: string
  /** By `performance.now()`. */
  readonly startedAt: number
  /** Known by now; it may be found later. */
  identity: Identity
  /** What a resolver has thrown. */
  failure?: { readonly error: unknown }
}
