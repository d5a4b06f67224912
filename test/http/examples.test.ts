import { fromPgPool, migrate } from '@indelible/core'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { type ServerExample, startExample } from './support/server-example.ts'

const secret = 'a secret of thirty-two bytes or more'
const token = await new SignJWT({})
  .setProtectedHeader({ alg: 'HS256' })
  .setSubject('u_42')
  .setExpirationTime('1h')
  .sign(new TextEncoder().encode(secret))

/** Each example with the headers by which it knows `u_42`, and the place that its events name. */
const examples: readonly [name: string, credentials: Readonly<Record<string, string>>, place?: string][] = [
  ['express', { authorization: `Bearer ${token}` }],
  ['koa', { cookie: 'session=session-of-ada' }],
  ['node', { 'x-api-key': secret }],
  ['fastify', { authorization: `Bearer ${token}` }],
  ['hono', { authorization: `Bearer ${token}` }],
  ['nest', { authorization: `Bearer ${token}` }],
]

let database: TestDatabase
let example: ServerExample | undefined

beforeEach(async () => {
  database = await createDatabase()
  await migrate(fromPgPool(database.pool))
})

afterEach(async () => {
  await example?.stop()
  example = undefined
  await database?.drop()
})

test.for(examples)(
  'the example of %s tells who made a customer, and closes with everything written',
  { timeout: 60_000 },
  async ([name, credentials, place = '/customers']) => {
    example = await startExample(name, { DATABASE_URL: database.url, JWT_SECRET: secret, API_KEY: secret })
    const { url } = example
    const ada = await create(url, 'ada', credentials)
    const bob = await create(url, 'bob', {})
    const response = await fetch(`${url}/customers/${ada.id}/history`)
    expect(await response.json()).toMatchObject([
      { op: 'insert', actorId: 'u_42', correlationId: 'web-ada', after: { passwordHash: '[redacted]' } },
    ])
    const { exitCode, output } = await example.stop()
    expect(exitCode, output).toBe(0)
    const told = await database.query(
      `select op, actor_id as actor, correlation_id as id, row_key as key, context->'request'->>'path' as path
       from indelible.entry order by correlation_id, id`,
    )
    expect(told).toEqual(
      [
        { actor: 'u_42', id: 'web-ada', key: ada.id },
        { actor: null, id: 'web-bob', key: bob.id },
      ].flatMap((row) => [
        { ...row, op: 'insert', key: String(row.key), path: '/customers' },
        { ...row, op: 'event', key: `POST ${place}`, path: '/customers' },
      ]),
    )
  },
)

async function create(
  url: string,
  name: string,
  credentials: Readonly<Record<string, string>>,
): Promise<{ readonly id: number }> {
  const response = await fetch(`${url}/customers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': `web-${name}`, ...credentials },
    body: JSON.stringify({ name, email: `${name}@example.com` }),
  })
  expect([response.status, response.headers.get('x-correlation-id')]).toEqual([201, `web-${name}`])
  return (await response.json()) as { readonly id: number }
}
