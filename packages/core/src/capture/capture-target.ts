import type { CaptureEngine, StatementConnection } from './capture-engine.ts'
import type { CaptureSession } from './capture-session.ts'

/**
 * A connection as an adapter sees it. `Request` and `Result` are the adapter's own, passed through unread.
 *
 * The two kinds: a pool, on which every statement commits by itself, and one session inside a transaction.
 */
export interface CaptureTarget<Request, Result> extends StatementConnection {
  readonly session: CaptureSession
  describe(request: Request): { readonly sql: string; readonly parameters: number }
  run(request: Request): Promise<Result>
  /** The same request with another text, further text parameters and perhaps a statement name. */
  rewrite(request: Request, change: RequestChange): Request
  /** Takes our column off the result; `returning` tells whether the user's own list was before it. */
  strip(result: Result, returning: boolean): Result
  /** Runs EXPLAIN (FORMAT JSON, VERBOSE) of the request with its own parameters; returns the server's text. */
  explain(request: Request): Promise<string>
  /** Runs `work` in one transaction: a new one on a pool, the running one inside a transaction. */
  transaction(work: (target: CaptureTarget<Request, Result>) => Promise<Result>): Promise<Result>
  /** The SQLSTATE and message of a driver's error. */
  describeError(error: unknown): { readonly code?: string; readonly message: string }
}

/** What rewriting changes about a request. */
export interface RequestChange {
  readonly sql: string
  readonly parameters: readonly string[]
  readonly name?: string
}

/** One statement under way. */
export interface Run<Request, Result, Step> {
  readonly engine: CaptureEngine
  readonly target: CaptureTarget<Request, Result>
  readonly step: Step
}
