import { AuditError } from '@indelible/core'
import type { BadCredentials } from './actor-resolver.ts'
import type { HttpRequest } from './http-request.ts'

/** More than one value of a header that may have one: nobody knows which of them a proxy has checked. */
export const ambiguous: BadCredentials = Object.freeze({ badCredentials: 'ambiguous' })

/** Reads a header that holds credentials; {@link ambiguous} where it came several times. */
export function readCredentialHeader(
  { headers }: Pick<HttpRequest, 'headers'>,
  name: string,
): string | typeof ambiguous | undefined {
  const value = headers[name]
  if (value === undefined || typeof value === 'string') return value || undefined
  if (value.length > 1) return ambiguous
  return value[0] || undefined
}

/** Returns the header name in lower case. @throws AuditError `AUDIT_OPTION_INVALID` where it is none (RFC 9110, 5.6.2). */
export function requireHeaderName(name: unknown, option: string): string {
  if (typeof name === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return name.toLowerCase()
  throw new AuditError('AUDIT_OPTION_INVALID', `${option} must be the name of a header.`, {
    facts: { option },
  })
}
