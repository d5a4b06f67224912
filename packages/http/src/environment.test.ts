import { AuditError } from '@indelible/core'
import { SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import { createHttpAudit } from './http-audit.ts'
import type { HttpAuditOptions } from './http-audit-options.ts'
import type { HttpRequest } from './http-request.ts'
import { actorFromJwt } from './jwt.ts'
import { resolveHttpOptions } from './resolve-http-options.ts'

const audit = { record: () => Promise.resolve() }

function requestWith(headers: HttpRequest['headers']): HttpRequest {
  const nothing = () => undefined
  return { method: 'POST', url: '/', headers, user: nothing, route: nothing, body: nothing, native: {} }
}

describe('INDELIBLE_HTTP_…', () => {
  const env = {
    INDELIBLE_HTTP_TRUSTED_PROXIES: '10.0.0.0/8',
    INDELIBLE_HTTP_ON_BAD_CREDENTIALS: 'reject',
    INDELIBLE_HTTP_EVENTS: 'off',
  }
  const settle = (options: HttpAuditOptions, set: Readonly<Record<string, string>> = env) => {
    const { recorder, rejectsBadCredentials, trustedProxies } = resolveHttpOptions(options, set)
    return [recorder !== undefined, rejectsBadCredentials, trustedProxies('10.1.1.1', 0)]
  }

  test('sets what the options leave open', () => {
    expect(settle({ audit }, {})).toEqual([true, false, false])
    expect(settle({ audit })).toEqual([false, true, true])
    expect(settle({ audit }, { INDELIBLE_HTTP_EVENTS: 'on' })).toEqual([true, false, false])
    expect(settle({}, { INDELIBLE_HTTP_EVENTS: 'on' })).toEqual([false, false, false])
  })

  test('gives way to options', () => {
    const options = { audit, events: {}, onBadCredentials: 'anonymous', trustedProxies: 0 } as const
    expect(settle(options)).toEqual([true, false, false])
    expect(settle({ audit, events: false }, { INDELIBLE_HTTP_EVENTS: 'on' })).toEqual([false, false, false])
  })

  test('is refused at the start where it is wrong, by name', () => {
    for (const [name, value] of [
      ['INDELIBLE_HTTP_EVENT', 'off'],
      ['INDELIBLE_HTTP_EVENTS', 'perhaps'],
      ['INDELIBLE_HTTP_TRUSTED_PROXIES', '10.0.0.0/99'],
      ['INDELIBLE_HTTP_TRUSTED_PROXIES', 'loopback'],
      ['INDELIBLE_HTTP_TRUSTED_PROXIES', ' 1'],
    ] as const) {
      const start = () => createHttpAudit({}, { [name]: value })
      expect(start).toThrow(AuditError)
      expect(start).toThrow(name)
    }
  })
})

describe('INDELIBLE_JWT_…', () => {
  const secret = 'a secret of thirty-two bytes or more'
  const env = { INDELIBLE_JWT_ISSUER: 'https://id', INDELIBLE_JWT_AUDIENCE: 'shop, desk' }

  async function tokenOf(claims: Readonly<Record<string, string>>): Promise<HttpRequest> {
    const jwt = new SignJWT({ sub: 'ada', ...claims }).setProtectedHeader({ alg: 'HS256' })
    const token = await jwt.setExpirationTime('1h').sign(Buffer.from(secret))
    return requestWith({ authorization: `Bearer ${token}` })
  }

  test('sets issuer and audience that the options leave open', async () => {
    const resolve = actorFromJwt({ secret }, env)
    expect(await resolve(await tokenOf({ iss: 'https://id', aud: 'desk' }))).toMatchObject({ id: 'ada' })
    expect(await resolve(await tokenOf({ iss: 'https://evil', aud: 'desk' }))).toEqual({
      badCredentials: 'issuer',
    })
    expect(await resolve(await tokenOf({ iss: 'https://id', aud: 'else' }))).toEqual({
      badCredentials: 'audience',
    })
  })

  test('gives way to options, and an option that is undefined is left open', async () => {
    const other = await tokenOf({ iss: 'https://other', aud: 'desk' })
    expect(await actorFromJwt({ secret, issuer: 'https://other' }, env)(other)).toMatchObject({ id: 'ada' })
    const open = { secret, issuer: undefined } as unknown as { readonly secret: string }
    expect(await actorFromJwt(open, env)(other)).toEqual({ badCredentials: 'issuer' })
  })

  test('sets the key set where the options name no key', async () => {
    const jwks = { INDELIBLE_JWT_JWKS_URL: 'https://id.example.com/jwks.json' }
    expect(() => actorFromJwt({}, {})).toThrow('needs exactly one of secret, publicKey, jwks and key')
    // The keys are fetched when the first token of the right algorithm comes.
    const resolve = actorFromJwt({}, jwks)
    expect(await resolve(await tokenOf({}))).toEqual({ badCredentials: 'algorithm' })
    const own = actorFromJwt({ secret }, jwks)
    expect(await own(await tokenOf({}))).toMatchObject({ id: 'ada' })
  })

  test('is refused at the start where it is wrong', () => {
    expect(() => actorFromJwt({ secret }, { INDELIBLE_JWT_ISUER: 'https://id' })).toThrow(
      'INDELIBLE_JWT_ISUER',
    )
    const insecure = { INDELIBLE_JWT_JWKS_URL: 'http://id.example.com/jwks.json' }
    expect(() => actorFromJwt({}, insecure)).toThrow(/INDELIBLE_JWT_JWKS_URL must be .*https/)
  })
})
