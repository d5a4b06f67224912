import type { AuditConnection } from './audit.ts'
import { type AuditOptions, resolveAuditOptions, type SealOptions } from './audit-options.ts'
import { createCaptureEngine } from './capture/capture-engine.ts'
import type { AuditWarning } from './capture/capture-options.ts'
import { loadCatalog } from './capture/catalog.ts'
import { warnOfUnknownTables } from './capture/unknown-tables.ts'
import type { Environment } from './configuration/environment-values.ts'
import { readEnvironment } from './configuration/read-environment.ts'
import { AuditError } from './errors.ts'
import { createEventRecorder } from './events/event-recorder.ts'
import { requireOnlyCopy } from './only-copy.ts'
import { sealAll } from './seal/seal-all.ts'
import { createSealer, type Sealer } from './seal/sealer.ts'
import type { AuditDatabase } from './store/audit-database.ts'
import { requireSchema } from './store/schema-check.ts'

/** The trail of one application's database, as an adapter wires it up. */
export interface AuditTrail {
  /** Whether a connection is up and captured. */
  readonly connected: boolean
  /** Finds the connection, opening it where it is not open yet: what `createAudit` reads through. */
  connection(): Promise<AuditConnection>
  /**
   * Checks the audit schema, loads the catalog and starts the sealer.
   *
   * @param over Where it is read at once, if not by the pool itself: a connection that the caller holds already.
   * @throws AuditError `AUDIT_SCHEMA_MISSING` or `AUDIT_SCHEMA_ALTERED`.
   */
  connect(database: AuditDatabase, over?: AuditDatabase): Promise<TrailConnection>
}

/** A connected pool whose statements are captured. */
export interface TrailConnection extends AuditConnection {
  /** Stops the sealer and waits for what runs, for a few seconds at most. Call it before the pool ends. */
  close(): Promise<void>
}

/** What an adapter supplies. */
export interface AuditTrailParts {
  readonly options: AuditOptions
  /** Connects the application, which leads to {@link AuditTrail.connect}. */
  readonly open: () => Promise<void>
  /** What sets options that are left open. @default process.env */
  readonly env?: Environment
}

// Pools close connections that were idle for long enough, ten seconds as a rule: then a process may end that forgot its pool.
const longestIdle = 600_000

/** Creates the trail of one application. @throws AuditError `AUDIT_OPTION_INVALID`, `AUDIT_CORE_DUPLICATED`. */
export function createAuditTrail({ options, open, env }: AuditTrailParts): AuditTrail {
  requireOnlyCopy()
  const { capture, redaction, seal } = resolveAuditOptions(options, env)
  const onError = (error: unknown) => capture.onWarning(sealWarning(error))
  // Where another process seals, the key is for those who ask this one to.
  const { signer } = seal === false ? readEnvironment('sealer', env) : seal
  const running = new Set<TrailConnection>()

  return {
    async connection() {
      if (running.size === 0) await open()
      const [first] = running
      if (first === undefined) throw notInstrumented()
      return first
    },
    get connected() {
      return running.size > 0
    },
    async connect(database, over = database) {
      await requireSchema(over)
      await warnOfUnknownTables(over, capture)
      const catalog = await loadCatalog(over, capture)
      const sealer =
        seal === false
          ? idleSealer(database, signer)
          : createSealer(database, { longestIdle, ...seal, onError })
      const onEntry = sealer.wake
      const engine = createCaptureEngine({ options: capture, redaction, catalog, database, onEntry })
      const recorder = createEventRecorder({ options: capture, redaction, database, onEntry })
      const connection = { database, sealer, engine, recorder, close: () => close(connection) }
      running.add(connection)
      sealer.wake()
      return connection
    },
  }

  async function close(connection: TrailConnection & { readonly sealer: Sealer }): Promise<void> {
    running.delete(connection)
    await Promise.all([connection.sealer.close(), connection.database.recall?.()])
  }
}

/** Seals on demand only: another process does it in the background. */
function idleSealer(database: AuditDatabase, signer: SealOptions['signer']): Sealer {
  return {
    wake: () => undefined,
    seal: () => sealAll(database, signer ? { signer } : {}),
    close: async () => undefined,
  }
}

function sealWarning(error: unknown): AuditWarning {
  const reason = error instanceof Error ? error.message : String(error)
  return {
    code: 'AUDIT_SEAL_FAILED',
    message: `The audit entries could not be sealed: ${reason}`,
    facts: { error },
  }
}

function notInstrumented(): AuditError {
  return new AuditError(
    'AUDIT_NOT_INSTRUMENTED',
    'The client was connected before Indelible was added to it, so nothing is captured. Add it before the first query.',
  )
}
