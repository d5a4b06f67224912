import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import { type Runner, tryGetRequestMark } from './request-scope.ts'

/**
 * Lets the listeners of a request or a response run in its scope, which is open now and is entered by `run`. Node.js emits their events
 * from the socket, outside of any scope or in that of another request, so a body parser that calls back from `end` would lose it. What
 * is emitted inside of the scope, or of one in it, stays there.
 */
export function keepScope(run: Runner, ...emitters: readonly EventEmitter[]): void {
  for (const emitter of emitters) emitter.emit = keepEmit(emitter.emit, run)
}

/** Lets a stream be read in the scope that is open now: one that is handed to the framework may be read when the handler is long done. */
export function keepScopeOfReads(stream: Readable): void {
  const inside = AsyncLocalStorage.snapshot()
  stream.emit = keepEmit(stream.emit, inside)
  const read = stream._read
  stream._read = function readInScope(this: Readable, size: number) {
    inside(() => Reflect.apply(read, this, [size]))
  }
}

function keepEmit(emit: EventEmitter['emit'], run: Runner): EventEmitter['emit'] {
  const mark = tryGetRequestMark()
  return function emitInScope(this: EventEmitter, ...args: Parameters<EventEmitter['emit']>): boolean {
    // Most events of a request have no listener, and entering a scope costs more than asking.
    if (this.listenerCount(args[0]) === 0 || (mark !== undefined && tryGetRequestMark() === mark))
      return Reflect.apply(emit, this, args)
    return run(() => Reflect.apply(emit, this, args))
  }
}
