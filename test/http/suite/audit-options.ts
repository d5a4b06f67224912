import { type ActorResolver, type HttpAuditOptions, tryGetHeader } from '@indelible/http'

/** What a resolver of the tests throws. */
export const unreachable: Error = new Error('the directory of users cannot be reached')

/**
 * Believes the header `x-user`, as no application should: `expired` stands for credentials that are not good, `unreachable` for a
 * resolver that fails.
 */
export const byHeader: ActorResolver = async (request) => {
  const id = tryGetHeader(request, 'x-user')
  if (id === 'unreachable') throw unreachable
  if (id === 'expired') return { badCredentials: 'expired' }
  return id === undefined ? undefined : { id, type: 'user', authMethod: 'test-header' }
}

/** Options of most tests: they fail on events that cannot be written. */
export const options: HttpAuditOptions = { actor: byHeader, onError: rethrow }

/** Lets the test run fail: vitest reports errors that nobody has caught. */
function rethrow(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
