import { getRequestListener } from '@hono/node-server'
import { auditRoute, type RouteAudit } from '@indelible/http/next'
import type { HttpFramework, TestAnswer, TestApp, TestRoute } from './http-framework.ts'
import { errorBody, listen, statusOf } from './listen.ts'

interface RouteContext {
  readonly params: Promise<Readonly<Record<string, string>>>
}

/** Route handlers as the App Router of Next calls them: with a request of the Fetch standard, and the parameters in a promise. */
export const nextFramework: HttpFramework = {
  name: 'Next route handlers',
  httpError: (status) => Object.assign(new Error('refused'), { status }),
  start: async (app) => {
    const audited = auditRoute(app.audit)
    const routes = app.routes.map((route) => ({ route, handle: handlerOf(audited, route) }))
    const answer = async (request: Request) => {
      const { pathname } = new URL(request.url)
      const found = routes.find(({ route }) => route.method === request.method && matches(route, pathname))
      if (found === undefined) return new Response(null, { status: 404 })
      const params = Promise.resolve(paramsOf(found.route, pathname))
      return found.handle(request, { params }).catch((error) => answerError(app, error))
    }
    const server = await listen(getRequestListener(answer))
    return { ...server, settled: audited.settled }
  },
}

function handlerOf(audited: RouteAudit, { path, handle }: TestRoute) {
  return audited(
    async (request: Request, { params }: RouteContext) => {
      const headers = Object.fromEntries(request.headers)
      const hasJson = headers['content-type'] === 'application/json'
      const body: unknown = hasJson ? await request.json() : undefined
      return toResponse(await handle({ headers, params: await params, body }))
    },
    { route: path },
  )
}

function toResponse({ status = 200, json, stream }: TestAnswer): Response {
  if (stream === undefined) return Response.json(json ?? null, { status })
  const headers = { 'content-type': 'text/event-stream' }
  return new Response(ReadableStream.from(stream).pipeThrough(new TextEncoderStream()), { status, headers })
}

function matches({ path }: TestRoute, pathname: string): boolean {
  const start = path.indexOf(':')
  return start < 0 ? path === pathname : pathname.startsWith(path.slice(0, start))
}

function paramsOf({ path }: TestRoute, pathname: string): Readonly<Record<string, string>> {
  const start = path.indexOf(':')
  return start < 0 ? {} : { [path.slice(start + 1)]: pathname.slice(start) }
}

function answerError({ onError }: TestApp, error: unknown): Response {
  onError(error)
  return Response.json(errorBody(error), { status: statusOf(error) })
}
