import type { HttpAuditOptions } from '@indelible/http'

/**
 * What the tests of a framework supply so that `describeFramework` can hold its middleware to every promise: how an application of it is
 * written, by the framework's own means, as its users would.
 */
export interface HttpFramework {
  /** As users call it, such as `Express 5`. */
  readonly name: string
  /** Starts an application on a free port of 127.0.0.1, with the middleware mounted as its page tells. */
  start(app: TestApp): Promise<RunningApp>
  /** Makes an error by which the framework answers a status, as its handlers throw it: one with `status`, an `HTTPException`. */
  httpError(status: number): Error
  /** The pattern of `/orders/:id` as the framework names it. @default '/orders/:id'; null: it has no routes, and the path stands in */
  readonly orderRoute?: string | null
  /** What entries cannot tell here, with the reason: the suite prints it and leaves out the tests concerned. */
  readonly lacks?: Readonly<Partial<Record<HttpFeature, string>>>
}

/**
 * What a framework may be unable to show.
 *
 * `error`: what the handler threw, in events. `identify`: authentication that runs behind the middleware.
 * `rejected stream`: a stream that breaks is an error of the framework. `bad path`: requests whose path cannot be decoded.
 */
export type HttpFeature = 'error' | 'identify' | 'rejected stream' | 'bad path'

/** An application to be started. */
export interface TestApp {
  /** Options of the middleware, to be handed on as they are. They are made without knowing the framework's request. */
  readonly audit: HttpAuditOptions
  readonly routes: readonly TestRoute[]
  /**
   * The application's own error handler: to be told each error by the framework's means for it. It answers the `status` of the error,
   * else 500, unless the response has begun.
   */
  readonly onError: (error: unknown) => void
  /**
   * The application's own authentication, which runs behind the audit's middleware and leaves its answer where the framework's users
   * look for it (`req.user`, `ctx.state.user`); the resolvers are asked again behind it. Absent: none.
   */
  readonly authenticate?: (headers: RequestHeaders) => unknown
}

/** By lower-case name. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** One route of an application. JSON bodies are parsed by the framework's parser, up to 20 MB, behind the audit's middleware. */
export interface TestRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Literal, or with one parameter as its last step: `/orders/:id`. Each path has one route at most for each method. */
  readonly path: string
  /** Answers. It is called as the handler itself: what it throws at once is thrown by the handler, what it returns is awaited. */
  readonly handle: (call: TestCall) => TestAnswer | Promise<TestAnswer>
}

/** What a handler is told. */
export interface TestCall {
  readonly headers: RequestHeaders
  readonly params: Readonly<Record<string, string>>
  /** The parsed body, where one was sent. */
  readonly body: unknown
}

/** What a handler answers. */
export interface TestAnswer {
  /** @default 200 */
  readonly status?: number
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent piece by piece as it comes, as text/event-stream. The headers go out before the first piece. */
  readonly stream?: AsyncIterable<string>
}

/** A running application. */
export interface RunningApp {
  /** Such as `http://127.0.0.1:40123`. */
  readonly url: string
  /** Resolves when the events of all requests that have ended are written: `settled` of the middleware. */
  settled(): Promise<void>
  /** Closes the server and all its connections. */
  close(): Promise<void>
}
