/** Runs a function inside a scope. */
export type InScope = (call: () => unknown) => unknown

/**
 * Makes what a scope's work has returned begin inside the scope, where it would begin only when somebody awaits or iterates
 * it: a lazy promise is awaited at once, lazy promises in an array and generators are bound. All else stays as it is.
 */
export function bindResult(result: unknown, inScope: InScope): unknown {
  if (isThenable(result)) return settle(result)
  if (Array.isArray(result)) {
    return result.some(isLazy) ? result.map((item) => (isLazy(item) ? bind(item, inScope) : item)) : result
  }
  return isGenerator(result) ? bind(result, inScope) : result
}

// Awaiting here starts a lazy promise inside the scope; a plain `return` would start it outside.
async function settle(promise: PromiseLike<unknown>): Promise<unknown> {
  return await promise
}

/** A promise that runs already needs no scope, and stays the object that it is. */
function isLazy(value: unknown): value is PromiseLike<unknown> {
  return isThenable(value) && !(value instanceof Promise)
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

function isGenerator(value: unknown): value is object {
  return value !== null && typeof value === 'object' && /^\[object (?:Async)?Generator\]$/.test(toText(value))
}

function toText(value: object): string {
  return Object.prototype.toString.call(value)
}

const starts: ReadonlySet<unknown> = new Set(['then', 'catch', 'finally', 'next', 'return', 'throw'])

/**
 * The same object, whose work begins in the scope. What it can do besides is not bound: a batch of Prisma runs as a whole, so its
 * queries have the context of the `$transaction`, not that of the first of them.
 */
function bind(target: object, inScope: InScope): object {
  // In front of an object without fields of its own, since a proxy may not show frozen fields as anything but what they are.
  const bound: object = new Proxy(Object.create(target), {
    get(_, key) {
      const value: unknown = Reflect.get(target, key, target)
      if (typeof value !== 'function') return value
      if (starts.has(key)) return (...args: unknown[]) => inScope(() => Reflect.apply(value, target, args))
      // A generator's other functions call `next` of what they are called on.
      return (...args: unknown[]) => Reflect.apply(value, isGenerator(target) ? bound : target, args)
    },
  })
  return bound
}
