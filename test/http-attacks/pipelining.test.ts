import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HttpAuditOptions } from '@indelible/http'
import { describe, expect, test } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { options } from '../http/suite/audit-options.ts'
import { connect, readAll, withApp } from '../http/suite/client.ts'
import { useShop } from '../http/suite/shop.ts'
import { frameworks } from '../http/support/frameworks.ts'
import type { HttpFramework, TestRoute } from '../http/support/http-framework.ts'

const place = useShop()
const shop = () => place.shop

const route: TestRoute = {
  method: 'POST',
  path: '/orders/:id',
  async handle({ params }) {
    await sleep(Number(params['id']))
    await shop().clients.prisma.createProduct({ sku: skuOf('pipelined') })
    return { status: 201, json: { filler: 'x'.repeat(20_000) } }
  },
}

/** One of several requests that are sent at once: how long its handler takes, and who sends it. */
type Pipelined = readonly [delay: number, user?: string]

const audit = (): HttpAuditOptions => ({ ...options, audit: shop().audit, onBadCredentials: 'reject' })

/** Sends requests in one go, and returns the actors of the entries that each has left. */
async function actorsOf(framework: HttpFramework, requests: readonly Pipelined[]) {
  const ids = requests.map(() => randomUUID())
  await withApp(framework, { audit: audit(), routes: [route] }, async ({ url, settled }) => {
    const socket = await connect(url)
    const last = (at: number) => (at === ids.length - 1 ? 'connection: close\r\n' : '')
    const lines = requests.map(
      ([delay, user], at) =>
        `POST /orders/${delay} HTTP/1.1\r\nhost: shop\r\n${user === undefined ? '' : `x-user: ${user}\r\n`}x-request-id: ${ids[at]}\r\n${last(at)}content-type: application/json\r\ncontent-length: 2\r\n\r\n{}`,
    )
    socket.write(lines.join(''))
    expect((await readAll(socket)).match(/HTTP\/1\.1 (?:201|401)/g)).toHaveLength(ids.length)
    await settled()
  })
  const entries = await Promise.all(ids.map((id) => shop().entriesOf(id)))
  return entries.map((each) => each.map(({ op, actorId }) => [op, actorId]))
}

describe.for(frameworks)('%s', ([, framework]) => {
  // Node.js sends what waits behind a slow response when that has finished, and tells of it in the scope of the slow one.
  test('a request that waits behind another’s response is not taken for that one’s', async () => {
    const requests: readonly Pipelined[] = [
      [100, 'ada'],
      [0],
      [0, 'expired'],
      [50, 'bob'],
      [0, 'expired'],
      ...Array.from({ length: 20 }, (): Pipelined => [1]),
    ]
    const rows = (actor: string | null) => [
      ['insert', actor],
      ['event', actor],
    ]
    expect(await actorsOf(framework, requests)).toEqual(
      requests.map(([, user]) => (user === 'expired' ? [['event', null]] : rows(user ?? null))),
    )
  })
})
