import {
  AuditError,
  type AuditOptions,
  type AuditTrail,
  createAuditTrail,
  fromPgPool,
  type TrailConnection,
} from '@indelible/core'
import type { SqlDriverAdapter, SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { auditAdapter } from './audited-adapter.ts'
import { requirePool } from './driver-adapter.ts'
import { provideStatementNames } from './statement-naming.ts'

/** The audit of one driver adapter. */
export interface Instrumentation {
  readonly options: AuditOptions
  readonly trail: AuditTrail
  /** Connects the driver adapter and captures all that is sent over it. */
  connect(): Promise<SqlDriverAdapter>
}

// By driver adapter, so that instrumenting one twice captures once.
const instrumentations = new WeakMap<object, Instrumentation>()

/** Returns the audit of a driver adapter that was instrumented before. */
export function tryGetInstrumentation(factory: object): Instrumentation | undefined {
  return instrumentations.get(factory)
}

/**
 * The same, for a caller who brings options of his own.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` when it was instrumented with other options: they would be lost silently.
 */
export function tryReuseInstrumentation(factory: object, options: AuditOptions): Instrumentation | undefined {
  const known = instrumentations.get(factory)
  if (known === undefined || options === known.options || Object.keys(options).length === 0) return known
  throw new AuditError(
    'AUDIT_OPTION_INVALID',
    'This driver adapter is audited already: give the options once.',
  )
}

/** Remembers that a driver adapter, or what stands for it, is captured by this audit. */
export function registerInstrumentation(factory: object, instrumentation: Instrumentation): void {
  instrumentations.set(factory, instrumentation)
}

/** What an instrumentation is made of. */
export interface InstrumentationParts {
  readonly options: AuditOptions
  /** Connects whoever uses the adapter, when the trail is read before the first query. */
  readonly open: () => Promise<void>
}

/** Creates the audit of a driver adapter. @throws AuditError `AUDIT_OPTION_INVALID`. */
export function createInstrumentation(
  factory: SqlDriverAdapterFactory,
  parts: InstrumentationParts,
): Instrumentation {
  const trail = createAuditTrail(parts)
  const connectInner = factory.connect.bind(factory)
  provideStatementNames(factory)

  return {
    options: parts.options,
    trail,
    async connect() {
      const adapter = await connectInner()
      try {
        const database = fromPgPool(requirePool(adapter))
        const connection = await trail.connect(database)
        const audited = auditAdapter(adapter, { engine: connection.engine, database })
        return { ...audited, dispose: () => disposeBoth(connection, adapter) }
      } catch (error) {
        await adapter.dispose().catch(() => undefined)
        throw error
      }
    },
  }
}

async function disposeBoth(connection: TrailConnection, adapter: SqlDriverAdapter): Promise<void> {
  try {
    await connection.close()
  } finally {
    await adapter.dispose()
  }
}
