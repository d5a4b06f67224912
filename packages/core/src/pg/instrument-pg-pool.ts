import { AsyncResource } from 'node:async_hooks'
import type { AuditTrail, TrailConnection } from '../audit-trail.ts'
import { AuditError } from '../errors.ts'
import type { AuditDatabase } from '../store/audit-database.ts'
import { captureClient, refuseStatements, type SharedEngine, tryGetOwnStatements } from './capture-client.ts'
import { createLender } from './lender.ts'
import type { CapturableClient } from './pg-client.ts'
import { fromLender, type PgPoolLike, toReadDatabase } from './pg-database.ts'

/** The members of node-postgres' `Pool` that capture uses. */
export interface InstrumentablePool extends PgPoolLike {
  prependListener(event: 'connect' | 'acquire', listener: (client: CapturableClient) => void): unknown
  end(...args: never): unknown
  /** `onConnect` is handed a new client before any event. */
  readonly options?: { onConnect?: unknown }
}

/** What a pool is instrumented with. */
export interface InstrumentPgPoolOptions {
  readonly trail: AuditTrail
  /** The pool where the trail lives, when this one is that of a read replica. @default the pool itself */
  readonly primary?: InstrumentablePool
}

/** A pool whose clients are captured. */
export interface InstrumentedPool {
  /** Captures a client that was taken from the pool before the pool was instrumented. */
  capture(client: CapturableClient): void
  /**
   * Connects the trail over the pool, if no statement did so yet.
   *
   * @throws AuditError `AUDIT_SCHEMA_MISSING`, `AUDIT_SCHEMA_ALTERED` or `AUDIT_DATABASE_UNSUPPORTED`.
   */
  ready(): Promise<void>
}

interface Instrumentation extends InstrumentedPool {
  readonly trail: AuditTrail
  connection(): Promise<TrailConnection>
}

const instrumentations = new WeakMap<InstrumentablePool, Instrumentation>()
// Of all pools: who hands in a client need not know of which of several replicas it is.
const capturedClients = new WeakSet<CapturableClient>()

/**
 * Captures all that is sent over the clients of a node-postgres pool (`pg` 8.21 or later, its JavaScript client), from the
 * next statement on. The first one waits for the check of the audit schema. The pool's `end` stops the sealer first.
 *
 * A pool that is instrumented twice is captured once.
 *
 * Every statement of a client that is not supported is refused with `AUDIT_DATABASE_UNSUPPORTED`: another one, or one that asks
 * for results in binary form.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` when another trail captures the pool already.
 *
 * @example
 * const trail = createAuditTrail({ options: {}, open: () => instrumented.ready() })
 * const instrumented = instrumentPgPool(pool, { trail })
 */
export function instrumentPgPool(
  pool: InstrumentablePool,
  { trail, primary }: InstrumentPgPoolOptions,
): InstrumentedPool {
  const known = instrumentations.get(pool)
  if (known !== undefined) {
    if (known.trail !== trail) throw auditedAlready()
    return known
  }
  const shared =
    primary === undefined ? createOwnEngine(pool, trail) : createBorrowedEngine(getInstrumentation(primary))
  const capture = (client: CapturableClient) => {
    if (capturedClients.has(client)) return
    capturedClients.add(client)
    const unsupported = whyUnsupported(client)
    // Thrown here, inside an event of the pool, the error would end the process.
    if (unsupported === undefined) captureClient(client, shared)
    else refuseStatements(client, new AuditError('AUDIT_DATABASE_UNSUPPORTED', unsupported))
  }
  const { connection } = shared
  const instrumentation = { trail, capture, connection, ready: async () => void (await connection()) }
  // In front: what the application itself sends to a new client is captured too.
  captureBeforeHook(pool, capture)
  pool.prependListener('connect', capture)
  pool.prependListener('acquire', capture)
  callBackInContext(pool)
  instrumentations.set(pool, instrumentation)
  return instrumentation
}

/** What `onConnect` of the application sends is the first that a client sends. */
function captureBeforeHook(
  { options }: InstrumentablePool,
  capture: (client: CapturableClient) => void,
): void {
  const hook = options?.onConnect
  if (options === undefined || typeof hook !== 'function') return
  options.onConnect = (client: CapturableClient): unknown => {
    capture(client)
    return hook.call(options, client)
  }
}

function getInstrumentation(pool: InstrumentablePool): Instrumentation {
  const known = instrumentations.get(pool)
  if (known !== undefined) return known
  throw new AuditError('AUDIT_NOT_INSTRUMENTED', 'The primary pool must be instrumented before its replicas.')
}

