import 'reflect-metadata'
import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { AuditModule } from '@indelible/http/nest'
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type DynamicModule,
  type ExceptionFilter,
  type ExecutionContext,
  HttpException,
  Module,
  Req,
  RequestMapping,
  RequestMethod,
  Res,
} from '@nestjs/common'
import { APP_FILTER, APP_GUARD, NestFactory } from '@nestjs/core'
import type { NestExpressApplication } from '@nestjs/platform-express'
import type { Request, Response } from 'express'
import type { HttpFramework, TestApp, TestRoute } from './http-framework.ts'
import { errorBody, listening, statusOf } from './listen.ts'

/** Nest 12 on Express, with authentication as a guard of the application. */
export const nestFramework: HttpFramework = {
  name: 'Nest 12',
  httpError: (status) => Object.assign(new HttpException('refused', status), { status }),
  start: async (app) => {
    const nest = await NestFactory.create<NestExpressApplication>(moduleOf(app), {
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

function moduleOf(app: TestApp): DynamicModule {
  class ShopModule {}
  Module({})(ShopModule)
  return {
    module: ShopModule,
    imports: [AuditModule.forRoot(app.audit)],
    controllers: app.routes.map(controllerOf),
    providers: [
      { provide: APP_GUARD, useValue: guardOf(app) },
      { provide: APP_FILTER, useFactory: () => filterOf(app) },
    ],
  }
}

function guardOf({ authenticate }: TestApp): CanActivate {
  return {
    canActivate(context: ExecutionContext) {
      const request = context.switchToHttp().getRequest<Request>()
      if (authenticate !== undefined) Object.assign(request, { user: authenticate(request.headers) })
      return true
    },
  }
}

// Decorators called as functions: what Node.js strips of types leaves them out.
function controllerOf({ method, path, handle }: TestRoute) {
  class RouteController {
    answer({ headers, params, body }: Request, response: Response): unknown {
      const answer = handle({ headers, params: params as Record<string, string>, body })
      return Promise.resolve(answer).then(async ({ status = 200, json, stream }) => {
        if (stream === undefined) return void response.status(status).json(json)
        response.writeHead(status, { 'content-type': 'text/event-stream' }).flushHeaders()
        await pipeline(Readable.from(stream), response)
      })
    }
  }
  const { prototype } = RouteController
  const property = Object.getOwnPropertyDescriptor(prototype, 'answer') ?? {}
  RequestMapping({ path, method: RequestMethod[method] })(prototype, 'answer', property)
  Req()(prototype, 'answer', 0)
  Res()(prototype, 'answer', 1)
  Controller()(RouteController)
  return RouteController
}

function filterOf({ onError }: TestApp): ExceptionFilter {
  class TestFilter {
    catch(error: unknown, host: ArgumentsHost): void {
      const response = host.switchToHttp().getResponse<Response & ServerResponse>()
      if (!(error instanceof HttpException && error.getStatus() === 404)) onError(error)
      if (response.headersSent) response.destroy()
      else response.status(statusOf(error)).json(errorBody(error))
    }
  }
  Catch()(TestFilter)
  return new TestFilter()
}
