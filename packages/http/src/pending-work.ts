/** Work that nobody waits for until the server closes. */
export interface PendingWork {
  add(work: Promise<unknown>): void
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
    async settled() {
      while (pending.size > 0) await Promise.all(pending)
    },
  }
}
