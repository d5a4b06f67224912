import 'reflect-metadata'
import { Readable } from 'node:stream'
import { AuditModule } from '@indelible/http/nest'
import { HttpException } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify'
import type { FastifyReply } from 'fastify'
import type { HttpFramework } from './http-framework.ts'
import { errorBody, listening, statusOf } from './listen.ts'
import { moduleOf, type NestPlatform } from './nest-module.ts'

/** Nest 12 on Fastify, with authentication as a guard of the application. */
export const nestFastifyFramework: HttpFramework = {
  name: 'Nest 12 on Fastify',
  httpError: (status) => Object.assign(new HttpException('refused', status), { status }),
  lacks: {
    'rejected stream': 'Fastify tells its log of a stream that breaks, and no error handler',
    'bad path': 'Fastify answers a path that cannot be decoded before any hook',
  },
  start: async (app) => {
    const nest = await NestFactory.create<NestFastifyApplication>(
      moduleOf(app, onFastify),
      new FastifyAdapter({ bodyLimit: 20_000_000 }),
      { logger: false, abortOnError: false },
    )
    await nest.init()
    const fastify = nest.getHttpAdapter().getInstance()
    await fastify.ready()
    const { url } = await listening(fastify.server.listen(0, '127.0.0.1'))
    return {
      url,
      settled: () => nest.get(AuditModule).settled(),
      close: async () => {
        fastify.server.closeAllConnections()
        await nest.close()
      },
    }
  },
}

const onFastify: NestPlatform<FastifyReply> = {
  answer(reply, { status = 200, json, stream }) {
    if (stream === undefined) return reply.code(status).send(json)
    return reply.code(status).type('text/event-stream').send(Readable.from(stream))
  },
  fail(reply, error) {
    if (reply.raw.headersSent) reply.raw.destroy()
    else void reply.code(codeOf(error)).send(errorBody(error))
  },
}

// Fastify's own errors have a statusCode.
function codeOf(error: unknown): number {
  const code = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  return typeof code === 'number' ? code : statusOf(error)
}
