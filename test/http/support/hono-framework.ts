import { getRequestListener } from '@hono/node-server'
import { auditMiddleware, identifyMiddleware } from '@indelible/http/hono'
import { type Context, Hono } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { stream } from 'hono/streaming'
import type { StreamingApi } from 'hono/utils/stream'
import type { HttpFramework, TestAnswer, TestApp, TestRoute } from './http-framework.ts'
import { errorBody, listen, statusOf } from './listen.ts'

/** Hono 4 on `@hono/node-server`. */
export const honoFramework: HttpFramework = {
  name: 'Hono 4',
  // One-line bridge: Hono's type lists the statuses that have a body.
  httpError: (status) => new HTTPException(status as 400, { message: 'refused' }),
  lacks: { 'rejected stream': 'Hono tells the helper of a stream that breaks, and no error handler' },
  start: async (app) => {
    const audit = auditMiddleware(app.audit)
    const hono = new Hono<{ Variables: { user: unknown } }>()
    hono.use(audit)
    const { authenticate } = app
    if (authenticate !== undefined) {
      hono.use(async (context, next) => {
        context.set('user', authenticate(context.req.header()))
        await next()
      })
      hono.use(identifyMiddleware())
    }
    for (const route of app.routes) {
      hono.on(route.method, route.path, (context) => answer(context, route))
    }
    hono.onError((error, context) => answerError(app, error, context))
    const server = await listen(getRequestListener(hono.fetch))
    return { ...server, settled: audit.settled }
  },
}

async function answer(context: Context, { handle }: TestRoute): Promise<Response> {
  const { req } = context
  const body = req.header('content-type') === 'application/json' ? await parse(context) : undefined
  const told = await handle({ headers: req.header(), params: req.param(), body })
  return toResponse(context, told)
}

async function parse({ req }: Context): Promise<unknown> {
  try {
    return await req.json()
  } catch (cause) {
    throw new HTTPException(400, { message: 'no JSON', cause })
  }
}

function toResponse(context: Context, { status = 200, json, stream: pieces }: TestAnswer): Response {
  context.status(status as 200)
  if (pieces === undefined) return context.json(json)
  context.header('content-type', 'text/event-stream')
  // Hono would close a broken stream as if it were whole.
  const breakOff = async () => void context.env.outgoing.destroy()
  return stream(context, (out) => writeAll(out, pieces), breakOff)
}

async function writeAll(out: StreamingApi, pieces: AsyncIterable<string>): Promise<void> {
  for await (const piece of pieces) await out.write(piece)
}

function answerError({ onError }: TestApp, error: unknown, context: Context): Response {
  onError(error)
  return context.json(errorBody(error), statusOf(error) as 500)
}
