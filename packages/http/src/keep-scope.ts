import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventEmitter } from 'node:events'
import type { Readable } from 'node:stream'
import { tryGetRequestMark } from './request-scope.ts'

/**
 * Lets the listeners of a request or a response run in the scope that is open now. Node.js emits their events from the socket, outside
 * of any scope or in that of another request, so a body parser that calls back from `end` would lose it. What is emitted inside of the
 * scope, or of one in it, stays there.
 */
export function keepScope(...emitters: readonly EventEmitter[]): void {
  const keep = createKeeper()
  for (const emitter of emitters) emitter.emit = keep(emitter.emit)
}

/** Lets a stream be read in the scope that is open now: one that is handed to the framework may be read when the handler is long done. */
export function keepScopeOfReads(stream: Readable): void {
  const keep = createKeeper()
  stream.emit = keep(stream.emit)
  stream._read = keep(stream._read)
}

type Method<Args extends readonly unknown[], Result> = (...args: Args) => Result

function createKeeper() {
  const [inside, mark] = [AsyncLocalStorage.snapshot(), tryGetRequestMark()]
  return <Args extends readonly unknown[], Result>(method: Method<Args, Result>): Method<Args, Result> =>
    function runInScope(this: unknown, ...args: Args): Result {
      if (mark !== undefined && tryGetRequestMark() === mark) return Reflect.apply(method, this, args)
      return inside(() => Reflect.apply(method, this, args))
    }
}
