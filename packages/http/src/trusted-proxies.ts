import { BlockList, isIP, isIPv6 } from 'node:net'
import { AuditError } from '@indelible/core'
import { tryParseAddress } from './ip-address.ts'

/** Tells of the proxy at this place, counted from us (0 is the other end of the connection), whether its word is believed. */
export type TrustedProxies = (address: string | undefined, place: number) => boolean

/**
 * Compiles the option `trustedProxies`: how many proxies stand in front, or their addresses and CIDR ranges.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` where it is neither.
 */
export function compileTrustedProxies(option: number | readonly string[] = 0): TrustedProxies {
  if (typeof option === 'number') {
    if (!Number.isSafeInteger(option) || option < 0) throw invalid(`not ${option}`)
    return (_, place) => place < option
  }
  if (!Array.isArray(option)) throw invalid('not of another type')
  const list = new BlockList()
  for (const range of option) addRange(list, range)
  return (address) => address !== undefined && list.check(address, familyOf(address))
}

function addRange(list: BlockList, range: unknown): void {
  if (typeof range !== 'string') throw invalid('of texts')
  const [text = '', length, ...rest] = range.split('/')
  const address = isIP(text) === 0 ? undefined : tryParseAddress(text)
  if (address === undefined || rest.length > 0) throw invalid(`and "${range}" is none`)
  if (length === undefined) {
    list.addAddress(address, familyOf(address))
    return
  }
  const bits = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN
  // Addresses are compared as IPv4 where they are, so a range of IPv4 addresses inside of IPv6 would match none.
  if (isIP(text) !== isIP(address) || !(bits <= (isIPv6(address) ? 128 : 32)))
    throw invalid(`and "${range}" is none`)
  list.addSubnet(address, bits, familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4'
}

function invalid(detail: string): AuditError {
  const message = `trustedProxies must be a number of proxies, or a list of addresses and CIDR ranges, ${detail}.`
  return new AuditError('AUDIT_OPTION_INVALID', message, { facts: { option: 'trustedProxies' } })
}
