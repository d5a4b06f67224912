import type { HttpOutcome } from './http-event.ts'
import type { HttpExchange, HttpRejection } from './http-exchange.ts'

/** Hands a promise to a platform that stops when a response is given, unless it is told what to wait for. */
export type WaitUntil = (work: Promise<unknown>) => void

/** The headers of a request of the Fetch standard, by lower-case name. */
export function headersOf({ headers }: Request): Readonly<Record<string, string>> {
  return Object.fromEntries(headers)
}

/** The path and query of a request of the Fetch standard, whose URL is absolute. */
export function targetOf(url: string): string {
  return url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '')
}

/** Makes the answer to credentials that are not good. */
export function rejectionResponse({ responseHeaders }: HttpExchange, rejection: HttpRejection): Response {
  const { status, headers, body } = rejection
  return new Response(JSON.stringify(body), { status, headers: { ...headers, ...responseHeaders } })
}

/**
 * Ends an exchange where nobody tells when its response is complete. Without `waitUntil` the event is written before the response is
 * given away: a platform may stop right after that.
 */
export async function endWeb(
  exchange: HttpExchange,
  outcome: HttpOutcome,
  waitUntil?: WaitUntil,
): Promise<void> {
  const written = exchange.end(outcome)
  if (waitUntil === undefined) await written
  else waitUntil(written)
}

/** Ends an exchange when the client goes away before the handler has answered. */
export function endWithClient(exchange: HttpExchange, { signal }: Request): void {
  const end = () => void exchange.end({ aborted: true })
  if (signal.aborted) end()
  else signal.addEventListener('abort', end, { once: true })
}

/** Sets the headers of an exchange on a response, by a copy where its own headers cannot be changed (those of `fetch`, of redirects). */
export function withHeaders(response: Response, { responseHeaders }: HttpExchange): Response {
  const headers = Object.entries(responseHeaders).filter(([name]) => !response.headers.has(name))
  try {
    for (const [name, value] of headers) response.headers.set(name, value)
    return response
  } catch {
    const { body, status, statusText } = response
    return new Response(body, { status, statusText, headers: [...response.headers, ...headers] })
  }
}
