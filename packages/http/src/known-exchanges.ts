import type { Identity } from './find-actor.ts'
import type { RequestMark } from './request-scope.ts'

/** A request that at least one audit has opened. */
export interface KnownRequest {
  readonly correlationId: string
  readonly mark: RequestMark
  /** One for each audit, the outermost first. */
  readonly exchanges: readonly KnownExchange[]
}

/** An exchange, as other audits of the same request see it. */
export interface KnownExchange {
  identify(): Promise<void>
  /** Takes over who was found by another audit, where nobody was found before. */
  adopt(identity: Identity): void
}

const requests = new WeakMap<object, KnownRequest>()

/** Remembers a framework's request, so that an audit mounted twice leaves one event. */
export function rememberRequest(native: unknown, known: KnownRequest): void {
  if (isObject(native)) requests.set(native, known)
}

/** Returns what is known of a framework's request, or `undefined` where no middleware of ours has seen it. */
export function tryGetKnown(native: unknown): KnownRequest | undefined {
  return isObject(native) ? requests.get(native) : undefined
}

/**
 * Asks the resolvers again where nobody was found, after the application's own authentication has run. Credentials that turn out to be
 * bad only now are told in the entries and not answered 401: to refuse them is up to that authentication.
 *
 * @param native The framework's request, as resolvers see it in `native`.
 */
export async function identifyActor(native: object): Promise<void> {
  for (const exchange of requests.get(native)?.exchanges ?? []) await exchange.identify()
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
