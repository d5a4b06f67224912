import { Readable } from 'node:stream'
import { auditPlugin, auditSettled } from '@indelible/http/fastify'
import fastify, { type FastifyInstance } from 'fastify'
import type { HttpFramework, TestApp, TestRoute } from './http-framework.ts'
import { errorBody, listening, statusOf } from './listen.ts'

/** Fastify 5, with authentication as a hook of each route, which runs behind all hooks of the application. */
export const fastifyFramework: HttpFramework = {
  name: 'Fastify 5',
  httpError: (status) => Object.assign(new Error('refused'), { statusCode: status }),
  lacks: {
    'rejected stream': 'Fastify tells its log of a stream that breaks, and no error handler',
    'bad path': 'Fastify answers a path that cannot be decoded before any hook',
  },
  start: async (app) => {
    const server = fastify({ bodyLimit: 20_000_000 })
    await server.register(auditPlugin, app.audit)
    server.setErrorHandler((error, _request, reply) => {
      app.onError(error)
      return reply.code(codeOf(error)).send(errorBody(error))
    })
    for (const route of app.routes) addRoute(server, app, route)
    await server.ready()
    const { url } = await listening(server.server.listen(0, '127.0.0.1'))
    return {
      url,
      settled: () => auditSettled(server),
      close: async () => {
        server.server.closeAllConnections()
        await server.close()
      },
    }
  },
}

// Fastify's own errors have a statusCode.
function codeOf(error: unknown): number {
  const code = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  return typeof code === 'number' ? code : statusOf(error)
}

function addRoute(server: FastifyInstance, { authenticate }: TestApp, route: TestRoute): void {
  server.route({
    method: route.method,
    url: route.path,
    ...(authenticate !== undefined && {
      preHandler: async (request) => {
        Object.assign(request, { user: authenticate(request.headers) })
      },
    }),
    handler: (request, reply) => {
      const { headers, body } = request
      const answer = route.handle({ headers, params: paramsOf(request.params), body })
      return Promise.resolve(answer).then(({ status = 200, json, stream }) => {
        if (stream === undefined) return reply.code(status).send(json)
        return reply.code(status).type('text/event-stream').send(Readable.from(stream))
      })
    },
  })
}

function paramsOf(params: unknown): Readonly<Record<string, string>> {
  return params as Readonly<Record<string, string>>
}
