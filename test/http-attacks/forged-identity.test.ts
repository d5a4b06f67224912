import { once } from 'node:events'
import net from 'node:net'
import { actorFromApiKey, type HttpAuditOptions, hashApiKey, tenantFromClaim } from '@indelible/http'
import { actorFromJwt, actorFromUnverifiedJwt } from '@indelible/http/jwt'
import { describe, expect, test } from 'vitest'
import { readAll } from '../http/suite/client.ts'
import { useShop } from '../http/suite/shop.ts'
import { attack, withShop } from './support/attacked-shop.ts'
import {
  bearer,
  claims,
  encode,
  forgeries,
  gateway,
  identity,
  jwt,
  pem,
  sign,
  unsigned,
} from './support/forgeries.ts'

const place = useShop()
const shop = () => place.shop
describe('a forged token', () => {
  test.for(forgeries)('%s names nobody, and no header is asked in its place', async ([, reason, make]) => {
    const headers = { ...bearer(await make()), 'x-user-id': 'admin' }
    const { status, entries } = await attack(shop, identity, { headers })
    expect(status).toBe(201)
    expect(entries.map(({ op }) => op)).toEqual(['insert', 'event'])
    for (const { actorId, actorType, tenant, context } of entries) {
      expect([actorId, actorType, tenant]).toEqual([null, null, null])
      expect(context).not.toHaveProperty('actor')
      expect(context).toMatchObject({ request: { authFailure: reason } })
      expect(JSON.stringify(context)).not.toMatch(/admin|victim/)
    }
  })

  test.for(forgeries)('%s is refused before the handler where the options say so', async ([, , make]) => {
    const options = { ...identity, onBadCredentials: 'reject' } as const
    const { status, entries } = await attack(shop, options, { headers: bearer(await make()) })
    expect(status).toBe(401)
    expect(entries.map(({ op, actorId }) => [op, actorId])).toEqual([['event', null]])
  })

  test('a good one passes beside them', async () => {
    const { entries } = await attack(shop, identity, { headers: bearer(await sign()) })
    expect(entries).toHaveLength(2)
    for (const { actorId, tenant, context } of entries) {
      expect([actorId, tenant]).toEqual(['ada', 'victim'])
      expect(context).toMatchObject({ actor: { id: 'ada', authMethod: 'jwt' } })
    }
  })
})

test('huge claims that are well signed are recorded within a size', async () => {
  const token = await sign({
    email: 'e'.repeat(6000),
    groups: Array(1000).fill('g'),
    filler: 'f'.repeat(1000),
  })
  const { entries } = await attack(shop, identity, { headers: bearer(token) })
  expect(entries).toHaveLength(2)
  for (const { actorId, context } of entries) {
    expect(actorId).toBe('ada')
    expect(JSON.stringify(context).length).toBeLessThan(1000)
  }
})

test('a token of a megabyte names nobody, however it comes', async () => {
  const token = `${unsigned({ alg: 'RS256' })}${'A'.repeat(1_000_000)}`
  const actor = actorFromJwt({ publicKey: pem, from: () => token })
  const { entries } = await attack(shop, { actor }, {})
  expect(entries.map(({ actorId }) => actorId)).toEqual([null, null])
  expect(entries[0]?.context).toMatchObject({ request: { authFailure: 'too-large' } })
})

test('an unverified token is recorded as what it is, and its tenant is not believed', async () => {
  const actor = actorFromUnverifiedJwt({ claims: { claimed: 'verified' } })
  const token = `${encode({ alg: 'none' })}.${encode({ ...claims, verified: true, authMethod: 'jwt' })}.`
  const { entries } = await attack(
    shop,
    { actor, tenant: tenantFromClaim('tid') },
    { headers: bearer(token) },
  )
  expect(entries).toHaveLength(2)
  for (const { tenant, context } of entries) {
    expect(tenant).toBeNull()
    expect(context).toMatchObject({ actor: { id: 'admin', authMethod: 'unverified-jwt', verified: false } })
  }
})

test('headers that nobody was told to trust name nobody', async () => {
  const names = [
    'x-user-id',
    'x-user',
    'x-actor',
    'x-forwarded-user',
    'x-remote-user',
    'x-tenant-id',
    'x-client-cert',
  ]
  const headers = {
    ...Object.fromEntries(names.map((name) => [name, 'admin'])),
    authorization: 'Basic YWRtaW46',
  }
  const { entries } = await attack(shop, { actor: jwt }, { headers })
  expect(entries).toHaveLength(2)
  for (const { actorId, tenant, context } of entries) {
    expect([actorId, tenant]).toEqual([null, null])
    expect(JSON.stringify(context)).not.toContain('admin')
  }
})

