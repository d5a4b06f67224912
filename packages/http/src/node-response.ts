import type { IncomingMessage, ServerResponse } from 'node:http'
import { type PeerCertificate, TLSSocket } from 'node:tls'
import type { HttpExchange } from './http-exchange.ts'
import type { HttpRequest } from './http-request.ts'

/** Sets the headers of an exchange; where an error handler clears them, they are there again when the response begins. */
export function sendHeaders(response: ServerResponse, { responseHeaders }: HttpExchange): void {
  const headers = Object.entries(responseHeaders)
  if (headers.length === 0 || response.headersSent) return
  setMissing(response, headers)
  const writeHead = response.writeHead
  response.writeHead = function writeHeadOfExchange(this: ServerResponse, ...args: readonly unknown[]) {
    setMissing(response, headers)
    // One-line bridge: the overloads of writeHead are handed on as they came.
    return Reflect.apply(writeHead, this, args) as ServerResponse
  }
}

function setMissing(response: ServerResponse, headers: readonly (readonly [string, string])[]): void {
  if (response.headersSent) return
  for (const [name, value] of headers) if (!response.hasHeader(name)) response.setHeader(name, value)
}

/** Ends an exchange when the response is complete, or when its connection is closed before that. */
export function endWithResponse(
  response: ServerResponse,
  exchange: HttpExchange,
  thrown: () => unknown,
): void {
  const end = (isWhole: boolean) => {
    const status = response.headersSent ? { status: response.statusCode } : {}
    const error = thrown()
    const aborted = !isWhole || !response.headersSent
    void exchange.end({ ...status, ...(error !== undefined && { error }), ...(aborted && { aborted }) })
  }
  const isFinished = () => response.writableFinished
  // HTTP/2 tells a response to be finished when its stream is reset; one without a server (Fastify's `inject`) keeps its socket.
  const isWhole = () => isFinished() || !('stream' in response)
  if (isFinished() || response.destroyed) end(isFinished())
  else response.once('finish', () => end(isWhole())).once('close', () => end(isFinished()))
}

/** Answers credentials that are not good, unless a time limit of the application has answered while we asked who it is. */
export function sendRejection(
  response: ServerResponse,
  { status, headers, body }: NonNullable<HttpExchange['rejection']>,
): void {
  if (response.headersSent) return
  response.writeHead(status, { ...headers })
  response.end(JSON.stringify(body))
}

/** What of a Node.js request every framework on top of it has. */
export function describeConnection({
  socket,
}: IncomingMessage): Pick<HttpRequest, 'remoteAddress' | 'clientCertificate'> {
  return {
    ...(socket.remoteAddress !== undefined && { remoteAddress: socket.remoteAddress }),
    clientCertificate: () => certificateOf(socket),
  }
}

function certificateOf(socket: IncomingMessage['socket']): PeerCertificate | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return undefined
  const certificate = socket.getPeerCertificate()
  return Object.keys(certificate).length === 0 ? undefined : certificate
}
