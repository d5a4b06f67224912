import { AsyncLocalStorage } from 'node:async_hooks'
import { type AuditContext, runWithAuditContext } from '@indelible/core'

type Runner = <Result>(work: () => Result) => Result

/** The scope in which the work of one request is recorded. It is opened by the first work and entered again by all others. */
export interface RequestScope {
  /** Runs work inside. */
  run: Runner
}

/** Prepares the scope of a request with the context that it begins with. */
export function createRequestScope(context: () => AuditContext): RequestScope {
  let inside: Runner | undefined
  return {
    run(work) {
      if (inside !== undefined) return inside(work)
      return runWithAuditContext(context(), () => {
        inside = AsyncLocalStorage.snapshot()
        return work()
      })
    },
  }
}
