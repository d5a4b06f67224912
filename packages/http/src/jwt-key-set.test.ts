import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HttpRequest } from './http-request.ts'
import { actorFromJwt } from './jwt.ts'
import type { JwtKeySetOptions } from './jwt-key-set.ts'

const [first, second] = [1, 2].map(() => generateKeyPairSync('ec', { namedCurve: 'P-256' }))
if (first === undefined || second === undefined) throw new Error('no keys')

let server: Server
let url: URL
/** What the issuer answers, and how often it was asked. */
let answer: { status: number; body: string | undefined }
let asked = 0

beforeEach(async () => {
  asked = 0
  server = createServer((_, response) => {
    asked += 1
    if (answer.body === undefined) return
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(answer.body)
  }).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`)
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function publish(keys: Readonly<Record<string, KeyObject>>, more: readonly unknown[] = []): void {
  const published = Object.entries(keys).map(([kid, key]) => ({
    ...key.export({ format: 'jwk' }),
    kid,
    use: 'sig',
  }))
  answer = { status: 200, body: JSON.stringify({ keys: [...published, ...more] }) }
}

function sign(key: KeyObject, kid?: string): Promise<string> {
  const header = kid === undefined ? { alg: 'ES256' } : { alg: 'ES256', kid }
  return new SignJWT({ sub: 'u_1' }).setProtectedHeader(header).setExpirationTime('1m').sign(key)
}

function resolver(options: Partial<JwtKeySetOptions> = {}) {
  const resolve = actorFromJwt({ jwks: { url, ...options } })
  return async (token: string) => {
    const request: HttpRequest = {
      method: 'GET',
      url: '/',
      headers: { authorization: `Bearer ${token}` },
      user: () => undefined,
      route: () => undefined,
      body: () => undefined,
      native: undefined,
    }
    return resolve(request)
  }
}

const user = { id: 'u_1', type: 'user', authMethod: 'jwt' }
const unavailable = expect.objectContaining({ code: 'AUDIT_IDENTITY_UNAVAILABLE' })

test('keys are fetched once, at the first token', async () => {
  publish({ a: first.publicKey })
  const resolve = resolver()
  expect(asked).toBe(0)
  const token = await sign(first.privateKey, 'a')
  expect(await Promise.all([resolve(token), resolve(token), resolve(token)])).toEqual([user, user, user])
  expect(await resolve(token)).toEqual(user)
  expect(asked).toBe(1)
})

test('a new key is found when a token names it, an old one counts no more', async () => {
  publish({ a: first.publicKey })
  const resolve = resolver({ cooldown: 0 })
  expect(await resolve(await sign(first.privateKey, 'a'))).toEqual(user)
  publish({ b: second.publicKey })
  expect(await resolve(await sign(second.privateKey, 'b'))).toEqual(user)
  expect(await resolve(await sign(first.privateKey, 'a'))).toEqual({ badCredentials: 'unknown-key' })
  expect(await resolve(await sign(first.privateKey, 'b'))).toEqual({ badCredentials: 'signature' })
})

test('made-up key ids do not make it ask again and again', async () => {
  publish({ a: first.publicKey })
  const resolve = resolver()
  for (let at = 0; at < 20; at += 1) {
    expect(await resolve(await sign(second.privateKey, `made-up-${at}`))).toEqual({
      badCredentials: 'unknown-key',
    })
  }
  expect(asked).toBe(1)
})

test('a token that names no key is tried with each that fits', async () => {
  publish({ a: first.publicKey, b: second.publicKey })
  const resolve = resolver()
  expect(await resolve(await sign(second.privateKey))).toEqual(user)
  const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  expect(await resolve(await sign(stranger.privateKey))).toEqual({ badCredentials: 'signature' })
})

test('a key that is too weak or none at all keeps no other from being used, and its name is nobody’s', async () => {
  const [weak, strong] = [1024, 2048].map((modulusLength) => generateKeyPairSync('rsa', { modulusLength }))
  if (weak === undefined || strong === undefined) throw new Error('no keys')
  const broken = { kty: 'RSA', kid: 'broken', n: '!!', e: 'AQAB' }
  publish({ weak: weak.publicKey, strong: strong.publicKey }, [broken])
  const resolve = resolver()
  const signRsa = (key: KeyObject, kid?: string) =>
    new SignJWT({ sub: 'u_1', exp: 9_999_999_999 })
      .setProtectedHeader({ alg: 'RS256', ...(kid !== undefined && { kid }) })
      .sign(key)
  expect(await resolve(await signRsa(strong.privateKey))).toEqual(user)
  expect(await resolve(await signRsa(strong.privateKey, 'strong'))).toEqual(user)
  for (const kid of ['weak', 'broken']) {
    expect(await resolve(await signRsa(strong.privateKey, kid)), kid).toEqual({
      badCredentials: 'unknown-key',
    })
  }
})

test('a secret among the published keys signs nothing', async () => {
  const k = Buffer.from('a secret that everybody can read, long enough')
  publish({ a: first.publicKey }, [{ kty: 'oct', kid: 's', k: k.toString('base64url') }])
  const token = await new SignJWT({ sub: 'admin', exp: 9_999_999_999 })
    .setProtectedHeader({ alg: 'HS256', kid: 's' })
    .sign(k)
  expect(await resolver()(token)).toEqual({ badCredentials: 'algorithm' })
})

test.each([
  ['an error', { status: 500, body: '{"keys":[]}' }],
  ['nothing found', { status: 404, body: '' }],
  ['another place', { status: 302, body: '' }],
  ['no JSON', { status: 200, body: '<html>' }],
  ['no keys', { status: 200, body: '{"keys":{}}' }],
  ['two megabytes', { status: 200, body: JSON.stringify({ keys: [], filler: 'x'.repeat(2_000_000) }) }],
  ['no answer in time', { status: 200, body: undefined }],
])('where the issuer answers with %s, the server is at fault, not the token', async (_, given) => {
  answer = given
  const resolve = resolver({ timeout: 200 })
  const token = await sign(first.privateKey, 'a')
  const error: unknown = await resolve(token).catch((caught: unknown) => caught)
  expect(error).toEqual(unavailable)
  for (const part of token.split('.')) expect(inspect(error, { depth: 9 })).not.toContain(part)
  publish({ a: first.publicKey })
  expect(await resolve(token)).toEqual(user)
})

test('where nobody listens, the server is at fault', async () => {
  await new Promise((resolve) => server.close(resolve))
  await expect(resolver()(await sign(first.privateKey, 'a'))).rejects.toEqual(unavailable)
  server = createServer().listen(0)
})
