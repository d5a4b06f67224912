import { updateAuditContext } from '@indelible/core'
import type { HttpAuditOptions } from '@indelible/http'
import { expect, test } from 'vitest'
import { withApp } from '../http/suite/client.ts'
import { useShop } from '../http/suite/shop.ts'
import { framework, writingRoute } from './support/attacked-shop.ts'

const place = useShop()
const shop = () => place.shop
const poison =
  '{"__proto__":{"polluted":1,"actor":{"id":"admin"},"tenant":"victim"},"constructor":{"prototype":{"polluted":1}}}'

test('names that lead to prototypes, in bodies, queries and metadata, are names like any other', async () => {
  const route = writingRoute(shop, ({ body }) => {
    updateAuditContext({ metadata: body as Record<string, unknown> })
    updateAuditContext({ metadata: { later: true }, request: JSON.parse(poison) })
  })
  const audit: HttpAuditOptions = { audit: () => shop().audit, request: { body: {} } }
  await withApp(framework, { audit, routes: [route] }, async ({ url, settled }) => {
    const query = '__proto__=a&__proto__[polluted]=1&constructor[prototype][polluted]=1&__proto__.polluted=1'
    const response = await fetch(`${url}/orders/1?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-request-id': 'polluting' },
      body: poison,
    })
    expect(response.status).toBe(201)
    await settled()
  })
  expect({}).not.toHaveProperty('polluted')
  expect({}).not.toHaveProperty('actor')

  const rows = await shop().database.query<{ actor_id: null; tenant: null; context: string; after: string }>(
    `select actor_id, tenant, context::text, after::text from indelible.entry where correlation_id = 'polluting' order by id`,
  )
  expect(rows.map(({ actor_id, tenant }) => [actor_id, tenant])).toEqual([
    [null, null],
    [null, null],
  ])
  for (const { context } of rows) {
    const { metadata, request } = JSON.parse(context)
    expect(Object.keys(metadata).sort()).toEqual(['__proto__', 'constructor', 'later'])
    expect(Object.keys(request.query)).toEqual([
      '__proto__',
      '__proto__[polluted]',
      'constructor[prototype][polluted]',
      '__proto__.polluted',
    ])
  }
  expect(JSON.stringify(JSON.parse(rows[1]?.after ?? '').metadata.body)).toBe(poison)
})
