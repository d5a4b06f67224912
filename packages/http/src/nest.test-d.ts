import { Controller, type DynamicModule, Module, Post } from '@nestjs/common'
import type { Request } from 'express'
import { expectTypeOf } from 'vitest'
import type { EventRecorder } from './http-event.ts'
import type { HttpRequest } from './http-request.ts'
import { AuditAction, AuditModule, type NestRequestLike, SkipAudit } from './nest.ts'

// What resolvers see of a request is what Express has: a failure here means that our description has drifted.
expectTypeOf<Request>().toExtend<NestRequestLike>()

/** Its decorators are applied as compilers apply them, because this program is checked without `experimentalDecorators`. */
class OrdersController {
  refund(id: string): string {
    return id
  }

  async ping(): Promise<void> {}
}

// The types by which a compiler checks `@AuditAction('order.refund')` above a method or a class.
expectTypeOf(AuditAction('order.refund')).toExtend<MethodDecorator>()
expectTypeOf(AuditAction('order.refund')).toExtend<ClassDecorator>()
expectTypeOf(SkipAudit()).toExtend<MethodDecorator>()
expectTypeOf(SkipAudit()).toExtend<ClassDecorator>()

declare const refund: TypedPropertyDescriptor<OrdersController['refund']>
declare const ping: TypedPropertyDescriptor<OrdersController['ping']>
Post(':id/refund')(OrdersController.prototype, 'refund', refund)
AuditAction('order.refund')(OrdersController.prototype, 'refund', refund)
SkipAudit()(OrdersController.prototype, 'ping', ping)
AuditAction('order.write')(OrdersController)
SkipAudit()(OrdersController)
Controller('orders')(OrdersController)

declare const audit: EventRecorder

class AuditSource {
  readonly audit: EventRecorder = audit
}

class WithDefaults {}
Module({ imports: [AuditModule.forRoot()], controllers: [OrdersController] })(WithDefaults)

class WithOptions {}
Module({
  imports: [
    WithDefaults,
    AuditModule.forRoot({ audit, actor: ({ native }) => ({ id: String(native.user) }) }),
    AuditModule.forRootAsync({
      imports: [WithDefaults],
      inject: [AuditSource, { token: 'ACTOR', optional: true }],
      useFactory: (source: AuditSource) => ({ audit: source.audit, tenant: () => 'acme' }),
    }),
    AuditModule.forRootAsync({ useFactory: async () => ({ events: false }) }),
  ],
})(WithOptions)

AuditModule.forRoot() satisfies DynamicModule
declare const module: AuditModule
module.settled() satisfies Promise<void>
AuditModule.forRoot({ actor: (request) => ({ id: request.native.originalUrl ?? '' }) })
AuditModule.forRoot({ actor: (request: HttpRequest<NestRequestLike>) => ({ id: request.method }) })

// @ts-expect-error: an option that does not exist
AuditModule.forRoot({ actors: [] })
// @ts-expect-error: an actor has an id
AuditModule.forRootAsync({ useFactory: () => ({ actor: () => ({ name: 'ada' }) }) })
// @ts-expect-error: an action has a name
AuditAction()
