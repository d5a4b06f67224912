/** A position in a distributed trace. */
export interface TraceParent {
  /** 32 lower-case hex digits. */
  readonly traceId: string
  /** The span that sent the request: 16 lower-case hex digits. */
  readonly parentId: string
}

// Version 00 has exactly these four fields; later versions may add more, which a reader of 00 leaves aside.
const format =
  /^(?<version>[0-9a-f]{2})-(?<traceId>[0-9a-f]{32})-(?<parentId>[0-9a-f]{16})-[0-9a-f]{2}(?<more>-.*)?$/

/** Reads a `traceparent` header, or returns `undefined` where it is not valid. Source: W3C Trace Context, 3.2. */
export function tryParseTraceParent(header: string): TraceParent | undefined {
  const { version, traceId = '', parentId = '', more } = format.exec(header)?.groups ?? {}
  if (version === undefined || version === 'ff') return undefined
  if (version === '00' && more !== undefined) return undefined
  return isZero(traceId) || isZero(parentId) ? undefined : { traceId, parentId }
}

function isZero(id: string): boolean {
  return /^0+$/.test(id)
}
