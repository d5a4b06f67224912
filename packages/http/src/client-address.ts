import type { HttpRequest } from './http-request.ts'
import { tryParseAddress } from './ip-address.ts'
import { compileTrustedProxies, type TrustedProxies } from './trusted-proxies.ts'

/**
 * Finds the address that sent a request. `x-forwarded-for` is read from the right, where our own proxies write, as far as the
 * one that tells it is trusted; what stands further left anyone can write. An entry that is no address ends the walk at the last good one.
 *
 * @param trustedProxies as compiled at start-up by `compileTrustedProxies`, or the option itself.
 */
export function resolveClientAddress(
  { headers, remoteAddress }: Pick<HttpRequest, 'headers' | 'remoteAddress'>,
  trustedProxies: TrustedProxies | number | readonly string[] = 0,
): string | undefined {
  const isTrusted =
    typeof trustedProxies === 'function' ? trustedProxies : compileTrustedProxies(trustedProxies)
  // A connection over a Unix socket has no address, and only a number of proxies can vouch for it.
  let client = remoteAddress === undefined ? undefined : (tryParseAddress(remoteAddress) ?? remoteAddress)
  for (const [place, entry] of forwardedBy(headers).entries()) {
    if (!isTrusted(client, place)) break
    const address = tryParseAddress(entry)
    if (address === undefined) break
    client = address
  }
  return client
}

/** The entries of `x-forwarded-for`, the nearest proxy's first; a header that came several times is one list (RFC 9110, 5.3). */
function forwardedBy(headers: HttpRequest['headers']): readonly string[] {
  const value = headers['x-forwarded-for']
  if (value === undefined) return []
  return (typeof value === 'string' ? value : value.join(',')).split(',').reverse()
}
