import type { PeerCertificate } from 'node:tls'
import { describe, expect, test } from 'vitest'
import { actorFromApiKey } from './actor-from-api-key.ts'
import { actorFromCertificate } from './actor-from-certificate.ts'
import { actorFromHeader } from './actor-from-header.ts'
import { actorFromUser } from './actor-from-user.ts'
import { hashApiKey } from './api-key-list.ts'
import type { HttpRequest } from './http-request.ts'
import { auditRoute } from './next.ts'
import { tenantFromClaim, tenantFromHeader } from './tenant-from.ts'
import { rememberClaims } from './verified-claims.ts'

const request = (parts: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: '/',
  headers: {},
  user: () => undefined,
  route: () => undefined,
  body: () => undefined,
  native: undefined,
  ...parts,
})
const withUser = (user: unknown) => request({ user: () => user })
const withHeaders = (headers: HttpRequest['headers']) => request({ headers })
const refused = (option: string) =>
  expect.objectContaining({ code: 'AUDIT_OPTION_INVALID', facts: { option } })
const names = (id: unknown) => ({ toHexString: () => id })

describe('actorFromUser', () => {
  test.each([
    [{ id: 'u_1', sub: 'x', password: 'hunter2', email: 'a@b' }, 'u_1'],
    [{ sub: 's' }, 's'],
    [{ _id: names('65f0') }, '65f0'],
    [{ userId: 7 }, '7'],
    [{ id: 2n ** 70n }, String(2n ** 70n)],
    [{ id: null, sub: '', userId: 'u' }, 'u'],
    [Object.create({ id: 'inherited, as of a class' }), 'inherited, as of a class'],
  ])('takes the id and nothing else: %o', (user, id) => {
    expect(actorFromUser()(withUser(user))).toEqual({ id, type: 'user', authMethod: 'session' })
  })

  test('without a user, the next resolver is asked', () => {
    expect([undefined, null].map((user) => actorFromUser()(withUser(user)))).toEqual([undefined, undefined])
  })

  test.each([
    {},
    'text',
    true,
    { id: {} },
    { id: 1.5 },
    { id: 'a\nb' },
    { id: 'x'.repeat(257) },
    { id: names(5) },
  ])('a user whom nothing names is said, not passed over: %o', (user) =>
    expect(actorFromUser()(withUser(user))).toEqual({ badCredentials: 'user-without-id' }),
  )

  test('an own function tells the actor, its type and method', () => {
    const resolve = actorFromUser(({ mail }: { mail: string }) =>
      mail === '' ? undefined : { id: mail, type: 'staff', authMethod: 'saml', team: 'a' },
    )
    expect(resolve(withUser({ mail: 'm' }))).toEqual({
      id: 'm',
      type: 'staff',
      authMethod: 'saml',
      team: 'a',
    })
    expect(resolve(withUser({ mail: '' }))).toBeUndefined()
  })
})

describe('actorFromHeader', () => {
  const resolve = actorFromHeader({ name: 'X-User-Id', trusted: true })

  test('takes the id from the header that it was told to trust', () => {
    expect(resolve(withHeaders({ 'x-user-id': ' u_1 ' }))).toEqual({
      id: 'u_1',
      type: 'user',
      authMethod: 'header',
    })
    expect(resolve(withHeaders({ 'x-user': 'u_1' }))).toBeUndefined()
    expect(resolve(withHeaders({ 'x-user-id': '' }))).toBeUndefined()
  })

  test.each([[['admin', 'u_1']], ['admin, u_1'], ['admin,u_1']])('two values name nobody: %j', (value) => {
    expect(resolve(withHeaders({ 'x-user-id': value }))).toEqual({ badCredentials: 'ambiguous' })
  })

  test.each(['a\r\nb', 'a\u0000', 'x'.repeat(257), '\u0085x\u0085y'])('no id: %j', (value) => {
    expect(resolve(withHeaders({ 'x-user-id': value }))).toEqual({ badCredentials: 'malformed' })
  })

  test.each([undefined, false, 'yes', 1])('without trust it is refused at start: %j', (trusted) => {
    const make = () => actorFromHeader({ name: 'x-user-id', trusted: trusted as true })
    expect(make).toThrow(refused('actorFromHeader.trusted'))
  })

  test.each(['', 'a b', 'a:', undefined, 5])('a wrong name is refused at start: %j', (name) => {
    const make = () => actorFromHeader({ name: name as string, trusted: true })
    expect(make).toThrow(refused('actorFromHeader.name'))
  })
})

