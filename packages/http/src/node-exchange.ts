import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpExchange } from './http-exchange.ts'
import { keepScope } from './keep-scope.ts'
import { endWithResponse, sendHeaders, sendRejection } from './node-response.ts'

/** A request of Node.js on its way to the handler. */
export interface NodeExchange<Result> {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly exchange: HttpExchange
  /** What the handler has thrown by now, where the framework shows it. */
  readonly thrown: () => unknown
  /** Takes what a resolver has thrown, in place of the handler. */
  readonly fail: (error: unknown) => Result
}

/**
 * Runs the handler of a request in its scope, and ends its exchange with the response. Answers 401 in its place where the credentials
 * are not good.
 */
export function runNodeExchange<Result>(
  { request, response, exchange, thrown, fail }: NodeExchange<Result>,
  handle: () => Result,
): Result | undefined {
  sendHeaders(response, exchange)
  endWithResponse(response, exchange, thrown)
  if (exchange.failure !== undefined) return fail(exchange.failure.error)
  if (exchange.rejection !== undefined) {
    sendRejection(response, exchange.rejection)
    return undefined
  }
  return exchange.run(() => {
    keepScope(exchange.run, request, response)
    return handle()
  })
}
