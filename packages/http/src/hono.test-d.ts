import { type Context, Hono } from 'hono'
import { jwt } from 'hono/jwt'
import { expectTypeOf } from 'vitest'
import { auditMiddleware, type HonoContextLike, identifyMiddleware } from './hono.ts'
import type { HttpRequest } from './http-request.ts'

interface Env {
  readonly Variables: { readonly user: { readonly id: string } }
}

// A failure here means that our description has drifted from the real Hono.
expectTypeOf<Context>().toExtend<HonoContextLike>()
expectTypeOf<Context<Env>>().toExtend<HonoContextLike>()

const app = new Hono<Env>()
app.use(auditMiddleware())
app.use(auditMiddleware({ actor: (request) => ({ id: request.native.req.method }) }))
app.use(auditMiddleware({ actor: (request: HttpRequest<Context<Env>>) => request.native.get('user') }))
app.use('/api/*', jwt({ secret: '', alg: 'HS256' }), identifyMiddleware())
// @ts-expect-error: an option that does not exist
app.use(auditMiddleware({ actors: [] }))
