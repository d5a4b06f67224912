import { AsyncResource } from 'node:async_hooks'
import {
  type AuditContext,
  restoreAuditContext,
  runWithAuditContext,
  tryGetAuditContext,
} from '@indelible/core'

/** Runs work, and returns what it returns. */
export type Runner = <Result>(work: () => Result) => Result

/** What all audits of one request share, and by which contexts are told to be of this request. */
export interface RequestMark {
  /** Whether one of them writes its event. */
  hasEvent: boolean
}

/** The scope in which the work of one request is recorded. It is opened by the first work and entered again by all others. */
export interface RequestScope {
  /** Runs the search for the sender, before the scope is opened. */
  ask: Runner
  /** Runs work inside. */
  run: Runner
}

/** What a scope is made of. */
export interface RequestScopeParts {
  readonly mark: RequestMark
  /** The context that it begins with. */
  readonly context: () => AuditContext
  /** The context in which the server was started, if any: it is nobody's who sends a request. */
  readonly startedIn: AuditContext | undefined
}

// Entries are JSON, which leaves symbols out; contexts that are made from this one inherit it.
const markKey: unique symbol = Symbol('indelible.http.request')
type MarkedContext = AuditContext & { readonly [markKey]?: RequestMark }

/** Returns the mark of the request to which the running context belongs, or `undefined` where it is none's. */
export function tryGetRequestMark(): RequestMark | undefined {
  const context: MarkedContext | undefined = tryGetAuditContext()
  return context?.[markKey]
}

/**
 * Prepares the scope of a request. It inherits what the application has opened around it, and nothing of another request: Node.js sends
 * a pipelined response, and tells of it, in the scope of the one before.
 */
export function createRequestScope({ mark, context, startedIn }: RequestScopeParts): RequestScope {
  const open: Runner = (work) => {
    const marked: MarkedContext = { ...context(), [markKey]: mark }
    if (isOurs(mark, startedIn)) return runWithAuditContext(marked, work)
    return restoreAuditContext(undefined, () => runWithAuditContext(marked, work))
  }
  // Cheaper than `AsyncLocalStorage.snapshot()`, and the same: it holds the scope in which it was made.
  let inside: AsyncResource | undefined
  return {
    ask: open,
    run(work) {
      if (inside !== undefined) return inside.runInAsyncScope(work)
      return open(() => {
        inside = new AsyncResource('INDELIBLE_REQUEST')
        return work()
      })
    },
  }
}

function isOurs(mark: RequestMark, startedIn: AuditContext | undefined): boolean {
  const running = tryGetAuditContext()
  if (running === undefined) return true
  const found = tryGetRequestMark()
  return found === undefined ? running !== startedIn : found === mark
}
