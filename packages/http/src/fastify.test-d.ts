import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { expectTypeOf } from 'vitest'
import { auditPlugin, type FastifyLike, type FastifyReplyLike, type FastifyRequestLike } from './fastify.ts'
import type { HttpRequest } from './http-request.ts'

// A failure here means that our description has drifted from the real Fastify.
expectTypeOf<FastifyInstance>().toExtend<FastifyLike>()
expectTypeOf<FastifyRequest>().toExtend<FastifyRequestLike>()
expectTypeOf<FastifyReply>().toExtend<FastifyReplyLike>()

const app = fastify()
await app.register(auditPlugin)
await app.register(auditPlugin, { actor: (request) => ({ id: request.native.originalUrl }) })
await app.register(auditPlugin<FastifyRequest>, {
  actor: (request: HttpRequest<FastifyRequest>) => ({ id: request.native.ip }),
})
// @ts-expect-error: an option that does not exist
await app.register(auditPlugin, { actors: [] })
