import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import { tryGetAuditContext } from '@indelible/core'

/**
 * Lets the listeners of a request or a response run in the scope that is open now. Node.js emits their events from the socket, outside
 * of any scope, so a body parser that calls back from `end` would lose it. Emitters that are called inside a scope keep theirs.
 */
export function keepScope(emitter: EventEmitter): void {
  emitter.emit = inScope(emitter.emit)
}

/** Lets a stream be read in the scope that is open now: one that is handed to the framework may be read when the handler is long done. */
export function keepScopeOfReads(stream: Readable): void {
  keepScope(stream)
  stream._read = inScope(stream._read)
}

function inScope<Args extends readonly unknown[], Result>(
  method: (...args: Args) => Result,
): (...args: Args) => Result {
  const inside = AsyncLocalStorage.snapshot()
  return function runInScope(this: unknown, ...args: Args): Result {
    if (tryGetAuditContext() !== undefined) return Reflect.apply(method, this, args)
    return inside(() => Reflect.apply(method, this, args))
  }
}