test('an unknown API key ends the search', async () => {
  const actor = [actorFromApiKey({ keys: { billing: hashApiKey('a key') } }), gateway]
  const { entries } = await attack(
    shop,
    { actor },
    { headers: { 'x-api-key': 'a kez', 'x-user-id': 'admin' } },
  )
  expect(entries.map(({ actorId }) => actorId)).toEqual([null, null])
  expect(entries[0]?.context).toMatchObject({ request: { authFailure: 'unknown-api-key' } })
})

/** Sends header lines as they are, and returns the answer with the contexts of all entries since. */
async function sendLines(options: HttpAuditOptions, lines: readonly string[]) {
  const since = await shop().database.query<{ id: string }>(
    'select coalesce(max(id), 0) as id from indelible.entry',
  )
  let answer = ''
  await withShop(shop, options, async ({ url, settled }) => {
    const socket = net.connect(Number(new URL(url).port), '127.0.0.1')
    await once(socket, 'connect')
    // Not `end`: to Node.js a client that closes its half has gone, and the handler would be running still.
    socket.write(
      ['POST /orders/1 HTTP/1.1', 'host: shop', ...lines, 'connection: close', '', ''].join('\r\n'),
    )
    answer = await readAll(socket)
    await settled()
  })
  const entries = await shop().database.query<{
    actor_id: string | null
    correlation_id: string
    context: string
  }>('select actor_id, correlation_id, context::text from indelible.entry where id > $1 order by id', [
    since[0]?.id,
  ])
  return { answer, entries }
}

describe('headers on the wire', () => {
  test('a client’s header beside the gateway’s names nobody', async () => {
    for (const lines of [['x-user-id: admin', 'x-user-id: ada'], ['x-user-id: admin, ada']]) {
      const { entries } = await sendLines({ actor: gateway }, lines)
      expect(entries.map(({ actor_id }) => actor_id)).toEqual([null, null])
      expect(entries[0]?.context).toContain('"authFailure":"ambiguous"')
    }
  })

  test('control characters and folded lines reach neither entries nor the response', async () => {
    const lines = [
      'x-request-id: a\u0000b',
      'x-request-id: a\rset-cookie: admin=1',
      'x-request-id: a\r\n folded: b',
      'x-request-id: a\u007fb',
      'x-request-id: a%0d%0aset-cookie: admin=1',
      `x-request-id: ${'a'.repeat(200)}`,
      'x-request-id: é',
    ]
    for (const line of lines) {
      const { answer, entries } = await sendLines({}, [line])
      // Node.js refuses some of them itself.
      const isRefused = answer.startsWith('HTTP/1.1 400')
      expect(entries, line).toHaveLength(isRefused ? 0 : 2)
      for (const { correlation_id } of entries) expect(correlation_id, line).toMatch(/^[\da-f-]{36}$/)
      expect(answer, line).not.toMatch(/set-cookie|folded/i)
    }
  })

  test('two correlation ids are none', async () => {
    const { entries } = await sendLines({}, ['x-request-id: one', 'x-request-id: two'])
    expect(entries).toHaveLength(2)
    for (const { correlation_id } of entries) expect(correlation_id).toMatch(/^[\da-f-]{36}$/)
  })

  test.for<[string, HttpAuditOptions['trustedProxies'], readonly string[], string]>([
    [
      'nobody is trusted',
      undefined,
      ['x-forwarded-for: 6.6.6.6', 'forwarded: for=6.6.6.6', 'x-real-ip: 6.6.6.6'],
      '127.0.0.1',
    ],
    ['one proxy', 1, ['x-forwarded-for: 6.6.6.6, 203.0.113.7'], '203.0.113.7'],
    [
      'one proxy, two headers',
      1,
      ['x-forwarded-for: 6.6.6.6', 'x-forwarded-for: 203.0.113.7'],
      '203.0.113.7',
    ],
    [
      'proxies by address',
      ['127.0.0.0/8'],
      ['x-forwarded-for: 6.6.6.6, 203.0.113.7, 127.0.0.9'],
      '203.0.113.7',
    ],
    ['proxies elsewhere', ['10.0.0.0/8'], ['x-forwarded-for: 6.6.6.6'], '127.0.0.1'],
    ['no address', 3, ['x-forwarded-for: 6.6.6.6, <script>, 203.0.113.7'], '203.0.113.7'],
  ])('a spoofed x-forwarded-for is not believed: %s', async ([, trustedProxies, lines, ip]) => {
    const { entries } = await sendLines(trustedProxies === undefined ? {} : { trustedProxies }, lines)
    expect(entries).toHaveLength(2)
    for (const { context } of entries) {
      expect(JSON.parse(context).request.ip).toBe(ip)
      expect(context).not.toContain('6.6.6.6')
    }
  })
})
