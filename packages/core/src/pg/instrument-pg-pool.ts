import type { AuditTrail, TrailConnection } from '../audit-trail.ts'
import { AuditError } from '../errors.ts'
import { captureClient, type SharedEngine } from './capture-client.ts'
import type { CapturableClient } from './pg-client.ts'
import { fromPgPool, type PgPoolLike } from './pg-database.ts'

/** The members of node-postgres' `Pool` that capture uses. */
export interface InstrumentablePool extends PgPoolLike {
  prependListener(event: 'connect' | 'acquire', listener: (client: CapturableClient) => void): unknown
  end(...args: never): unknown
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

/**
 * Captures all that is sent over the clients of a node-postgres pool (`pg` 8.19 or later, its JavaScript client), from the
 * next statement on. The first one waits for the check of the audit schema. The pool's `end` stops the sealer first.
 *
 * A pool that is instrumented twice is captured once.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` when another trail captures the pool already, `AUDIT_DATABASE_UNSUPPORTED` for
 * what is no such pool.
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
  const seen = new WeakSet<CapturableClient>()
  const capture = (client: CapturableClient) => {
    if (seen.has(client)) return
    requireCapturable(client)
    seen.add(client)
    captureClient(client, shared)
  }
  const { connection } = shared
  const instrumentation = { trail, capture, connection, ready: async () => void (await connection()) }
  // In front: what the application itself sends to a new client is captured too.
  pool.prependListener('connect', capture)
  pool.prependListener('acquire', capture)
  instrumentations.set(pool, instrumentation)
  return instrumentation
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
  const database = fromPgPool(pool)
  let connecting: Promise<TrailConnection> | undefined
  let connected: TrailConnection | undefined

  async function connect(over = database): Promise<TrailConnection> {
    // A failure is told to whoever waits and tried again by the next: the schema may have been made meanwhile.
    connecting ??= trail.connect(database, over).catch((error) => {
      connecting = undefined
      throw error
    })
    connected = await connecting
    return connected
  }

  closeBeforeEnd(pool, async () => {
    const connection = await connecting?.catch(() => undefined)
    await connection?.close()
  })
  return {
    get engine() {
      return connected?.engine
    },
    connect: async (over) => (await connect(over)).engine,
    connection: () => connect(),
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

function closeBeforeEnd(pool: InstrumentablePool, close: () => Promise<void>): void {
  // One-line bridge: `end` takes an optional callback and else returns a promise.
  const end = pool.end.bind(pool) as (...args: readonly unknown[]) => unknown
  Object.defineProperty(pool, 'end', {
    value: (...args: readonly unknown[]) => {
      const ended = close().then(() => end(...args))
      return args.length === 0 ? ended : undefined
    },
    configurable: true,
    writable: true,
  })
}

function requireCapturable(client: CapturableClient): void {
  if (typeof client?.query === 'function' && typeof client.getTransactionStatus === 'function') return
  throw new AuditError(
    'AUDIT_DATABASE_UNSUPPORTED',
    'Indelible needs the JavaScript client of node-postgres (`pg`), version 8.19 or later.',
  )
}

function auditedAlready(): AuditError {
  return new AuditError('AUDIT_OPTION_INVALID', 'This pool is audited already: add Indelible to it once.')
}
