import type { CaptureEngine, StatementConnection } from './capture-engine.ts'
import type { CaptureSession } from './capture-session.ts'

/**
 * A connection as an adapter sees it. `Request` and `Result` are the adapter's own, passed through unread.
 *
 * The two kinds: a pool, on which every statement commits by itself, and one session inside a transaction.
 */
export interface CaptureTarget<Request, Result> extends StatementConnection {
  readonly session: CaptureSession
  describe(request: Request): DescribedRequest
  run(request: Request): Promise<Result>
  /** The same request with another text, further text parameters and perhaps a statement name. */
  rewrite(request: Request, change: RequestChange): Request
  /** Makes the result of a rewritten statement that of the user's own. */
  strip(result: Result, statement: RewrittenWrite): Result
  /** How many rows a rewritten statement wrote, from its result as the driver gave it. */
  countRows(result: Result): number
  /** Runs EXPLAIN (FORMAT JSON, VERBOSE) of the request with its own parameters; returns the server's text. */
  explain(request: Request): Promise<string>
  /** Runs `work` in one transaction: a new one on a pool, the running one inside a transaction. */
  transaction(work: (target: CaptureTarget<Request, Result>) => Promise<Result>): Promise<Result>
  /** Runs several statements of ours, without parameters, on this session. */
  script(sql: string): Promise<void>
  /** Runs a statement that takes no parameters with others of ours around it, in one round trip where the driver can. */
  runBetween(request: Request, others: Surroundings): Promise<Result>
  /** The SQLSTATE and message of a driver's error. */
  describeError(error: unknown): { readonly code?: string; readonly message: string }
  /**
   * Whether it may be that the server has carried the statement out and that only its answer could not be read: a column of a type which
   * the driver does not know, a type parser that throws. Not for what the server said, and not where it may still be at work.
   */
  isUnread(error: unknown): boolean
  /** Makes the error of a rewritten statement that of the user's own, whose places `positionOf` finds. */
  restoreError(error: unknown, positionOf: PositionOf): unknown
}

/** A statement as the application sent it. */
export interface DescribedRequest {
  readonly sql: string
  readonly parameters: number
  readonly values: readonly unknown[]
}

/** Statements of ours before and behind one of the application's. */
export interface Surroundings {
  readonly before?: string
  readonly after?: string
}

/** What a rewritten statement was before. */
export interface RewrittenWrite {
  readonly verb: 'insert' | 'update' | 'delete'
  /** Whether the user's own RETURNING list precedes our column. */
  readonly returning: boolean
}

/**
 * Finds the position in the user's text of one in the rewritten text, `undefined` where that is ours. Positions count
 * characters from 1, as PostgreSQL does.
 */
export type PositionOf = (position: number) => number | undefined

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
  /** How often it was sent before, and refused because a capture trigger had come or gone. @default 0 */
  readonly repeats?: number
}
