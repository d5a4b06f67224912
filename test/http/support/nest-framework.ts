import 'reflect-metadata'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AuditModule } from '@indelible/http/nest'
import { HttpException } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import type { Response } from 'express'
import type { HttpFramework, TestAnswer } from './http-framework.ts'
import { errorBody, listening, statusOf } from './listen.ts'
import { moduleOf, type NestPlatform } from './nest-module.ts'

/** Nest 12 on Express, with authentication as a guard of the application. */
export const nestFramework: HttpFramework = {
  name: 'Nest 12',
  httpError: (status) => Object.assign(new HttpException('refused', status), { status }),
  start: async (app) => {
    const nest = await NestFactory.create<NestExpressApplication>(moduleOf(app, onExpress), {
      logger: false,
      abortOnError: false,
    })
    nest.useBodyParser('json', { limit: '20mb' })
    await nest.init()
    const server = await listening(nest.getHttpServer().listen(0, '127.0.0.1'))
    return {
      url: server.url,
      settled: () => nest.get(AuditModule).settled(),
      close: async () => {
        nest.getHttpServer().closeAllConnections()
        await nest.close()
      },
    }
  },
}

const onExpress: NestPlatform<Response> = {
  async answer(response, { status = 200, json, stream }: TestAnswer) {
    if (stream === undefined) return void response.status(status).json(json)
    response.writeHead(status, { 'content-type': 'text/event-stream' }).flushHeaders()
    await pipeline(Readable.from(stream), response)
  },
  fail(response, error) {
    if (response.headersSent) response.destroy()
    else response.status(statusOf(error)).json(errorBody(error))
  },
}
