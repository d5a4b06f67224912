import { createHmac, createSecretKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { createLocalJWKSet, SignJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import type { HttpRequest } from './http-request.ts'
import { type ActorFromJwtOptions, actorFromJwt, actorFromUnverifiedJwt } from './jwt.ts'
import { tenantFromClaim } from './tenant-from.ts'

const secret = 'a secret of the application, long enough'
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const other = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const now = new Date('2026-11-22T10:00:00Z')
const seconds = now.getTime() / 1000

const withHeaders = (headers: HttpRequest['headers']): HttpRequest => ({
  method: 'GET',
  url: '/',
  headers,
  user: () => undefined,
  route: () => undefined,
  body: () => undefined,
  native: undefined,
})
const bearer = (token: string) => withHeaders({ authorization: `Bearer ${token}` })

interface Signing {
  readonly key?: KeyObject
  readonly alg?: string
  readonly header?: Readonly<Record<string, unknown>>
}

const symmetric = createSecretKey(secret, 'utf8')

function sign(
  claims: Readonly<Record<string, unknown>> = {},
  { key = symmetric, alg = 'HS256', header = {} }: Signing = {},
) {
  return new SignJWT({ sub: 'u_1', exp: seconds + 60, ...claims })
    .setProtectedHeader({ ...header, alg })
    .sign(key)
}

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Writes a token by hand, as an attacker does: header, claims, and a signature of any kind. */
function forge(header: unknown, claims: unknown, sign = (_: string) => '') {
  const text = `${base64(header)}.${base64(claims)}`
  return `${text}.${sign(text)}`
}

const resolve = async (token: string, options: Partial<ActorFromJwtOptions> = {}) =>
  actorFromJwt({
    ...(options.key || options.publicKey || options.jwks ? {} : { secret }),
    now: () => now,
    ...options,
  })(bearer(token))

const bad = (reason: string) => ({ badCredentials: reason })
const user = { id: 'u_1', type: 'user', authMethod: 'jwt' }

describe('a good token', () => {
  test.each<[string, Signing, Partial<ActorFromJwtOptions>]>([
    ['secret', {}, {}],
    ['longer HMAC', { alg: 'HS512' }, {}],
    ['PEM', { key: rsa.privateKey, alg: 'RS256' }, { publicKey: pem }],
    ['PSS', { key: rsa.privateKey, alg: 'PS512' }, { publicKey: rsa.publicKey }],
    [
      'EC as JWK',
      { key: ec.privateKey, alg: 'ES256' },
      { publicKey: ec.publicKey.export({ format: 'jwk' }) },
    ],
    ['Ed25519', { key: ed.privateKey, alg: 'EdDSA' }, { publicKey: ed.publicKey }],
    ['Ed25519 by its new name', { key: ed.privateKey, alg: 'Ed25519' }, { publicKey: ed.publicKey }],
    ['a function', { key: ec.privateKey, alg: 'ES256' }, { key: () => ec.publicKey, algorithms: ['ES256'] }],
    ['a function that finds bytes', {}, { key: async () => Buffer.from(secret), algorithms: ['HS256'] }],
  ])('is verified: %s', async (_, signing, options) => {
    expect(await resolve(await sign({}, signing), options)).toEqual(user)
  })

  test('by a CryptoKey, and by a set of keys of jose', async () => {
    const { publicKey, privateKey } = await crypto.subtle.generateKey(
      { name: 'ECDSA', namedCurve: 'P-384' },
      true,
      ['sign', 'verify'],
    )
    const token = await new SignJWT({ sub: 'u_1', exp: seconds + 60 })
      .setProtectedHeader({ alg: 'ES384' })
      .sign(privateKey)
    expect(await resolve(token, { publicKey })).toEqual(user)
    const key = createLocalJWKSet({ keys: [{ ...rsa.publicKey.export({ format: 'jwk' }), kid: 'k1' }] })
    const known = await sign({}, { key: rsa.privateKey, alg: 'RS256', header: { kid: 'k1' } })
    const unknown = await sign({}, { key: rsa.privateKey, alg: 'RS256', header: { kid: 'k2' } })
    expect(await resolve(known, { key, algorithms: ['RS256'] })).toEqual(user)
    expect(await resolve(unknown, { key, algorithms: ['RS256'] })).toEqual(bad('unknown-key'))
  })

  test('issuer, audience and kind are those that are expected', async () => {
    const token = await sign({ iss: 'https://id', aud: ['shop', 'desk'] }, { header: { typ: 'at+jwt' } })
    const options = { issuer: ['https://old', 'https://id'], audience: 'shop', typ: 'at+jwt' }
    expect(await resolve(token, options)).toEqual(user)
  })

  test('clocks may differ as far as told', async () => {
    const [late, early] = [await sign({ exp: seconds - 5 }), await sign({ nbf: seconds + 5 })]
    expect([await resolve(late), await resolve(early)]).toEqual([bad('expired'), bad('not-yet-valid')])
    for (const token of [late, early]) expect(await resolve(token, { clockTolerance: 10 })).toEqual(user)
  })

  test('may be without expiry only where that is said', async () => {
    const token = await sign({ exp: undefined })
    expect(await resolve(token)).toEqual(bad('no-expiry'))
    expect(await resolve(token, { requireExp: false })).toEqual(user)
  })
})

describe('where it stands', () => {
  const from = (source: ActorFromJwtOptions['from'], headers: HttpRequest['headers']) =>
    actorFromJwt({ secret, now: () => now, ...(source && { from: source }) })(withHeaders(headers))

  test('behind Bearer, in any case; other schemes are left to the next resolver', async () => {
    const token = await sign()
    expect(await from(undefined, { authorization: `bearer   ${token}` })).toEqual(user)
    for (const authorization of [undefined, '', 'Basic dTpw', `Bearers ${token}`, token]) {
      expect(await from('authorization', { authorization })).toBeUndefined()
    }
    expect(await from(undefined, { authorization: 'Bearer' })).toEqual(bad('malformed'))
    expect(await from(undefined, { authorization: [`Bearer ${token}`, 'Bearer x'] })).toEqual(
      bad('ambiguous'),
    )
  })

  test('in a cookie; two of one name are not believed', async () => {
    const token = await sign()
    expect(await from({ cookie: 'session' }, { cookie: `a=b; session=${token}; c=d` })).toEqual(user)
    expect(await from({ cookie: 'session' }, { cookie: `session="${token}"` })).toEqual(user)
    expect(await from({ cookie: 'session' }, { cookie: `xsession=${token}; session=` })).toBeUndefined()
    expect(await from({ cookie: 'session' }, { cookie: `session=x; session=${token}` })).toEqual(
      bad('ambiguous'),
    )
    expect(await from({ cookie: 'session' }, { cookie: [`session=x`, `session=${token}`] })).toEqual(
      bad('ambiguous'),
    )
  })

  test('where a function says', async () => {
    const token = await sign()
    expect(await from(({ url }) => (url === '/' ? token : undefined), {})).toEqual(user)
    expect(await from(async () => undefined, {})).toBeUndefined()
    expect(await from((() => 5) as never, {})).toEqual(bad('malformed'))
  })
})

describe('claims', () => {
  test('only what is mapped reaches the actor, and aliases name its type', async () => {
    const token = await sign({
      kind: 'svc',
      email: 'a@b',
      password: 'hunter2',
      realm: { roles: ['a', { b: 1 }, 2] },
    })
    const claims = { id: 'email', type: 'kind', roles: ['realm', 'roles'], none: 'missing' }
    expect(await resolve(token, { claims, types: { svc: 'service' } })).toEqual({
      id: 'a@b',
      type: 'service',
      roles: ['a', 2],
      authMethod: 'jwt',
    })
    expect(await resolve(token, { claims })).toMatchObject({ type: 'svc' })
    expect(await resolve(token, { type: 'customer' })).toMatchObject({ type: 'customer' })
  })

  test('the tenant comes from a verified claim without being a field of the actor', async () => {
    const token = await sign({ tid: 't_1' })
    const actor = await resolve(token)
    expect(actor).toEqual(user)
    expect(tenantFromClaim('tid')(bearer(token), actor as never)).toBe('t_1')
    const unverified = await actorFromUnverifiedJwt({ now: () => now, claims: { tid: 'tid' } })(bearer(token))
    expect(tenantFromClaim('tid')(bearer(token), unverified as never)).toBeUndefined()
  })

  test.each([null, '', {}, [], true, 1.5, 'a\nb', 'x'.repeat(257)])(
    'an id that names nobody: %j',
    async (sub) => {
      expect(await resolve(await sign({ sub }))).toEqual(bad('claims'))
    },
  )

  test('are kept within a size, and an id is never cut', async () => {
    const token = await sign({
      sub: '7'.repeat(256),
      name: 'n'.repeat(5000),
      groups: Array(500).fill('g'),
      deep: { a: 1 },
    })
    const actor = await resolve(token, { claims: { name: 'name', groups: 'groups', deep: 'deep' } })
    expect(actor).toMatchObject({ id: '7'.repeat(256), name: expect.stringMatching(/^n{255}…$/) })
    expect(actor).toHaveProperty('groups.length', 32)
    expect(actor).not.toHaveProperty('deep')
  })

  test('are those of the token only, whatever another package has planted in every object', async () => {
    const token = await sign({ realm: {} })
    Object.defineProperty(Object.prototype, 'planted', { value: 'x', configurable: true })
    try {
      const claims = { plain: 'planted', deep: ['realm', 'planted'] }
      expect(await resolve(token, { claims })).toEqual(user)
      expect(await resolve(token, { claims: { id: 'planted' } })).toEqual(bad('claims'))
    } finally {
      Reflect.deleteProperty(Object.prototype, 'planted')
    }
  })

  test('cannot reach a prototype, nor say who has verified them', async () => {
    const text =
      '{"sub":"u_1","__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}},"realm":{},"verified":true,"authMethod":"mfa"}'
    const payload = JSON.parse(text)
    const token = forge({ alg: 'HS256' }, { ...payload, exp: seconds + 60 }, hmac(secret))
    const claims = {
      inherited: ['realm', '__proto__', 'constructor', 'name'],
      made: 'constructor',
      isAdmin: 'isAdmin',
      text: ['sub', 'length'],
    }
    expect(await resolve(token, { claims })).toEqual(user)
    const own = forge(
      { alg: 'HS256' },
      JSON.parse(`{"__proto__":{"sub":"root"},"exp":${seconds + 60}}`),
      hmac(secret),
    )
    expect(await resolve(own)).toEqual(bad('claims'))
    expect({}).not.toHaveProperty('isAdmin')
  })
})

function hmac(key: string | Buffer, hash = 'sha256') {
  return (text: string) => createHmac(hash, key).update(text).digest('base64url')
}

describe('an attack', () => {
  const claims = { sub: 'admin', exp: seconds + 60 }
  const publicKey = pem

  test.each(['none', 'None', 'NONE', 'nOnE', '', 'hs256', 'HS1', 5, null, ['HS256'], { toString: 'HS256' }])(
    'alg %j is not believed, signed or not',
    async (alg) => {
      for (const token of [forge({ alg }, claims), forge({ alg }, claims, hmac(secret))]) {
        expect(await resolve(token)).toEqual(
          bad(typeof alg === 'string' && alg !== '' ? 'algorithm' : 'malformed'),
        )
        expect(await resolve(token, { publicKey })).toHaveProperty('badCredentials')
      }
    },
  )

  test('a public key taken for a secret signs nothing', async () => {
    const der = rsa.publicKey.export({ type: 'spki', format: 'der' })
    const jwk = JSON.stringify(rsa.publicKey.export({ format: 'jwk' }))
    for (const material of [pem, pem.trim(), der, jwk]) {
      const token = forge({ alg: 'HS256' }, claims, hmac(material))
      expect(await resolve(token, { publicKey })).toEqual(bad('algorithm'))
      expect(await resolve(token, { key: () => rsa.publicKey, algorithms: ['RS256'] })).toEqual(
        bad('algorithm'),
      )
      expect(await resolve(token, { key: () => pem, algorithms: ['HS256'] })).toEqual(bad('algorithm'))
    }
    expect(() => actorFromJwt({ secret: pem })).toThrow(
      expect.objectContaining({ code: 'AUDIT_OPTION_INVALID' }),
    )
  })

  test('a key in the token itself is not used', async () => {
    const jwk = other.publicKey.export({ format: 'jwk' })
    const header = {
      jwk,
      jku: 'http://127.0.0.1:1/',
      x5u: 'http://127.0.0.1:1/',
      x5c: ['MII='],
      kid: '../../dev/null',
    }
    const token = await sign({ sub: 'admin' }, { key: other.privateKey, alg: 'RS256', header })
    expect(await resolve(token, { publicKey })).toEqual(bad('signature'))
  })

  test('the key of another, another secret, or no signature', async () => {
    const wrong = await sign({}, { key: other.privateKey, alg: 'RS256' })
    expect(await resolve(wrong, { publicKey })).toEqual(bad('signature'))
    expect(await resolve(forge({ alg: 'HS256' }, claims, hmac('another')))).toEqual(bad('signature'))
    expect(await resolve(forge({ alg: 'HS256' }, claims))).toEqual(bad('signature'))
    const [header, , signature] = (await sign()).split('.')
    expect(await resolve(`${header}.${base64(claims)}.${signature}`)).toEqual(bad('signature'))
  })

  test('an algorithm that the key does not have is no error of the server', async () => {
    const byCurve = await sign({}, { key: ec.privateKey, alg: 'ES256' })
    expect(await resolve(byCurve, { publicKey })).toEqual(bad('algorithm'))
    const key = () => rsa.publicKey
    expect(await resolve(byCurve, { key, algorithms: ['RS256', 'ES256'] })).toEqual(bad('algorithm'))
  })

  test('an encrypted token, extensions, keys with strange names', async () => {
    expect(await resolve('a.b.c.d.e')).toEqual(bad('encrypted'))
    for (const header of [
      { crit: ['x'], x: 1 },
      { crit: ['b64'], b64: false },
      { kid: 5 },
      { kid: 'k'.repeat(257) },
    ]) {
      expect(await resolve(forge({ alg: 'HS256', ...header }, claims, hmac(secret)))).toEqual(
        bad('malformed'),
      )
    }
  })

  test('a token of a megabyte is not looked at', async () => {
    const started = performance.now()
    expect(await resolve(await sign({ filler: 'x'.repeat(1_000_000) }))).toEqual(bad('too-large'))
    expect(await resolve('.'.repeat(1_000_000))).toEqual(bad('too-large'))
    expect(performance.now() - started).toBeLessThan(1000)
  })

  test.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['expired', { exp: seconds }, 'expired'],
    ['not yet valid', { nbf: seconds + 1 }, 'not-yet-valid'],
    ['expiry as a text', { exp: '9999999999' }, 'claims'],
    ['another issuer', { iss: 'https://evil' }, 'issuer'],
    ['issuers', { iss: ['https://id'] }, 'issuer'],
    ['another audience', { aud: 'desk' }, 'audience'],
    ['no audience', { aud: undefined }, 'audience'],
  ])('%s', async (_, change, reason) => {
    const token = await sign({ iss: 'https://id', aud: 'shop', ...change })
    expect(await resolve(token, { issuer: 'https://id', audience: 'shop' })).toEqual(bad(reason))
  })

  test.each([
    '',
    '.',
    '..',
    'a.b.c',
    'null',
    `${base64({})}.${base64({})}.`,
    '\u0000.\u0000.\u0000',
    'é.é.é',
    '🙂.🙂.🙂',
  ])('nonsense is no error of the server: %j', async (token) =>
    expect(await resolve(token)).toEqual(bad('malformed')),
  )

  test('whatever is changed in a token, it does not count, and is no error of the server (property)', async () => {
    const good = await sign({}, { key: ed.privateKey, alg: 'EdDSA', header: { kid: 'k' } })
    const change = fc.record({
      at: fc.nat(good.length - 1),
      to: fc.oneof(fc.string(), fc.constantFrom('.', '=', 'A', '')),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ at, to }) => {
        const changed = good.slice(0, at) + to + good.slice(at + 1)
        const answer = await resolve(changed, { publicKey: ed.publicKey })
        // What decodes to the same bytes is the same token: spaces around it, unused bits at the end of a part.
        if (JSON.stringify(answer) === JSON.stringify(user)) expect(bytesOf(changed)).toEqual(bytesOf(good))
        else expect(answer).toEqual(bad(expect.any(String) as unknown as string))
      }),
      { numRuns: 300 },
    )
  })
})

