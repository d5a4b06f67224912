import { AuditError } from '../errors.ts'
import type { Plan, UnprovablePlan } from '../sql/plan-types.ts'
import type { Catalog } from './catalog.ts'
import type { ChangeLedger } from './change-ledger.ts'

/**
 * What statements of a connection have made uncertain. A transaction is a session inside that of its pool: what it
 * sets for good outlives it on the pooled connection, so it is remembered there too.
 */
export interface CaptureSession {
  readonly parent: CaptureSession | undefined
  /** Unqualified names may mean other tables than the catalog says. */
  namesUncertain: boolean
  /** Rights, triggers or the text of values differ from those the catalog was loaded under. */
  rightsUncertain: boolean
  /** Strings may end elsewhere than the scanner thinks, so that even a read may hide a write. */
  textsUncertain: boolean
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
  return {
    parent,
    namesUncertain: parent?.namesUncertain ?? false,
    rightsUncertain: parent?.rightsUncertain ?? false,
    textsUncertain: parent?.textsUncertain ?? false,
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

const namingSettings = new Set(['search_path', 'unknown'])
const textSettings = new Set(['standard_conforming_strings', 'unknown'])
const rightSettings = new Set([
  'role',
  'session_authorization',
  'session_replication_role',
  'row_security',
  'extra_float_digits',
  'unknown',
])

/** Notes what a statement may change about the meaning of later ones. Called before it runs: half of it may be done. */
export function noteSessionChange(session: CaptureSession, plan: Plan, sql: string): void {
  const change = plan.kind === 'unprovable' ? hiddenChange(plan, sql) : plainChange(plan)
  if (change === undefined) return
  for (
    let at: CaptureSession | undefined = session;
    at !== undefined;
    at = change.local ? undefined : at.parent
  ) {
    at.namesUncertain ||= namingSettings.has(change.setting)
    at.rightsUncertain ||= rightSettings.has(change.setting)
    at.textsUncertain ||= textSettings.has(change.setting)
  }
}

interface SettingChange {
  readonly setting: string
  readonly local: boolean
}

function plainChange(plan: Exclude<Plan, UnprovablePlan>): SettingChange | undefined {
  if ('setsConfiguration' in plan && plan.setsConfiguration !== undefined) {
    return { setting: plan.setsConfiguration, local: false }
  }
  if (plan.kind !== 'session' || plan.setting === undefined || plan.verb === 'show') return undefined
  return { setting: plan.setting, local: plan.local ?? false }
}

// In several statements, in the body of DO, behind CALL: rather once too often than missed.
const settingWords =
  /search_path|set_config|set\s+(?:local\s+|session\s+)?(?:role|schema|authorization)|session_authorization|session_replication_role|row_security|standard_conforming_strings|extra_float_digits/i

function hiddenChange(plan: UnprovablePlan, sql: string): SettingChange | undefined {
  if (settingWords.test(sql)) return { setting: 'unknown', local: false }
  return plan.temporary ? { setting: 'search_path', local: false } : undefined
}
