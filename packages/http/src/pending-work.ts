import { setImmediate } from 'node:timers/promises'

/** Work that nobody waits for until the server closes. */
export interface PendingWork {
  add(work: Promise<unknown>): void
  size(): number
  /** Resolves when nothing is under way any more. */
  settled(): Promise<void>
}

/** Creates an empty list. What is added must not reject. */
export function createPendingWork(): PendingWork {
  const pending = new Set<Promise<unknown>>()
  return {
    add(work) {
      const listed = work.finally(() => pending.delete(listed))
      pending.add(listed)
    },
    size: () => pending.size,
    async settled() {
      // A server tells that it is closed one turn before the last connections tell theirs, by which aborted requests end.
      for (const _ of [1, 2]) await setImmediate()
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}
