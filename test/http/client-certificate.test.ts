import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import { actorFromCertificate } from '@indelible/http'
import { auditHandler } from '@indelible/http/node'
import { expect, test } from 'vitest'
import { skuOf } from '../conformance/suite/orm-under-test.ts'
import { options } from './suite/audit-options.ts'
import { useShop } from './suite/shop.ts'
import { canMakeCertificates, createAuthority, type Identity } from './support/certificates.ts'

const place = useShop()
const shop = () => place.shop

interface Asked {
  readonly url: URL
  readonly agent: https.Agent
  readonly id: string
}

/** Sends a request on a connection of its own, and tells whether that resumed a session. */
async function ask({ url, agent, id }: Asked): Promise<readonly [status: number | undefined, boolean]> {
  const headers = { 'x-request-id': id, 'x-client-cert': 'CN=admin' }
  const request = https.request(url, { agent, method: 'POST', headers }).end()
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  const isResumed = response.socket instanceof TLSSocket && response.socket.isSessionReused()
  await once(response.resume(), 'close')
  return [response.statusCode, isResumed]
}

test('the actor of a client certificate is whom an accepted one names, on resumed sessions too', async ({
  skip,
}) => {
  skip(!canMakeCertificates(), 'openssl, which makes the certificates, is not installed')
  const [authority, stranger] = [createAuthority(), createAuthority()]
  const handler = auditHandler(
    { ...options, audit: shop().audit, actor: actorFromCertificate() },
    async (_request, response) => {
      await shop().clients.prisma.createProduct({ sku: skuOf('certificate') })
      response.end()
    },
  )
  const server = https.createServer(
    // Certificates that are not accepted pass here: whoever shows one is nobody.
    { ...authority.issue('/CN=127.0.0.1'), ca: authority.ca, requestCert: true, rejectUnauthorized: false },
    (request, response) => void handler(request, response),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const url = new URL(`https://127.0.0.1:${(server.address() as AddressInfo).port}/orders`)
  const clients: readonly (readonly [id: string, Identity | undefined, unknown])[] = [
    ['accepted', authority.issue('/O=Shop/CN=billing'), { id: 'billing', authMethod: 'certificate' }],
    ['none', undefined, undefined],
    ['of a stranger', stranger.issue('/CN=billing'), undefined],
    ['of two names', authority.issue('/CN=billing/CN=admin'), undefined],
  ]
  try {
    for (const [name, identity, actor] of clients) {
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        const agent = new https.Agent({
          ...identity,
          ca: authority.ca,
          maxVersion: version,
          keepAlive: false,
        })
        for (const attempt of [1, 2]) {
          const id = `${name.replaceAll(' ', '-')}-${version}-${attempt}`
          expect([id, ...(await ask({ url, agent, id }))]).toEqual([id, 200, attempt === 2])
          await handler.settled()
          const entries = await shop().entriesOf(id)
          expect(entries.map(({ op }) => op)).toEqual(['insert', 'event'])
          for (const { actorId, context } of entries) {
            expect([id, actorId]).toEqual([id, actor === undefined ? null : 'billing'])
            if (actor !== undefined) expect(context).toMatchObject({ actor })
            else expect(context).not.toHaveProperty('actor')
          }
        }
        agent.destroy()
      }
    }
  } finally {
    server.closeAllConnections()
    server.close()
    authority.remove()
    stranger.remove()
  }
})