test.each([
  [() => actorFromHeader({ name: 'x', trusted: true, typ: 'staff' } as never), 'actorFromHeader.typ'],
  [() => actorFromHeader({ name: 'x', trusted: true, type: null } as never), 'actorFromHeader.type'],
  [() => actorFromCertificate({ ids: () => 'a' } as never), 'actorFromCertificate.ids'],
  [() => actorFromCertificate({ id: 'subject' } as never), 'actorFromCertificate.id'],
  [() => actorFromUser('email' as never), 'actorFromUser'],
  [() => auditRoute({ after: true } as never), 'after'],
  [() => auditRoute({ aftr: () => undefined } as never), 'aftr'],
])('a typo or a wrong type is refused at start: %s', (make, option) => {
  expect(make).toThrow(refused(option))
})

describe('actorFromApiKey', () => {
  const key = 'sk_live_0123456789abcdef'
  const keys = { billing: hashApiKey(key), shop: hashApiKey('other').toUpperCase() }

  test('finds the owner of a key in a list of hashes', async () => {
    const resolve = actorFromApiKey({ keys })
    expect(await resolve(withHeaders({ 'x-api-key': key }))).toEqual({
      id: 'billing',
      type: 'service',
      authMethod: 'api-key',
    })
    expect(await resolve(withHeaders({ 'x-api-key': 'other' }))).toMatchObject({ id: 'shop' })
    expect(await resolve(withHeaders({}))).toBeUndefined()
  })

  test.each([
    ['sk_live_0123456789abcdeF', 'unknown-api-key'],
    ['__proto__', 'unknown-api-key'],
    [hashApiKey(key), 'unknown-api-key'],
    [' ', 'malformed'],
    ['x'.repeat(1025), 'malformed'],
    [[key, key], 'ambiguous'],
  ])('%j is no key', async (value, reason) => {
    const resolve = actorFromApiKey({ keys })
    expect(await resolve(withHeaders({ 'x-api-key': value }))).toEqual({ badCredentials: reason })
  })

  test('a function finds it too, and may name type and method', async () => {
    const find = async (given: string) => (given === key ? { id: 5, type: 'bot', plan: 'pro' } : undefined)
    const resolve = actorFromApiKey({ find, header: 'Authorization', scheme: 'ApiKey' })
    expect(await resolve(withHeaders({ authorization: `apikey ${key}` }))).toEqual({
      id: '5',
      type: 'bot',
      plan: 'pro',
      authMethod: 'api-key',
    })
    expect(await resolve(withHeaders({ authorization: `ApiKey wrong` }))).toEqual({
      badCredentials: 'unknown-api-key',
    })
    expect(await resolve(withHeaders({ authorization: `Bearer ${key}` }))).toBeUndefined()
  })

  test('the key stays out of the actor, even where the found row holds it', async () => {
    const find = (given: string) => ({ id: 'a', key: given, row: { deep: [given] }, plan: 'pro' })
    const actor = await actorFromApiKey({ find })(withHeaders({ 'x-api-key': key }))
    expect(actor).toEqual({ id: 'a', plan: 'pro', type: 'service', authMethod: 'api-key' })
    const asId = await actorFromApiKey({ find: (id) => ({ id }) })(withHeaders({ 'x-api-key': key }))
    expect(asId).toEqual({ badCredentials: 'unknown-api-key' })
  })

  test('an error of the search passes through, unless it shows the key', async () => {
    const fail = async (error: unknown) =>
      actorFromApiKey({
        find: () => {
          throw error
        },
      })(withHeaders({ 'x-api-key': key }))
    const down = new Error('database down')
    await expect(fail(down)).rejects.toBe(down)
    const telling = [
      new Error(`no row for ${key}`),
      Object.assign(new Error('no row'), { parameters: [key] }),
      new Error('no row', { cause: new Error(key) }),
      key,
    ]
    for (const error of telling) {
      const seen: unknown = await fail(error).then(undefined, (caught: unknown) => caught)
      expect(seen).toMatchObject({ code: 'AUDIT_IDENTITY_UNAVAILABLE' })
      expect(seen).not.toHaveProperty('cause')
      expect(JSON.stringify([String(seen), seen, (seen as Error).stack])).not.toContain(key)
    }
  })

  test.each([
    [{}, 'actorFromApiKey'],
    [{ find: 5 }, 'actorFromApiKey'],
    [{ keys, find: () => undefined }, 'actorFromApiKey'],
    [{ keys: null }, 'actorFromApiKey'],
    [{ keys: { a: key } }, 'actorFromApiKey.keys'],
    [{ keys: { '': hashApiKey(key) } }, 'actorFromApiKey.keys'],
    [{ keys, header: 'x y' }, 'actorFromApiKey.header'],
    [{ keys, heder: 'x-key' }, 'actorFromApiKey.heder'],
    [{ keys, scheme: '' }, 'actorFromApiKey.scheme'],
    [{ keys, scheme: 'ApiKey ' }, 'actorFromApiKey.scheme'],
    [{ keys, type: 5 }, 'actorFromApiKey.type'],
    [null, 'actorFromApiKey'],
  ])('wrong options are refused at start: %o', (options, option) => {
    const make = () => actorFromApiKey(options as never)
    expect(make).toThrow(refused(option))
    expect(make).not.toThrow(key)
  })
})

