import {
  type CallHandler,
  type CanActivate,
  type DynamicModule,
  type ExecutionContext,
  type FactoryProvider,
  Inject,
  type MiddlewareConsumer,
  Module,
  type ModuleMetadata,
  type NestInterceptor,
  type NestModule,
  type OnApplicationShutdown,
} from '@nestjs/common'
import { APP_GUARD, APP_INTERCEPTOR, HttpAdapterHost, Reflector } from '@nestjs/core'
import { type Observable, tap } from 'rxjs'
import type { HttpAuditOptions } from '../http-audit-options.ts'
import { actionKey, skipKey } from './decorators.ts'
import {
  createNestRequests,
  type FastifyFacts,
  type HandlerMarks,
  type NestRequestLike,
  type NestRequests,
} from './nest-requests.ts'

/** Options of {@link AuditModule}. */
export type NestAuditOptions = HttpAuditOptions<NestRequestLike>

/** How {@link AuditModule.forRootAsync} gets its options: by a factory with dependencies of its own. */
export interface AsyncNestAuditOptions extends Pick<ModuleMetadata, 'imports'> {
  readonly inject?: FactoryProvider['inject']
  readonly useFactory: FactoryProvider<NestAuditOptions | Promise<NestAuditOptions>>['useFactory']
}

/** The members of an instance of Fastify that are used. */
interface FastifyHooks {
  addHook(name: 'onRequest', hook: (facts: FastifyFacts, reply: unknown, done: () => void) => void): unknown
}

const OPTIONS = Symbol('indelible.http.options')
const REQUESTS = Symbol('indelible.http.requests')

/**
 * Audits the HTTP requests of a Nest 12 application: everything that guards, pipes, interceptors and handlers write carries the actor,
 * correlation id, tenant and facts of the request. The resolvers are asked before everything else, behind the global guards of the
 * importing module, and again behind all guards.
 *
 * What a guard of a controller or a handler denies carries the action of {@link AuditAction} too; a global guard of the importing
 * module decides before the action is known. Contexts that are not HTTP (GraphQL, microservices, WebSockets) pass through untouched.
 *
 * @example
 * \@Module({
 *   imports: [
 *     AuditModule.forRootAsync({
 *       inject: [getDataSourceToken()],
 *       useFactory: (dataSource: DataSource) => ({ audit: auditOf(dataSource), actor: actorFromUser() }),
 *     }),
 *   ],
 * })
 * class AppModule {}
 */
export class AuditModule implements NestModule, OnApplicationShutdown {
  readonly #requests: NestRequests
  readonly #host: HttpAdapterHost

  constructor(requests: NestRequests, host: HttpAdapterHost) {
    this.#requests = requests
    this.#host = host
    this.#mount()
    // A testing module gets its HTTP adapter only after it was constructed.
    host.init$.subscribe(() => this.#mount())
  }

  /** With options that are known when the module is imported. @throws AuditError `AUDIT_OPTION_INVALID` when the application starts. */
  static forRoot(options: NestAuditOptions = {}): DynamicModule {
    return AuditModule.forRootAsync({ useFactory: () => options })
  }

  /** With options that need other providers, such as the data source. */
  static forRootAsync({ imports = [], inject = [], useFactory }: AsyncNestAuditOptions): DynamicModule {
    return {
      module: AuditModule,
      imports,
      providers: [
        { provide: OPTIONS, inject, useFactory },
        { provide: REQUESTS, inject: [OPTIONS], useFactory: createNestRequests },
        { provide: APP_GUARD, inject: [REQUESTS, Reflector], useFactory: createGuard },
        { provide: APP_INTERCEPTOR, inject: [REQUESTS], useFactory: createInterceptor },
      ],
    }
  }

  // Called when an application starts, also the second one of a testing module: `init$` tells of the first.
  configure(_consumer: MiddlewareConsumer): void {
    this.#mount()
  }

  /** Waits for the events that are being written: the server has stopped, and the database is still there. */
  async onApplicationShutdown(): Promise<void> {
    await this.settled()
  }

  /** Resolves when the events of all requests that have ended are written. */
  settled(): Promise<void> {
    return this.#requests.settled()
  }

  // Before Nest's body parser, where that is possible: so malformed bodies leave events too.
  #mount(): void {
    const { httpAdapter } = this.#host
    if (httpAdapter === undefined || httpAdapter === null) return
    httpAdapter.use(this.#requests.middleware)
    if (httpAdapter.getType() === 'fastify') wrapRequests(httpAdapter.getInstance(), this.#requests)
  }
}

Module({})(AuditModule)
Inject(REQUESTS)(AuditModule, undefined, 0)
Inject(HttpAdapterHost)(AuditModule, undefined, 1)

function wrapRequests(app: FastifyHooks, requests: NestRequests): void {
  app.addHook('onRequest', (facts, _reply, done) => {
    requests.wrap(facts)
    done()
  })
}

function createGuard(requests: NestRequests, reflector: Reflector): CanActivate {
  return {
    async canActivate(context) {
      const request = tryGetRequest(context)
      if (request === undefined) return true
      requests.mark(request, marksOf(context, reflector))
      await requests.identify(request)
      return true
    },
  }
}

function createInterceptor(requests: NestRequests): NestInterceptor {
  return {
    async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
      const request = tryGetRequest(context)
      if (request === undefined) return next.handle()
      await requests.identify(request)
      return next.handle().pipe(tap({ error: (error: unknown) => requests.noteError(request, error) }))
    },
  }
}

function marksOf(context: ExecutionContext, reflector: Reflector): HandlerMarks {
  const targets = [context.getHandler(), context.getClass()]
  const action = reflector.getAllAndOverride<string | undefined>(actionKey, targets)
  const isSkipped = reflector.getAllAndOverride<boolean | undefined>(skipKey, targets) === true
  return { isSkipped, ...(action !== undefined && { action }) }
}

// Fastify's request wraps that of Node.js, which the middleware has seen.
function tryGetRequest(context: ExecutionContext): object | undefined {
  if (context.getType() !== 'http') return undefined
  const request: unknown = context.switchToHttp().getRequest()
  if (typeof request !== 'object' || request === null) return undefined
  const raw = 'raw' in request ? request.raw : undefined
  return typeof raw === 'object' && raw !== null ? raw : request
}
