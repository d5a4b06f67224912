import type { HttpAuditOptions } from '@indelible/http'
import { auditMiddleware, type ExpressAuditMiddleware } from '@indelible/http/express'
import express, { type Express, type RequestHandler } from 'express'
import { skuOf } from '../../conformance/suite/orm-under-test.ts'
import { options } from '../../http/suite/audit-options.ts'
import type { HttpShop } from '../../http/suite/shop.ts'
import { type Listening, listen } from '../../http/support/listen.ts'

/** Makes a middleware that writes events into the trail of the shop; those that cannot be written fail the test. */
export function createAudit(shop: HttpShop, given: HttpAuditOptions = {}): ExpressAuditMiddleware {
  return auditMiddleware({ ...options, audit: shop.audit, ...given })
}

/** Writes a row and answers. */
export function addProduct(shop: HttpShop): RequestHandler {
  return async (_request, response) => {
    await shop.clients.prisma.createProduct({ sku: skuOf('attacked') })
    response.status(201).end()
  }
}

/** Runs an application of Express that the test writes by itself. */
export async function withExpress(
  mount: (app: Express) => void,
  work: (server: Listening) => Promise<void>,
): Promise<void> {
  const app = express()
  app.set('env', 'test')
  mount(app)
  const server = await listen(app)
  try {
    await work(server)
  } finally {
    await server.close()
  }
}

/** What an entry tells of who has done what. */
export async function toldOf(shop: HttpShop, correlationId: string) {
  const entries = await shop.entriesOf(correlationId)
  return entries.map(({ op, actorId }) => [op, actorId])
}
