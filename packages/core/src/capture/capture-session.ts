import { AuditError } from '../errors.ts'
import type { Plan } from '../sql/plan-types.ts'
import type { Catalog } from './catalog.ts'
import type { ChangeLedger } from './change-ledger.ts'
import { changeOfSettings, makeUncertain } from './session-settings.ts'

/**
 * What statements of a connection have made uncertain. A transaction is a session inside that of its pool: what it
 * sets for good outlives it on the pooled connection, so it is remembered there too.
 */
export interface CaptureSession {
  readonly parent: CaptureSession | undefined
  /** The settings that may differ from those the connection began with, as far as they count. */
  readonly changedSettings: Set<string>
  /** Unqualified names may mean other tables than the catalog says. */
  readonly namesUncertain: boolean
  /** Rights, triggers or the text of values differ from those the catalog was loaded under. */
  readonly rightsUncertain: boolean
  /** Strings with a backslash may end elsewhere than the scanner thinks, so that even a read may hide a write. */
  readonly textsUncertain: boolean
  /** What a transaction sees that has changed the schema itself, or met a table that others do not see yet. */
  catalog: Catalog | undefined
  /** Whether that catalog may show what was undone since: it must be read again before anybody relies on it. */
  catalogExpired: boolean
  /** Whether the transaction has changed the schema. */
  schemaChanged: boolean
  /** What was captured in the transaction, for the completeness check. */
  changes: ChangeLedger | undefined
  /** Whether the transaction is ending or has ended: the connection may serve somebody else already. */
  ended: boolean
}

/** Creates the session of a pool, or of a transaction inside one. */
export function createSession(parent?: CaptureSession): CaptureSession {
  const changedSettings = new Set(parent?.changedSettings)
  return {
    parent,
    changedSettings,
    get namesUncertain() {
      return makeUncertain(changedSettings, 'names')
    },
    get rightsUncertain() {
      return makeUncertain(changedSettings, 'rights')
    },
    get textsUncertain() {
      return makeUncertain(changedSettings, 'texts')
    },
    catalog: undefined,
    catalogExpired: false,
    schemaChanged: false,
    changes: undefined,
    ended: false,
  }
}

/**
 * Holds back a statement of ours when the transaction has timed out meanwhile: its connection may serve somebody else.
 *
 * @throws AuditError `AUDIT_WRITE_FAILED`.
 */
export function requireOpen(session: CaptureSession): void {
  if (!session.ended) return
  throw new AuditError('AUDIT_WRITE_FAILED', 'The transaction ended while a statement of it was under way.')
}

/** How a statement is sent. */
export interface SentStatement {
  /** The values of its parameters. */
  readonly values?: readonly unknown[]
  /** Whether all statements of the session come to one connection, also those outside of transactions. */
  readonly held?: boolean | undefined
}

/** Notes what a statement may change about the meaning of later ones. Called before it runs: half of it may be done. */
export function noteSessionChange(
  session: CaptureSession,
  plan: Plan,
  { values = [], held = false }: SentStatement,
): void {
  const { lasting, local, restored } = changeOfSettings(plan, values)
  // Outside of a transaction what holds for one is over at once.
  if (session.parent !== undefined) addAll(session.changedSettings, local)
  for (let at: CaptureSession | undefined = session; at !== undefined; at = at.parent) {
    addAll(at.changedSettings, lasting)
  }
  // What a transaction puts back may be undone with it.
  if (!held || session.parent !== undefined) return
  for (const setting of restored) session.changedSettings.delete(setting)
}

function addAll(settings: Set<string>, added: readonly string[]): void {
  for (const setting of added) settings.add(setting)
}
