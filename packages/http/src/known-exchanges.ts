import type { HttpExchange } from './http-exchange.ts'

const exchanges = new WeakMap<object, HttpExchange>()

/** Remembers the exchange of a framework's request, so that a middleware mounted twice opens one. */
export function rememberExchange(native: unknown, exchange: HttpExchange): void {
  if (isObject(native)) exchanges.set(native, exchange)
}

/** Returns the exchange of a framework's request, or `undefined` where no middleware of ours has seen it. */
export function tryGetExchange(native: unknown): HttpExchange | undefined {
  return isObject(native) ? exchanges.get(native) : undefined
}

/**
 * Asks the resolvers again where nobody was found, after the application's own authentication has run.
 *
 * @param native The framework's request, as resolvers see it in `native`.
 */
export async function identifyActor(native: object): Promise<void> {
  await exchanges.get(native)?.identify()
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
