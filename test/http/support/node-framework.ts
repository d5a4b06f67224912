import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { json } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { identifyActor } from '@indelible/http'
import { auditHandler } from '@indelible/http/node'
import type { HttpFramework, TestAnswer, TestApp, TestRoute } from './http-framework.ts'
import { errorBody, errorOfStatus, listen, statusOf } from './listen.ts'

/** Plain `node:http`: a handler that finds its route, parses the body and answers by itself. */
export const nodeFramework: HttpFramework = {
  name: 'node:http',
  httpError: errorOfStatus,
  orderRoute: null,
  start: async (app) => {
    const handler = auditHandler(app.audit, (request, response) => answer(app, request, response))
    const server = await listen((request, response) => {
      handler(request, response).catch((error) => answerError(app, error, response))
    })
    return { ...server, settled: handler.settled }
  },
}

async function answer(app: TestApp, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (app.authenticate !== undefined) {
    Object.assign(request, { user: app.authenticate(request.headers) })
    await identifyActor(request)
  }
  const { pathname } = new URL(request.url ?? '', 'http://localhost')
  const found = app.routes.find((route) => request.method === route.method && paramsOf(route, pathname))
  if (found === undefined) return send(response, { status: 404, json: { error: 'no such route' } })
  const body = request.headers['content-type'] === 'application/json' ? await parse(request) : undefined
  // Where a body parser leaves it, and events look for it.
  Object.assign(request, { body })
  const params = paramsOf(found, pathname) ?? {}
  const told = await found.handle({ headers: request.headers, params, body })
  if (told.stream === undefined) return send(response, told)
  response.writeHead(told.status ?? 200, { 'content-type': 'text/event-stream' }).flushHeaders()
  await pipeline(Readable.from(told.stream), response)
}

function paramsOf({ path }: TestRoute, pathname: string): Record<string, string> | undefined {
  const start = path.indexOf(':')
  if (start < 0) return path === pathname ? {} : undefined
  const last = pathname.slice(start)
  const isMatch = pathname.startsWith(path.slice(0, start)) && last !== '' && !last.includes('/')
  return isMatch ? { [path.slice(start + 1)]: last } : undefined
}

async function parse(request: IncomingMessage): Promise<unknown> {
  try {
    return await json(request)
  } catch (cause) {
    throw Object.assign(errorOfStatus(400), { cause })
  }
}

function send(response: ServerResponse, { status = 200, json: body }: TestAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

function answerError({ onError }: TestApp, error: unknown, response: ServerResponse): void {
  onError(error)
  if (response.headersSent) response.destroy()
  else send(response, { status: statusOf(error), json: errorBody(error) })
}
