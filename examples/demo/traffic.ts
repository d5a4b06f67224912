import { runWithAuditContext } from '@indelible/prisma'
import { concurrently } from './concurrently.ts'
import type { Shop } from './open-shop.ts'
import { CardDeclined, type WebRequest } from './requests.ts'

/** Who sent which request, and which ones were rolled back. */
export interface TrafficReport {
  /** Correlation id → actor id. */
  readonly actors: ReadonlyMap<string, string>
  readonly rolledBack: readonly string[]
}

/** Serves the requests, eight at a time, each in its own audit context as a middleware would set it. */
export async function serveRequests(shop: Shop, requests: readonly WebRequest[]): Promise<TrafficReport> {
  const actors = new Map<string, string>()
  const rolledBack: string[] = []
  await concurrently(requests, 8, async ({ actor, action, path, handle }, index) => {
    const correlationId = `req-${String(index + 1).padStart(4, '0')}`
    actors.set(correlationId, actor.id)
    try {
      await runWithAuditContext({ actor, correlationId, action, request: { path } }, () => handle(shop))
    } catch (error) {
      if (!(error instanceof CardDeclined)) throw error
      rolledBack.push(correlationId)
    }
  })
  return { actors, rolledBack }
}
