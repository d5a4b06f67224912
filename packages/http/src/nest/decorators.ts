import { SetMetadata } from '@nestjs/common'

/** Under which key a handler carries its {@link AuditAction}. */
export const actionKey = 'indelible:action'
/** Under which key a handler carries its {@link SkipAudit}. */
export const skipKey = 'indelible:skip'

/** A decorator of a handler or of all handlers of a controller. */
export type AuditDecorator = MethodDecorator & ClassDecorator

/**
 * Names the business action of a handler, such as `order.refund`: its event and all that it writes carry the name.
 *
 * @example
 * \@Post(':id/refund')
 * \@AuditAction('order.refund')
 * refund(\@Param('id') id: string) { … }
 */
export function AuditAction(action: string): AuditDecorator {
  return SetMetadata(actionKey, action)
}

/** Lets the requests of a handler leave no event of their own. What they write leaves its entries, with their context, all the same. */
export function SkipAudit(): AuditDecorator {
  return SetMetadata(skipKey, true)
}