interface PoolEngine extends SharedEngine {
  connection(): Promise<TrailConnection>
}

function createOwnEngine(pool: InstrumentablePool, trail: AuditTrail): PoolEngine {
  const lender = createLender({ pool, settle: async (client) => tryGetOwnStatements(client)?.settle() })
  const database = fromLender(lender)
  let connecting: Promise<TrailConnection> | undefined
  let connected: TrailConnection | undefined

  function begin(over: AuditDatabase): Promise<TrailConnection> {
    connecting = trail.connect(database, over).catch((error) => {
      connecting = undefined
      throw error
    })
    return connecting
  }

  async function connect(over: AuditDatabase): Promise<TrailConnection> {
    // Where another client failed to connect it, the failure may be that client's own.
    connected = await (connecting?.catch(() => connecting ?? begin(over)) ?? begin(over))
    return connected
  }

  /** Over a client that is at hand before anybody waits for it: those who hold all the others may be the ones who wait. */
  async function connection(): Promise<TrailConnection> {
    const underWay = await connecting?.catch(() => undefined)
    return (
      underWay ?? (await lender.lend((client, onBroken) => connect(toReadDatabase(client, false, onBroken))))
    )
  }

  closeBeforeEnd(pool, async () => {
    const closed = connecting?.then((connection) => connection.close()).catch(() => undefined)
    // A trail that is being connected over a client of the application's is as late as that client.
    await (connected === undefined ? lender.recall() : closed)
  })
  return {
    get engine() {
      return connected?.engine
    },
    connect: async (over) => (await connect(over)).engine,
    connection,
  }
}

/** Of a read replica: its entries would come to the same tables, so the primary's catalog and options hold. */
function createBorrowedEngine(primary: Instrumentation): PoolEngine {
  let connected: TrailConnection | undefined
  const connection = async () => {
    connected = await primary.connection()
    return connected
  }
  return {
    get engine() {
      return connected?.engine
    },
    connect: async () => (await connection()).engine,
    connection,
  }
}

/**
 * A pool that is busy calls back from inside the request that gave a client back, so that `pool.query` would be sent in the
 * context of a stranger. A promise keeps the context by itself.
 */
function callBackInContext(pool: InstrumentablePool): void {
  shadow(pool, 'connect', (connect, args) => connect(...args.map(bindToContext)))
}

function bindToContext(argument: unknown): unknown {
  if (typeof argument !== 'function') return argument
  // One-line bridge: whatever the callback takes, it takes it bound.
  const callback = argument as (...args: readonly unknown[]) => unknown
  // AsyncResource.bind() does the same at fifty times the cost: it gives the function its length and its links.
  const resource = new AsyncResource('IndelibleCallback')
  return (...args: readonly unknown[]) => resource.runInAsyncScope(callback, undefined, ...args)
}

function closeBeforeEnd(pool: InstrumentablePool, close: () => Promise<void>): void {
  let isEnding = false
  shadow(pool, 'connect', (connect, args) => (isEnding ? refuseClient(args) : connect(...args)))
  shadow(pool, 'end', (end, args) => {
    isEnding = true
    const ended = close().then(() => end(...args))
    return args.length === 0 ? ended : undefined
  })
}

/** In the words of node-postgres, whose pool hears of its end only when the sealer has stopped. */
function refuseClient([callback]: readonly unknown[]): unknown {
  const error = new Error('Cannot use a pool after calling end on the pool')
  return typeof callback === 'function' ? callback(error) : Promise.reject(error)
}

type Method = (...args: readonly unknown[]) => unknown

/** Puts a function of ours in front of a method, on this object alone. */
function shadow<Name extends 'connect' | 'end'>(
  pool: Record<Name, unknown>,
  name: Name,
  call: (method: Method, args: readonly unknown[]) => unknown,
): void {
  // One-line bridge: both methods take an optional callback, and else return a promise.
  const method = (pool[name] as Method).bind(pool)
  const value = (...args: readonly unknown[]) => call(method, args)
  Object.defineProperty(pool, name, { value, configurable: true, writable: true })
}

function whyUnsupported({ getTransactionStatus, binary }: CapturableClient): string | undefined {
  if (typeof getTransactionStatus !== 'function')
    return 'Indelible needs the JavaScript client of node-postgres (`pg`), version 8.21 or later.'
  if (binary)
    return 'Indelible reads results as text: take `binary: true` out of the settings of node-postgres.'
  return undefined
}

function auditedAlready(): AuditError {
  return new AuditError('AUDIT_OPTION_INVALID', 'This pool is audited already: add Indelible to it once.')
}
