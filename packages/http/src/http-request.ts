import type { PeerCertificate } from 'node:tls'

/** A request as every framework can tell it. A skin makes one; resolvers of actors and tenants read it. */
export interface HttpRequest<Native = unknown> {
  readonly method: string
  /** The target as it was received: path and query. */
  readonly url: string
  /** By lower-case name; a header that came several times has several values. Use {@link tryGetHeader}. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>
  /** The address at the other end of the connection: of a proxy, where there is one. */
  readonly remoteAddress?: string
  /** The certificate that the client proved to own, where TLS asked for one and accepted it. */
  readonly clientCertificate?: () => PeerCertificate | undefined
  /** What the application's authentication left on the request (`req.user`, `ctx.state.user`); read when it is asked for. */
  readonly user: () => unknown
  /** The pattern of the matched route, such as `/orders/:id`, as soon as the framework knows it. */
  readonly route: () => string | undefined
  /** The body as the application's parser left it, if it has. */
  readonly body: () => unknown
  /** The framework's own request. */
  readonly native: Native
}

/** Returns a header, or `undefined` where it is missing or came more than once: then it is not known which one is true. */
export function tryGetHeader({ headers }: Pick<HttpRequest, 'headers'>, name: string): string | undefined {
  const value = headers[name.toLowerCase()]
  return typeof value === 'string' ? value : undefined
}
