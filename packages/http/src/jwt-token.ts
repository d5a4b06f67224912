import { AuditError } from '@indelible/core'
import { ambiguous, readCredentialHeader } from './header-value.ts'
import type { HttpRequest } from './http-request.ts'
import { JwtRejection } from './jwt-rejection.ts'

/**
 * Where a token stands: behind `Bearer` in the header `authorization`, in a cookie, or where a function says. The function returns
 * `undefined` where there is none.
 */
export type JwtSource<Native = unknown> =
  | 'authorization'
  | { readonly cookie: string }
  | ((request: HttpRequest<Native>) => string | undefined | Promise<string | undefined>)

/** Finds the token of a request. */
export type FindToken<Native> = (
  request: HttpRequest<Native>,
) => string | undefined | Promise<string | undefined>

/** Makes the search for tokens. @throws AuditError `AUDIT_OPTION_INVALID`. */
export function createTokenSearch<Native>(source: JwtSource<Native> = 'authorization'): FindToken<Native> {
  if (typeof source === 'function') return source
  if (source === 'authorization') return bearerToken
  const name: unknown = source?.cookie
  if (typeof name === 'string' && /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) {
    return (request) => cookieValue(request, name)
  }
  const option = 'actorFromJwt.from'
  throw new AuditError(
    'AUDIT_OPTION_INVALID',
    `${option} must be 'authorization', { cookie } or a function.`,
    {
      facts: { option },
    },
  )
}

// RFC 6750, 2.1; the scheme is compared without case (RFC 9110, 11.1). Other schemes are the next resolver's.
function bearerToken(request: HttpRequest): string | undefined {
  const value = readCredentialHeader(request, 'authorization')
  if (value === ambiguous) throw new JwtRejection('ambiguous')
  if (typeof value !== 'string' || !/^bearer(?: |$)/i.test(value)) return undefined
  return value.slice('bearer'.length).trim()
}

// RFC 6265, 5.4. Of two cookies of one name, one may have been planted from a sibling domain.
function cookieValue({ headers: { cookie = '' } }: HttpRequest, name: string): string | undefined {
  const pairs = (typeof cookie === 'string' ? cookie : cookie.join(';')).split(';')
  const values = pairs.map((pair) => pair.trim()).filter((pair) => pair.startsWith(`${name}=`))
  if (values.length > 1) throw new JwtRejection('ambiguous')
  const value = values[0]?.slice(name.length + 1).replace(/^"(.*)"$/, '$1')
  return value === '' ? undefined : value
}
