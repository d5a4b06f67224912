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
import { APP_FILTER, APP_GUARD } from '@nestjs/core'
import type { RequestHeaders, TestAnswer, TestApp, TestRoute } from './http-framework.ts'

/** How a platform below Nest answers. */
export interface NestPlatform<Response> {
  answer(response: Response, answer: TestAnswer): unknown
  fail(response: Response, error: unknown): void
}

/** What requests of Express and of Fastify have in common. */
interface RequestLike {
  readonly headers: RequestHeaders
  readonly params: Readonly<Record<string, string>>
  readonly body: unknown
}

/** The module of a test application: authentication is a guard, the error handler a filter. */
export function moduleOf<Response>(app: TestApp, platform: NestPlatform<Response>): DynamicModule {
  class ShopModule {}
  Module({})(ShopModule)
  return {
    module: ShopModule,
    imports: [AuditModule.forRoot(app.audit)],
    controllers: app.routes.map((route) => controllerOf(route, platform)),
    providers: [
      { provide: APP_GUARD, useValue: guardOf(app) },
      { provide: APP_FILTER, useFactory: () => filterOf(app, platform) },
    ],
  }
}

function guardOf({ authenticate }: TestApp): CanActivate {
  return {
    canActivate(context: ExecutionContext) {
      const request = context.switchToHttp().getRequest<RequestLike>()
      if (authenticate !== undefined) Object.assign(request, { user: authenticate(request.headers) })
      return true
    },
  }
}

// Decorators called as functions: what Node.js strips of types leaves them out.
function controllerOf<Response>({ method, path, handle }: TestRoute, platform: NestPlatform<Response>) {
  class RouteController {
    answer({ headers, params, body }: RequestLike, response: Response): unknown {
      const answer = handle({ headers, params, body })
      return Promise.resolve(answer).then((told) => platform.answer(response, told))
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

function filterOf<Response>({ onError }: TestApp, platform: NestPlatform<Response>): ExceptionFilter {
  class TestFilter {
    catch(error: unknown, host: ArgumentsHost): void {
      if (!(error instanceof HttpException && error.getStatus() === 404)) onError(error)
      platform.fail(host.switchToHttp().getResponse<Response>(), error)
    }
  }
  Catch()(TestFilter)
  return new TestFilter()
}
