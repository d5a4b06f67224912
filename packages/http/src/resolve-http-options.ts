import { AuditError, createRedaction, type Environment, readEnvironment } from '@indelible/core'
import type { ActorResolver } from './actor-resolver.ts'
import type { EventOptions, HttpAuditOptions, TenantResolver } from './http-audit-options.ts'
import type { EventRecorder } from './http-event.ts'
import type { SecretNames } from './secret-text.ts'
import { compileTrustedProxies, type TrustedProxies } from './trusted-proxies.ts'
import { requireValidOptions } from './valid-options.ts'

/** Options with their defaults. */
export interface ResolvedHttpOptions<Native> {
  /** Absent where requests leave no events. */
  readonly recorder?: () => EventRecorder
  readonly resolvers: readonly ActorResolver<Native>[]
  readonly rejectsBadCredentials: boolean
  readonly correlation: { readonly headers: readonly string[]; readonly trust: boolean }
  readonly responseHeader: string | false
  readonly tenant?: TenantResolver<Native>
  readonly trustedProxies: TrustedProxies
  readonly query: boolean
  readonly userAgent: boolean
  /** The longest body that events tell; `false`: none. */
  readonly body: false | { readonly maxBytes: number }
  readonly events: ResolvedEventOptions
  readonly names: SecretNames
  readonly onError: (error: unknown) => void
}

/** Which requests leave events. */
export interface ResolvedEventOptions {
  /** Told by method and path, before the request is handled. */
  readonly isEventful: (method: string, path: string) => boolean
  readonly anonymous: boolean
  readonly failures: boolean
  /** How many events may wait for the database. */
  readonly maxPending: number
}

const harmlessMethods = ['GET', 'HEAD', 'OPTIONS', 'TRACE']
const correlationHeaders = ['traceparent', 'x-request-id', 'x-correlation-id']
const bodyBytes = 10_000

/**
 * Checks options once, at start-up, and fills in what the environment says (`INDELIBLE_HTTP_…`), then the defaults.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option or the variable.
 */
export function resolveHttpOptions<Native>(
  options: HttpAuditOptions<Native>,
  env: Environment = process.env,
): ResolvedHttpOptions<Native> {
  requireValidOptions(options)
  const set = readEnvironment('http', env)
  const { audit, tenant, correlation = {}, request = {}, events = set.events ?? {} } = options
  const { onBadCredentials = set.onBadCredentials, trustedProxies = set.trustedProxies } = options
  const { body = false } = request
  return {
    ...(audit !== undefined && events !== false && { recorder: recorderOf(audit) }),
    ...(tenant !== undefined && { tenant }),
    resolvers: typeof options.actor === 'function' ? [options.actor] : (options.actor ?? []),
    rejectsBadCredentials: onBadCredentials === 'reject',
    correlation: {
      headers: (correlation.headers ?? correlationHeaders).map((name) => name.toLowerCase()),
      trust: correlation.trust ?? true,
    },
    responseHeader: headerOf(correlation.responseHeader),
    trustedProxies: compileTrustedProxies(trustedProxies),
    query: request.query ?? true,
    userAgent: request.userAgent ?? true,
    body: body === false ? false : { maxBytes: body.maxBytes ?? bodyBytes },
    events: resolveEvents(typeof events === 'object' ? events : {}),
    names: createRedaction(options.redact),
    onError: options.onError ?? warn,
  }
}

function headerOf(name: string | false = 'x-correlation-id'): string | false {
  return name === false ? false : name.toLowerCase()
}

function recorderOf(audit: EventRecorder | (() => EventRecorder)): () => EventRecorder {
  return typeof audit === 'function' ? audit : () => audit
}

function resolveEvents({
  methods,
  exclude = [],
  anonymous = true,
  failures = true,
  maxPending = 10_000,
}: EventOptions): ResolvedEventOptions {
  const chosen = methods?.map((method) => method.toUpperCase())
  const hasEvents = (method: string) => chosen?.includes(method) ?? !harmlessMethods.includes(method)
  const isCovered = (path: string) => exclude.some((pattern) => covers(pattern, path))
  const isExcluded = (path: string) => isCovered(path) && isCovered(withoutDots(path))
  return {
    isEventful: (method, path) => hasEvents(method.toUpperCase()) && !isExcluded(path),
    anonymous,
    failures,
    maxPending,
  }
}

// Where a handler looks for its route in a `URL`, `/health/../orders` is a request for orders.
function withoutDots(path: string): string {
  return path.startsWith('/') ? new URL(`http://path${path}`).pathname : path
}

// `search` ignores the state that `test` leaves in an expression with the flag g.
function covers(pattern: string | RegExp, path: string): boolean {
  if (typeof pattern !== 'string') return path.search(pattern) >= 0
  const root = pattern.endsWith('/') ? pattern : `${pattern}/`
  return path === pattern || path.startsWith(root)
}

function warn(error: unknown): void {
  const code = error instanceof AuditError ? error.code : 'unknown'
  process.emitWarning(
    `The event of a request could not be written (${code}); give onError to see the error.`,
    {
      type: 'AuditWarning',
      code: 'AUDIT_EVENT_FAILED',
    },
  )
}
