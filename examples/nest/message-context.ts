import { restoreAuditContext } from '@indelible/core'
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common'

/** Gives messages the context that their sender took along: `client.send('…', { …, audit: captureAuditContext() })`. */
export const messageContext: NestInterceptor = {
  intercept(context: ExecutionContext, next: CallHandler) {
    if (context.getType() !== 'rpc') return next.handle()
    const { audit } = context.switchToRpc().getData()
    return restoreAuditContext(audit, () => next.handle())
  },
}
