import type { AuditActor, RedactOptions } from '@indelible/core'
import type { ActorResolver } from './actor-resolver.ts'
import type { EventRecorder } from './http-event.ts'
import type { HttpRequest } from './http-request.ts'

/** How requests are audited: the same for every framework. */
export interface HttpAuditOptions<Native = unknown> {
  /**
   * Where the events of requests go: the `audit` of an ORM, or a function that is asked at the first event. Without it requests leave
   * no entry of their own, and what they write still carries their context.
   */
  readonly audit?: EventRecorder | (() => EventRecorder)
  /** Who sent the request: tried in order, the first answer counts. @default none: every request is anonymous */
  readonly actor?: ActorResolver<Native> | readonly ActorResolver<Native>[]
  /**
   * Credentials that are not good (expired, forged): `anonymous` goes on without an actor and notes the reason in
   * `request.authFailure`, `reject` answers 401 before the handler. @default 'anonymous'
   */
  readonly onBadCredentials?: 'anonymous' | 'reject'
  readonly correlation?: CorrelationOptions
  /** To whom the request belongs. Asked again, wherever the resolvers are asked late, while it does not answer. @default none */
  readonly tenant?: TenantResolver<Native>
  /**
   * Whose `x-forwarded-for` is believed: how many proxies stand in front, or their addresses and CIDR ranges.
   * @default 0: nobody's; the address is that of the connection
   */
  readonly trustedProxies?: number | readonly string[]
  readonly request?: RequestFactOptions
  /** Which requests leave an entry of their own; `false`: none. */
  readonly events?: EventOptions | false
  /** Secret names in queries and bodies, as in the options of the ORM. */
  readonly redact?: RedactOptions
  /** Told of each event that could not be written. It never changes the response. @default process.emitWarning */
  readonly onError?: (error: unknown) => unknown
}

/** Where the correlation id comes from and goes to. */
export interface CorrelationOptions {
  /** Request headers that may carry it, the best first. @default traceparent, x-request-id, x-correlation-id */
  readonly headers?: readonly string[]
  /** The response header that tells it; `false`: none. @default 'x-correlation-id' */
  readonly responseHeader?: string | false
  /** Whether a well-formed id of the client is believed; else each request gets a new one. @default true */
  readonly trust?: boolean
}

/** What of a request its entries tell. */
export interface RequestFactOptions {
  /** The query with its secrets masked. @default true */
  readonly query?: boolean
  /** @default true */
  readonly userAgent?: boolean
  /** The parsed body in the event, redacted and at most so long (10,000 bytes, at most 50,000); never streams or binary. @default false */
  readonly body?: false | { readonly maxBytes?: number }
}

/** Which requests leave an entry of their own, op `event`. */
export interface EventOptions {
  /** @default all but GET, HEAD, OPTIONS and TRACE */
  readonly methods?: readonly string[]
  /** Paths without events: `/health` with all below it, or an expression that the path matches. @default none */
  readonly exclude?: readonly (string | RegExp)[]
  /** Whether requests without an actor leave one. @default true */
  readonly anonymous?: boolean
  /** Whether failed and denied requests leave one. @default true */
  readonly failures?: boolean
  /**
   * How many events may wait for the database. Where it is slower than the requests, those beyond are dropped, and each is told to
   * `onError`: memory has an end. @default 10,000
   */
  readonly maxPending?: number
}

/** Tells the tenant of a request: its id, or its id and short name. */
export type TenantResolver<Native = unknown> = (
  request: HttpRequest<Native>,
  actor: AuditActor | undefined,
) => ResolvedTenant | undefined | Promise<ResolvedTenant | undefined>

/** A tenant, as a resolver finds it. */
export type ResolvedTenant = string | { readonly id: string; readonly slug?: string }