function bytesOf(token: string): readonly Buffer[] {
  return token
    .trim()
    .split('.')
    .map((part) => Buffer.from(part, 'base64url'))
}

describe('a token that nobody has verified', () => {
  const read = (token: string) => actorFromUnverifiedJwt({ now: () => now })(bearer(token))

  test('is read, and every entry says what it is worth', async () => {
    for (const token of [
      await sign(),
      forge({ alg: 'none' }, { sub: 'u_1' }),
      forge({ alg: 'HS256' }, { sub: 'u_1' }),
    ]) {
      expect(await read(token)).toEqual({ ...user, authMethod: 'unverified-jwt', verified: false })
    }
  })

  test('counts only in its time, with an id, in three parts', async () => {
    expect(await read(await sign({ exp: seconds }))).toEqual(bad('expired'))
    expect(await read(await sign({ nbf: seconds + 9 }))).toEqual(bad('not-yet-valid'))
    expect(await read(forge({}, { sub: 'u', exp: 'soon' }))).toEqual(bad('claims'))
    expect(await read(forge({}, {}))).toEqual(bad('claims'))
    expect(await read(forge({}, 'text'))).toEqual(bad('malformed'))
    expect(await read('a.b.c')).toEqual(bad('malformed'))
    expect(await read('a.b.c.d.e')).toEqual(bad('encrypted'))
    expect(await read(`a.${'b'.repeat(20_000)}.c`)).toEqual(bad('too-large'))
  })
})

