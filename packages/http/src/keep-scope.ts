import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventEmitter } from 'node:events'
import { tryGetAuditContext } from '@indelible/core'

/**
 * Lets the listeners of a request or a response run in the scope that is open now. Node.js emits their events from the socket, outside
 * of any scope, so a body parser that calls back from `end` would lose it. Emitters that are called inside a scope keep theirs.
 */
export function keepScope(emitter: EventEmitter): void {
  const inside = AsyncLocalStorage.snapshot()
  const emit = emitter.emit
  emitter.emit = function emitInScope(
    this: EventEmitter,
    ...args: Parameters<EventEmitter['emit']>
  ): boolean {
    if (tryGetAuditContext() !== undefined) return Reflect.apply(emit, this, args)
    return inside(() => Reflect.apply(emit, this, args))
  }
}
