import { runWithAuditContext } from '@indelible/core'
import type { Calls } from './bench-orm.ts'

let requests = 0

/** Who writes, and in which request: different for every call, as in an application. */
export function nextContext() {
  requests += 1
  return { actor: { id: `user-${requests % 50}`, type: 'user' }, correlationId: `request-${requests}` }
}

/** Makes every call that writes run in a context of its own. */
export function inContexts({ read, ...writes }: Calls): Calls {
  const wrapped = Object.entries(writes).map(
    ([name, call]) =>
      [
        name,
        (turn: Parameters<typeof call>[0]) => runWithAuditContext(nextContext(), () => call(turn)),
      ] as const,
  )
  // One-line bridge: Object.fromEntries forgets the names.
  return { read, ...(Object.fromEntries(wrapped) as Omit<Calls, 'read'>) }
}
