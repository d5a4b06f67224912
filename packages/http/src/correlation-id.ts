import { randomUUID } from 'node:crypto'
import type { HttpRequest } from './http-request.ts'
import { type TraceParent, tryParseTraceParent } from './trace-parent.ts'

/** Where a correlation id may come from. */
export interface ResolveCorrelationOptions {
  /** Request headers that may carry it, the best first; `traceparent` is read as W3C Trace Context. @default traceparent, x-request-id, x-correlation-id */
  readonly headers?: readonly string[]
  /** Whether a well-formed id of the client is believed; else each request gets a new one. @default true */
  readonly trust?: boolean
  /** Makes a new id. @default randomUUID */
  readonly generate?: () => string
}

/** The correlation id of a request, and its place in a distributed trace where it names one. */
export interface ResolvedCorrelation {
  readonly correlationId: string
  readonly trace?: TraceParent
}

const defaultHeaders = ['traceparent', 'x-request-id', 'x-correlation-id'] as const
// Harmless in headers, logs, URLs and shells; a comma would be two values that a proxy has joined.
const believable = /^[A-Za-z0-9._:@/+=~-]{1,128}$/
// A token that stands in the wrong header: ids go into logs and back to the client.
const token = /^eyJ[\w-]+\.[\w-]/

/**
 * Finds the correlation id of a request: the first header with a well-formed value, else a new one. What does not look like an id
 * (control characters, several values, more than 128 characters, a JSON web token) is passed over as if it were not there.
 */
export function resolveCorrelationId(
  { headers }: Pick<HttpRequest, 'headers'>,
  options: ResolveCorrelationOptions = {},
): ResolvedCorrelation {
  const { headers: names = defaultHeaders, trust = true, generate = randomUUID } = options
  let id: string | undefined
  let trace: TraceParent | undefined
  for (const name of trust ? names : []) {
    const value = singleValue(headers[name.toLowerCase()])
    if (value === undefined) continue
    if (name.toLowerCase() !== 'traceparent') id ??= isBelievable(value) ? value : undefined
    else {
      trace ??= tryParseTraceParent(value)
      id ??= trace?.traceId
    }
  }
  return { correlationId: id ?? generate(), ...(trace !== undefined && { trace }) }
}

function isBelievable(value: string): boolean {
  return believable.test(value) && !token.test(value)
}

function singleValue(value: string | readonly string[] | undefined): string | undefined {
  if (typeof value === 'string') return value
  return value?.length === 1 ? value[0] : undefined
}
