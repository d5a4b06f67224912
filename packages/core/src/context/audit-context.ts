import { AsyncLocalStorage } from 'node:async_hooks'
import { givenFields } from '../configuration/given-fields.ts'
import { AuditError } from '../errors.ts'
import { bindResult } from './bind-result.ts'
import { findContextFault } from './context-fault.ts'

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
  /** The span of OpenTelemetry that was active; `@indelible/core/opentelemetry` fills it in. */
  readonly trace?: AuditTrace
}

/** A span of a distributed trace, in the hexadecimal form of W3C Trace Context. */
export interface AuditTrace {
  readonly traceId: string
  readonly spanId: string
}

interface Scope {
  /** Absent in a scope that hides the context around it. */
  context: AuditContext | undefined
}

// One storage for the whole process, even where two copies of this package are loaded.
const storageKey = Symbol.for('indelible.context')
// One-line bridge: globalThis declares no symbol of ours.
const storage = sharedStorage(globalThis as { [storageKey]?: AsyncLocalStorage<Scope> })

/**
 * Runs `work` so that every write inside it, however deep, is recorded with this context.
 *
 * Contexts nest: the inner one inherits the fields of the outer one and overrides those it names; a field that is undefined is
 * one that it does not name. A synchronous `work` returns its value synchronously.
 *
 * What begins only when it is awaited, as a promise of Prisma does, is awaited inside the scope when `work` returns it.
 * Lazy promises in an array that `work` returns, and generators, sync or async, keep the context too, wherever they are
 * awaited or iterated later. What hides deeper does not, and has the context of where it is awaited: a lazy promise in a
 * field of an object, and iterables written by hand, such as streams. Await or iterate those inside `work`. A batch of
 * Prisma has the context of its `$transaction`.
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
  return runInScope(merge(tryGetAuditContext(), context), work)
}

/** Runs `work` with exactly this context, or with none, whatever runs around it. */
export function runInScope(context: AuditContext | undefined, work: () => unknown): unknown {
  const scope: Scope = { context }
  return storage.run(scope, () => bindResult(work(), (call) => storage.run(scope, call)))
}

/**
 * Runs `work` with a reason, for writes that must say why.
 *
 * @throws TypeError when the reason is empty.
 *
 * @example
 * await withReason('customer called, ticket 4711', () => prisma.order.update({ where: { id: 1 }, data: { status: 'PAID' } }))
 */
export function withReason<Value>(reason: string, work: () => PromiseLike<Value>): Promise<Value>
export function withReason<Result>(reason: string, work: () => Result): Result
export function withReason(reason: string, work: () => unknown): unknown {
  if (!hasReason({ reason })) throw new TypeError('The reason must be a text that is not empty.')
  return runWithAuditContext({ reason }, work)
}

/** Whether a context says why. */
export function hasReason(context: AuditContext | undefined): boolean {
  return typeof context?.reason === 'string' && context.reason.trim() !== ''
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
 * same scope carry it; the outer scope keeps its own. A field that is undefined changes nothing.
 *
 * @throws AuditError `AUDIT_CONTEXT_MISSING` outside {@link runWithAuditContext}.
 */
export function updateAuditContext(changes: AuditContext): void {
  requireContext(changes)
  const scope = storage.getStore()
  if (scope?.context === undefined) {
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
    ...givenFields(inner),
    ...mergedRecord('request', outer, inner),
    ...mergedRecord('metadata', outer, inner),
  })
}

function mergedRecord(field: 'request' | 'metadata', outer: AuditContext | undefined, inner: AuditContext) {
  const [before, after] = [outer?.[field], inner[field]]
  return before === undefined || after === undefined ? {} : { [field]: { ...before, ...after } }
}

function requireContext(context: unknown): asserts context is AuditContext {
  const fault = findContextFault(context)
  if (fault !== undefined) throw new TypeError(fault)
}