describe('options', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
  test.each<[string, unknown, string]>([
    ['no key', {}, ''],
    ['two keys', { secret, publicKey: pem }, ''],
    ['a short secret', { secret: 'hunter2' }, '.secret'],
    ['a public key as secret', { secret: pem }, '.secret'],
    ['a public key object as secret', { secret: rsa.publicKey }, '.secret'],
    ['a secret as public key', { publicKey: secret }, '.publicKey'],
    ['a private key', { publicKey: rsa.privateKey }, '.publicKey'],
    ['a private PEM', { publicKey: rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }) }, '.publicKey'],
    ['a private JWK', { publicKey: rsa.privateKey.export({ format: 'jwk' }) }, '.publicKey'],
    ['a weak key', { publicKey: weak.publicKey }, '.publicKey'],
    ['none', { secret, algorithms: ['none'] }, '.algorithms'],
    ['none beside others', { secret, algorithms: ['HS256', 'none'] }, '.algorithms'],
    ['mixed', { key: () => undefined, algorithms: ['HS256', 'RS256'] }, '.algorithms'],
    ['by secret for a public key', { publicKey: pem, algorithms: ['HS256'] }, '.algorithms'],
    ['no algorithms', { secret, algorithms: [] }, '.algorithms'],
    ['a function without algorithms', { key: () => undefined }, '.algorithms'],
    ['a key that is no function', { key: pem, algorithms: ['RS256'] }, '.key'],
    ['a text as address of keys', { jwks: 'https://id/jwks' }, '.jwks'],
    ['plain http', { jwks: new URL('http://id.example/jwks') }, '.jwks'],
    ['a file', { jwks: new URL('file:///etc/jwks') }, '.jwks'],
    ['a password in the address', { jwks: new URL('https://u:hunter2@id.example/') }, '.jwks'],
    ['a wrong time', { jwks: { url: new URL('https://id'), maxAge: -1 } }, '.jwks.maxAge'],
    ['a typo in a key set', { jwks: { url: new URL('https://id'), maxage: 5 } }, '.jwks.maxage'],
    ['a typo', { secret, audiance: 'shop' }, '.audiance'],
    ['a text as switch', { secret, requireExp: 'no' }, '.requireExp'],
    ['a date as clock', { secret, now: new Date() }, '.now'],
    ['no types', { secret, types: { svc: 5 } }, '.types.svc'],
    ['an empty type', { secret, type: '' }, '.type'],
    [
      'a secret algorithm for published keys',
      { jwks: new URL('https://id'), algorithms: ['HS256'] },
      '.algorithms',
    ],
    ['an empty issuer', { secret, issuer: '' }, '.issuer'],
    ['no audiences', { secret, audience: [] }, '.audience'],
    ['a negative tolerance', { secret, clockTolerance: -1 }, '.clockTolerance'],
    ['a field of ours', { secret, claims: { verified: 'v' } }, '.claims'],
    ['a field of ours', { secret, claims: { authMethod: 'amr' } }, '.claims'],
    ['no claim', { secret, claims: { id: '' } }, '.claims'],
    ['no way', { secret, claims: { id: [] } }, '.claims'],
    ['an unknown place', { secret, from: 'query' }, '.from'],
    ['a wrong cookie', { secret, from: { cookie: 'a b' } }, '.from'],
  ])('%s is refused at start', (_, options, option) => {
    const make = () => actorFromJwt(options as never)
    const facts = { option: `actorFromJwt${option}` }
    expect(make).toThrow(expect.objectContaining({ code: 'AUDIT_OPTION_INVALID', facts }))
    expect(make).not.toThrow(/hunter2|PRIVATE|a secret of/)
  })
})

test('a typo is refused for unverified tokens too', () => {
  const make = () => actorFromUnverifiedJwt({ clockTolerence: 5 } as never)
  expect(make).toThrow(
    expect.objectContaining({
      code: 'AUDIT_OPTION_INVALID',
      facts: { option: 'actorFromUnverifiedJwt.clockTolerence' },
    }),
  )
})

test('an error of the key function is one of the server, and shows no token', async () => {
  const token = await sign({}, { key: ed.privateKey, alg: 'EdDSA', header: { kid: 'k1' } })
  const down = new Error('vault is down')
  const failing = resolve(token, {
    key: () => {
      throw down
    },
    algorithms: ['EdDSA'],
  })
  const error: unknown = await failing.catch((caught: unknown) => caught)
  expect(error).toMatchObject({ code: 'AUDIT_IDENTITY_UNAVAILABLE', cause: down })
  for (const part of token.split('.'))
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(part)
  expect(await resolve(token, { key: () => undefined, algorithms: ['EdDSA'] })).toEqual(bad('unknown-key'))
  const short = resolve(await sign(), { key: () => randomBytes(8), algorithms: ['HS256'] })
  await expect(short).rejects.toMatchObject({ code: 'AUDIT_OPTION_INVALID' })
})
