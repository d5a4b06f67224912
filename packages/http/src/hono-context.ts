import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpRequest } from './http-request.ts'
import { describeConnection } from './node-response.ts'
import { headersOf, targetOf, type WaitUntil } from './web-exchange.ts'

/** A context of Hono, as far as it is read here. */
export interface HonoContextLike {
  readonly req: HonoRequestLike
  readonly res: Response
  /** What the handler threw. */
  readonly error: Error | undefined
  readonly env: unknown
  /** Throws where the platform has none. */
  readonly executionCtx: object
  /** What middlewares left with `c.set`. */
  readonly var: object
  header(name: string, value: string): void
}

/** A request of Hono, as far as it is read here. */
export interface HonoRequestLike {
  readonly method: string
  readonly url: string
  readonly raw: Request
  readonly routeIndex: number
  readonly matchedRoutes: readonly { readonly method: string; readonly path: string }[]
  /** What the handler has read by now. */
  readonly bodyCache: { readonly text?: unknown; readonly json?: unknown; readonly formData?: unknown }
}

/** The request and response of Node.js below `@hono/node-server`. */
export interface NodePair {
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
}

/** Returns the request and response of Node.js, or `undefined` on any other platform. */
export function tryGetNodePair({ env }: HonoContextLike): NodePair | undefined {
  const bindings = isObject(env) && 'server' in env ? env.server : env
  if (!isObject(bindings) || !('incoming' in bindings) || !('outgoing' in bindings)) return undefined
  // One-line bridge: the bindings are those that `@hono/node-server` documents.
  return isObject(bindings.incoming) && isObject(bindings.outgoing) ? (bindings as NodePair) : undefined
}

/** Returns what the platform offers for work that outlives the response, if it does. */
export function tryGetWaitUntil(context: HonoContextLike): WaitUntil | undefined {
  const execution = tryGetExecution(context)
  if (execution === undefined || !('waitUntil' in execution)) return undefined
  const { waitUntil } = execution
  return typeof waitUntil === 'function' ? (work) => Reflect.apply(waitUntil, execution, [work]) : undefined
}

function tryGetExecution(context: HonoContextLike): object | undefined {
  try {
    return context.executionCtx
  } catch {
    return undefined
  }
}

/** Describes a request of Hono; `body` tells what the handler has read, once that is known. */
export function toHttpRequest<Context extends HonoContextLike>(
  context: Context,
  body: () => unknown,
): HttpRequest<Context> {
  const { req } = context
  const incoming = tryGetNodePair(context)?.incoming
  return {
    ...(incoming === undefined ? {} : describeConnection(incoming)),
    method: req.method,
    url: incoming?.url ?? targetOf(req.url),
    headers: incoming?.headers ?? headersOf(req.raw),
    user: () => userOf(context.var),
    route: () => routeOf(req),
    body,
    native: context,
  }
}

// `jwtPayload` is where Hono's own JWT middleware leaves the claims that it has verified.
function userOf(variables: object): unknown {
  if ('user' in variables) return variables.user
  return 'jwtPayload' in variables ? variables.jwtPayload : undefined
}

// Where no handler has run, the last match is a middleware, and what it was mounted for is no route.
function routeOf({ matchedRoutes, routeIndex }: HonoRequestLike): string | undefined {
  const route = matchedRoutes[routeIndex]
  if (route === undefined || (route.method === 'ALL' && route.path.endsWith('*'))) return undefined
  return route.path
}

/** Returns the JSON or the form that the handler has read, without reading any more of the body. */
export async function readBody({ req }: HonoContextLike): Promise<unknown> {
  const { text, json, formData } = req.bodyCache
  const read: unknown = await Promise.race([json ?? formData ?? text, undefined]).catch(() => undefined)
  if (read instanceof FormData) return fieldsOf(read)
  if (typeof read !== 'string') return read
  try {
    return JSON.parse(read)
  } catch {
    return undefined
  }
}

/** The fields of a form; a name that came several times has several values. */
function fieldsOf(form: FormData): object {
  const fields = new Map<string, unknown[]>()
  for (const [name, value] of form) {
    const known = fields.get(name)
    if (known === undefined) fields.set(name, [value])
    else known.push(value)
  }
  return Object.fromEntries(
    Array.from(fields, ([name, [value, ...more]]) => [name, more.length === 0 ? value : [value, ...more]]),
  )
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
