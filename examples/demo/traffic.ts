import { runWithAuditContext } from '@indelible/core'
import { concurrently } from './concurrently.ts'
import type { Orm } from './orm.ts'
import type { WebRequest } from './requests.ts'
import { RolledBack } from './rolled-back.ts'
import type { Services } from './services.ts'

/** Who sent which request, and which ones were rolled back. */
export interface TrafficReport {
  /** Correlation id → actor id. */
  readonly actors: ReadonlyMap<string, string>
  /** The ORMs that served them. */
  readonly orms: ReadonlySet<Orm>
  /** Correlation ids of the requests that were rolled back, and the ORM that did it. */
  readonly rolledBack: ReadonlyMap<string, Orm>
}

/** Serves the requests, eight at a time, each in its own audit context as a middleware would set it. */
export async function serveRequests(
  services: Services,
  requests: readonly WebRequest[],
): Promise<TrafficReport> {
  const actors = new Map<string, string>()
  const rolledBack = new Map<string, Orm>()
  await concurrently(requests, 8, async ({ orm, actor, action, path, handle }, index) => {
    const correlationId = `req-${String(index + 1).padStart(4, '0')}`
    const context = { actor, correlationId, action, request: { path }, metadata: { orm } }
    actors.set(correlationId, actor.id)
    try {
      await runWithAuditContext(context, () => handle(services))
    } catch (error) {
      if (!(error instanceof RolledBack)) throw error
      rolledBack.set(correlationId, orm)
    }
  })
  return { actors, orms: new Set(requests.map(({ orm }) => orm)), rolledBack }
}
