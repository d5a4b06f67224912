import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { auditHandler, type NodeHandler } from '@indelible/http/node'
import { expect, test } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { createSignal } from '../support/signal.ts'
import { options } from './suite/audit-options.ts'
import { useShop } from './suite/shop.ts'

const place = useShop()

test('requests on one HTTP/2 connection keep apart, and a stream that is reset is an aborted request', async () => {
  const { clients, audit, entriesOf } = place.shop
  const begun = createSignal()
  const handle: NodeHandler = async ({ url }, response) => {
    if (url === '/never') return begun.give()
    await sleep(url === '/slow' ? 100 : 0)
    await clients.prisma.createProduct({ sku: skuOf('http2') })
    response.end()
  }
  const handler = auditHandler({ ...options, audit }, handle)
  const listener: RequestListener = (request, response) => void handler(request, response)
  // One-line bridge: requests and responses of HTTP/2 have the members of HTTP/1.1's that are used.
  const server = http2.createServer(listener as never).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const open = (path: string, user?: string) =>
    client
      .request({
        ':path': path,
        ':method': 'POST',
        'x-request-id': `h2${path}`,
        ...(user !== undefined && { 'x-user': user }),
      })
      .end()
  try {
    const streams = [open('/slow', 'ada'), open('/none'), open('/bob', 'bob')]
    await Promise.all(streams.map((stream) => once(stream.resume(), 'close')))
    const never = open('/never', 'ada')
    await begun.given
    never.close(http2.constants.NGHTTP2_CANCEL)
    await once(never, 'close')
    await expect.poll(() => entriesOf('h2/never')).not.toEqual([])
    await handler.settled()
    const told = await Promise.all(['/slow', '/none', '/bob'].map((path) => entriesOf(`h2${path}`)))
    expect(told.map((entries) => entries.map(({ op, actorId }) => [op, actorId]))).toEqual(
      ['ada', null, 'bob'].map((actor) => [
        ['insert', actor],
        ['event', actor],
      ]),
    )
    const [event, ...more] = await entriesOf('h2/never')
    expect([event?.actorId, more]).toEqual(['ada', []])
    expect(event?.after).toMatchObject({ outcome: 'failure', metadata: { aborted: true } })
  } finally {
    client.close()
    server.close()
  }
})
