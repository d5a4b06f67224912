import { createHmac, generateKeyPairSync } from 'node:crypto'
import { actorFromHeader, type HttpAuditOptions, tenantFromClaim } from '@indelible/http'
import { actorFromJwt } from '@indelible/http/jwt'
import { SignJWT } from 'jose'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const later = Math.floor(Date.now() / 1000) + 3600

export const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
export const claims = { sub: 'admin', exp: later, iss: 'https://id', aud: 'shop', tid: 'victim' }
export const unsigned = (header: unknown) => `${encode(header)}.${encode(claims)}.`

export function sign(changes: Readonly<Record<string, unknown>> = {}, { privateKey } = rsa): Promise<string> {
  return new SignJWT({ ...claims, sub: 'ada', ...changes })
    .setProtectedHeader({ alg: 'RS256' })
    .sign(privateKey)
}

export const jwt = actorFromJwt({
  publicKey: pem,
  issuer: 'https://id',
  audience: 'shop',
  claims: { email: 'email', groups: 'groups' },
})
export const gateway = actorFromHeader({ name: 'x-user-id', trusted: true })
export const identity: HttpAuditOptions = { actor: [jwt, gateway], tenant: tenantFromClaim('tid') }
export const bearer = (token: string) => ({ authorization: `Bearer ${token}` })

export const forgeries: readonly (readonly [string, string, () => Promise<string> | string])[] = [
  ['alg none', 'algorithm', () => unsigned({ alg: 'none' })],
  ['alg NONE with a signature', 'algorithm', () => `${unsigned({ alg: 'NONE' })}AAAA`],
  [
    'the public key taken for a secret',
    'algorithm',
    () => {
      const text = unsigned({ alg: 'HS256' }).slice(0, -1)
      return `${text}.${createHmac('sha256', pem).update(text).digest('base64url')}`
    },
  ],
  ['the key of a stranger', 'signature', () => sign({ sub: 'admin' }, stranger)],
  [
    'a key inside of the token',
    'signature',
    () =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', jwk: stranger.publicKey.export({ format: 'jwk' }) })
        .sign(stranger.privateKey),
  ],
  [
    'claims of another token',
    'signature',
    async () => (await sign()).replace(/\.[^.]+\./, `.${encode(claims)}.`),
  ],
  ['expired', 'expired', () => sign({ sub: 'admin', exp: later - 7200 })],
  ['not yet valid', 'not-yet-valid', () => sign({ sub: 'admin', nbf: later })],
  ['without expiry', 'no-expiry', () => sign({ sub: 'admin', exp: undefined })],
  ['of another issuer', 'issuer', () => sign({ sub: 'admin', iss: 'https://evil' })],
  ['for another audience', 'audience', () => sign({ sub: 'admin', aud: 'desk' })],
  ['nonsense', 'malformed', () => 'admin'],
]