describe('actorFromCertificate', () => {
  // One-line bridge: the members of a certificate that are read.
  const certificate = (CN?: unknown) =>
    ({ subject: { CN }, fingerprint256: 'AA:BB', serialNumber: '01' }) as unknown as PeerCertificate
  const resolve = actorFromCertificate()
  const given = (found: unknown) => request({ clientCertificate: () => found as PeerCertificate | undefined })

  test('takes the common name and the fingerprint', () => {
    expect(resolve(given(certificate('billing')))).toEqual({
      id: 'billing',
      type: 'service',
      authMethod: 'certificate',
      fingerprint256: 'AA:BB',
    })
  })

  test('without a certificate the next resolver is asked', () => {
    expect([request(), given(undefined), given({})].map((each) => resolve(each))).toEqual(
      Array(3).fill(undefined),
    )
  })

  test.each([undefined, '', ['admin', 'billing'], 'a\nb'])(
    'a subject without one name names nobody: %j',
    (CN) => {
      expect(resolve(given(certificate(CN)))).toEqual({ badCredentials: 'certificate-without-name' })
    },
  )

  test('an own function tells the id', () => {
    const own = actorFromCertificate({ id: ({ serialNumber }) => serialNumber, type: 'device' })
    expect(own(given(certificate()))).toMatchObject({ id: '01', type: 'device' })
  })
})

describe('tenants', () => {
  const actor = { id: 'a', tenant: 't_field', nested: {} }

  test('from a header', () => {
    const resolve = tenantFromHeader('X-Tenant')
    const found = ['t_1', ['t_1', 't_2'], 't_1, t_2', 'x'.repeat(300), '', undefined].map((value) =>
      resolve(withHeaders({ 'x-tenant': value }), undefined),
    )
    expect(found).toEqual(['t_1', undefined, undefined, undefined, undefined, undefined])
    expect(() => tenantFromHeader('')).toThrow(refused('tenantFromHeader'))
  })

  test('from a field of the actor, and a claim wins over it', () => {
    expect(tenantFromClaim('tenant')(request(), actor)).toBe('t_field')
    const claimed = { ...actor }
    rememberClaims(claimed, { tenant: 't_claim', tid: 5 })
    expect(tenantFromClaim('tenant')(request(), claimed)).toBe('t_claim')
    expect(tenantFromClaim('tid')(request(), claimed)).toBe('5')
  })

  test('nobody, nothing, and nothing inherited', () => {
    expect(tenantFromClaim('tenant')(request(), undefined)).toBeUndefined()
    for (const name of ['nested', 'missing', 'toString', '__proto__', 'constructor']) {
      expect(tenantFromClaim(name)(request(), actor)).toBeUndefined()
    }
  })

  test('claims that were not verified are not believed', () => {
    expect(tenantFromClaim('tenant')(request(), { ...actor, verified: false })).toBeUndefined()
  })
})
