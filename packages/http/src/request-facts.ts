import { resolveClientAddress } from './client-address.ts'
import type { Identity } from './find-actor.ts'
import type { HttpRequest } from './http-request.ts'
import { redactPath, redactQuery } from './redacted-query.ts'
import { pathOf } from './request-target.ts'
import type { ResolvedHttpOptions } from './resolve-http-options.ts'
import { cutText, maskSecretText } from './secret-text.ts'
import type { TraceParent } from './trace-parent.ts'

/** What {@link createRequestFacts} is given beside the request and the options. */
export interface FactSources {
  /** What is known of the sender by now: it may come later than the facts. */
  readonly identity: () => Identity
  /** Where the request stands in a distributed trace. */
  readonly trace: TraceParent | undefined
}

type FactOptions = Pick<ResolvedHttpOptions<never>, 'userAgent' | 'query' | 'names' | 'trustedProxies'>

const longestUserAgent = 500

/**
 * What entries tell of a request. All but the method are made when an entry is written: a framework knows the route only
 * when it has found it, and most requests write nothing.
 */
export function createRequestFacts(
  request: HttpRequest,
  { userAgent, query, names, trustedProxies }: FactOptions,
  { identity, trace }: FactSources,
): Readonly<Record<string, unknown>> {
  const { method, url, headers, route } = request
  const agent = userAgent ? headers['user-agent'] : undefined
  return {
    method,
    get path() {
      return redactPath(pathOf(url), names)
    },
    // Express has the path in the place of a router's pattern.
    get route() {
      const found = route()
      return found === undefined ? undefined : redactPath(found, names)
    },
    get ip() {
      return resolveClientAddress(request, trustedProxies)
    },
    trace,
    get userAgent() {
      return typeof agent === 'string' ? cutText(maskSecretText(agent, names), longestUserAgent) : undefined
    },
    get query() {
      return query ? redactQuery(url, names) : undefined
    },
    get tenant() {
      return identity().tenant
    },
    // Not `badCredentials`: by its name that would be masked as a secret.
    get authFailure() {
      return identity().badCredentials
    },
  }
}
