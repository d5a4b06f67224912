import type { Plan } from '../sql/plan-types.ts'

/**
 * What statements of a connection have made uncertain. A transaction is a session inside that of its pool: what it
 * sets for good outlives it on the pooled connection, so it is remembered there too.
 */
export interface CaptureSession {
  readonly parent: CaptureSession | undefined
  /** Unqualified names may mean other tables than the catalog says. */
  namesUncertain: boolean
  /** Rights, triggers or lexical rules differ from those the catalog was loaded under. */
  everythingUncertain: boolean
}

/** Creates the session of a pool, or of a transaction inside one. */
export function createSession(parent?: CaptureSession): CaptureSession {
  return {
    parent,
    namesUncertain: parent?.namesUncertain ?? false,
    everythingUncertain: parent?.everythingUncertain ?? false,
  }
}

const namingSettings = new Set(['search_path', 'unknown'])
const meaningSettings = new Set([
  'standard_conforming_strings',
  'role',
  'session_authorization',
  'session_replication_role',
  'row_security',
  'unknown',
])

/** Notes what a statement that ran changes about the meaning of later ones. */
export function noteSessionChange(session: CaptureSession, plan: Plan): void {
  const change = settingOf(plan)
  if (change === undefined) return
  for (
    let at: CaptureSession | undefined = session;
    at !== undefined;
    at = change.local ? undefined : at.parent
  ) {
    if (namingSettings.has(change.setting)) at.namesUncertain = true
    if (meaningSettings.has(change.setting)) at.everythingUncertain = true
  }
}

function settingOf(plan: Plan): { readonly setting: string; readonly local: boolean } | undefined {
  if ('setsConfiguration' in plan && plan.setsConfiguration !== undefined) {
    return { setting: plan.setsConfiguration, local: false }
  }
  if (plan.kind === 'unprovable' && plan.temporary) return { setting: 'search_path', local: false }
  if (plan.kind !== 'session' || plan.setting === undefined || plan.verb === 'show') return undefined
  return { setting: plan.setting, local: plan.local ?? false }
}
