import { AsyncLocalStorage } from 'node:async_hooks'
import { AuditError } from '../errors.ts'

/** Who did it: a person, a service, a job. */
export interface AuditActor {
  /** The identifier by which the application knows the actor. */
  readonly id: string
  /** For example `user`, `service`, `job`. */
  readonly type?: string
  /** How the actor was recognised, for example `jwt` or `api-key`. */
  readonly authMethod?: string
  readonly [detail: string]: unknown
}

/**
 * What every entry written inside {@link runWithAuditContext} carries.
 *
 * Applications add fields of their own by declaration merging:
 * `declare module '@indelible/core' { interface AuditContext { readonly shopId?: string } }`.
 * Values must be JSON; what JSON cannot say (functions, `undefined`) is left out. The first write of a scope fixes how
 * its context is recorded: use {@link updateAuditContext} for what comes later, not assignment.
 */
export interface AuditContext {
  readonly actor?: AuditActor
  /** Ties together all entries of one request or job run. */
  readonly correlationId?: string
  readonly tenant?: string
  /** The business action, for example `order.refund`. */
  readonly action?: string
  readonly reason?: string
  readonly request?: Readonly<Record<string, unknown>>
  readonly metadata?: Readonly<Record<string, unknown>>
}

interface Scope {
  context: AuditContext
}

// One storage for the whole process, even where two copies of this package are loaded.
const storageKey = Symbol.for('indelible.context')
// One-line bridge: globalThis declares no symbol of ours.
const storage = sharedStorage(globalThis as { [storageKey]?: AsyncLocalStorage<Scope> })

/**
 * Runs `work` so that every write inside it, however deep, is recorded with this context.
 *
 * Contexts nest: the inner one inherits the fields of the outer one and overrides those it names. A lazy promise, as
 * Prisma returns, is awaited inside the scope. A synchronous `work` returns its value synchronously.
 *
 * @example
 * await runWithAuditContext({ actor: { id: 'u_42', type: 'user' }, correlationId: 'req-7' }, () =>
 *   prisma.order.update({ where: { id: 1 }, data: { status: 'PAID' } }),
 * )
 */
export function runWithAuditContext<Value>(
  context: AuditContext,
  work: () => PromiseLike<Value>,
): Promise<Value>
export function runWithAuditContext<Result>(context: AuditContext, work: () => Result): Result
export function runWithAuditContext(context: AuditContext, work: () => unknown): unknown {
  requireContext(context)
  return storage.run({ context: merge(tryGetAuditContext(), context) }, () => {
    const result = work()
    return isThenable(result) ? settle(result) : result
  })
}

/**
 * Returns the context of the running scope.
 *
 * @throws AuditError `AUDIT_CONTEXT_MISSING` outside {@link runWithAuditContext}.
 */
export function getAuditContext(): AuditContext {
  const context = tryGetAuditContext()
  if (context === undefined) {
    throw new AuditError('AUDIT_CONTEXT_MISSING', 'No audit context: wrap the call in runWithAuditContext().')
  }
  return context
}

/** Returns the context of the running scope, or `undefined` outside one. */
export function tryGetAuditContext(): AuditContext | undefined {
  return storage.getStore()?.context
}

/**
 * Adds to the running scope what is only known later, such as the actor after authentication. Later writes of the
 * same scope carry it; the outer scope keeps its own.
 *
 * @throws AuditError `AUDIT_CONTEXT_MISSING` outside {@link runWithAuditContext}.
 */
export function updateAuditContext(changes: AuditContext): void {
  requireContext(changes)
  const scope = storage.getStore()
  if (scope === undefined) {
    throw new AuditError(
      'AUDIT_CONTEXT_MISSING',
      'No audit context to update: call runWithAuditContext() first.',
    )
  }
  scope.context = merge(scope.context, changes)
}

function sharedStorage(holder: { [storageKey]?: AsyncLocalStorage<Scope> }): AsyncLocalStorage<Scope> {
  holder[storageKey] ??= new AsyncLocalStorage<Scope>()
  return holder[storageKey]
}

function merge(outer: AuditContext | undefined, inner: AuditContext): AuditContext {
  return Object.freeze({
    ...outer,
    ...inner,
    ...mergedRecord('request', outer, inner),
    ...mergedRecord('metadata', outer, inner),
  })
}

function mergedRecord(field: 'request' | 'metadata', outer: AuditContext | undefined, inner: AuditContext) {
  const [before, after] = [outer?.[field], inner[field]]
  return before === undefined || after === undefined ? {} : { [field]: { ...before, ...after } }
}

// Awaiting here starts a lazy promise inside the scope; a plain `return` would start it outside.
async function settle(promise: PromiseLike<unknown>): Promise<unknown> {
  return await promise
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    value !== null &&
    (typeof value === 'object' || typeof value === 'function') &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

function requireContext(context: unknown): asserts context is AuditContext {
  if (context === null || typeof context !== 'object' || Array.isArray(context)) {
    throw new TypeError('The audit context must be an object, for example { actor: { id: "u_42" } }.')
  }
  const { actor, ...fields } = context as Readonly<Record<string, unknown>>
  if (actor !== undefined && !isActor(actor)) {
    throw new TypeError('The actor of an audit context must be an object with a string id.')
  }
  for (const field of ['correlationId', 'tenant', 'action', 'reason']) {
    if (fields[field] === undefined || typeof fields[field] === 'string') continue
    throw new TypeError(`The ${field} of an audit context must be a string.`)
  }
}

function isActor(actor: unknown): actor is AuditActor {
  if (actor === null || typeof actor !== 'object' || !('id' in actor) || typeof actor.id !== 'string')
    return false
  return !('type' in actor) || actor.type === undefined || typeof actor.type === 'string'
}
