import { isIP, isIPv4 } from 'node:net'

/**
 * Reads an IP address as proxies write it: with a port, in brackets, with a zone, an IPv4 address inside of IPv6. Returns it in its
 * one canonical form (RFC 5952), or `undefined` where it is none.
 */
export function tryParseAddress(text: string): string | undefined {
  if (text.length > 100) return undefined
  const bare = withoutPort(text.trim()).replace(/%[\w.-]+$/, '')
  switch (isIP(bare)) {
    case 4:
      return bare
    case 6:
      return canonicalIPv6(bare)
    default:
      return undefined
  }
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text)?.[1]
  if (bracketed !== undefined) return bracketed.includes(':') ? bracketed : ''
  const host = /^([^:]*):\d{1,5}$/.exec(text)?.[1]
  return host !== undefined && isIPv4(host) ? host : text
}

function canonicalIPv6(address: string): string {
  const shortest = new URL(`http://[${address}]/`).hostname.slice(1, -1)
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest) ?? []
  if (high === undefined || low === undefined) return shortest
  return [high, low].flatMap((hex) => bytesOf(Number.parseInt(hex, 16))).join('.')
}

function bytesOf(word: number): readonly number[] {
  return [word >> 8, word & 255]
}
