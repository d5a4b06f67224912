import { lowerAscii } from '../sql/characters.ts'
import type { ConfiguredSetting, Plan, SessionPlan } from '../sql/plan-types.ts'

/** What a setting may make uncertain: which tables names mean, what rights and triggers do, where strings end. */
export type Uncertainty = 'names' | 'rights' | 'texts'

const temporaryTables = 'temporary tables'

/** What is remembered of a session, and what it makes uncertain. Beside settings these are tables that hide others. */
const uncertainties: ReadonlyMap<string, Uncertainty> = new Map([
  ['search_path', 'names'],
  [temporaryTables, 'names'],
  ['role', 'rights'],
  ['session_authorization', 'rights'],
  ['session_replication_role', 'rights'],
  ['row_security', 'rights'],
  ['extra_float_digits', 'rights'],
  ['standard_conforming_strings', 'texts'],
])

const all = [...uncertainties.keys()]

/** Settings that RESET ALL leaves alone, seen on PostgreSQL 15 and 18. */
const keptByReset: ReadonlySet<string> = new Set(['role', 'session_authorization', temporaryTables])

/** Tells whether any of these makes something uncertain. */
export function makeUncertain(settings: Iterable<string>, uncertainty: Uncertainty): boolean {
  return [...settings].some((setting) => uncertainties.get(setting) === uncertainty)
}

/** What a statement does to the settings that count. */
export interface SettingsChange {
  /** Those that may differ from what the connection began with, for longer than the transaction. */
  readonly lasting: readonly string[]
  /** The same, for the transaction only. */
  readonly local: readonly string[]
  /** Those that are again what the connection began with. */
  readonly restored: readonly string[]
}

/** Tells what a statement may do to the settings that count. `values` are those of its parameters. */
export function changeOfSettings(plan: Plan, values: readonly unknown[]): SettingsChange {
  if (plan.kind === 'session') return sessionChange(plan)
  const configured = configuredBy(plan)
  const changed = (local: boolean) =>
    configured.filter((change) => change.local === local).flatMap(({ setting }) => named(setting, values))
  return { lasting: [...changed(false), ...madeTemporary(plan)], local: changed(true), restored: [] }
}

function configuredBy(plan: Exclude<Plan, SessionPlan>): readonly ConfiguredSetting[] {
  if (plan.kind === 'unprovable') return plan.stores ? [] : plan.setsConfiguration
  // A view that sets what is written to it.
  if (plan.kind === 'write' && plan.table.name === 'pg_settings')
    return [{ setting: 'unknown', local: false }]
  return ('setsConfiguration' in plan && plan.setsConfiguration) || []
}

function madeTemporary(plan: Plan): readonly string[] {
  return plan.kind === 'unprovable' && plan.temporary && !plan.stores ? [temporaryTables] : []
}

function named(setting: ConfiguredSetting['setting'], values: readonly unknown[]): readonly string[] {
  const name = typeof setting === 'number' ? values[setting - 1] : setting
  if (typeof name !== 'string' || name === 'unknown') return all
  return [lowerAscii(name)].filter((known) => uncertainties.has(known))
}

const nothing: SettingsChange = { lasting: [], local: [], restored: [] }

function sessionChange(plan: SessionPlan): SettingsChange {
  if (isRestoring(plan)) return { ...nothing, restored: restoredBy(plan) }
  if (plan.verb !== 'set' || plan.setting === undefined) return nothing
  const changed = named(plan.setting, [])
  return plan.local ? { ...nothing, local: changed } : { ...nothing, lasting: changed }
}

// What fires is known for this value alone, whatever a connection began with.
const firing = new Set(['origin', "'origin'"])

function isRestoring({ verb, setting, value = '', local }: SessionPlan): boolean {
  if (verb === 'reset' || verb === 'discard') return true
  const isFiring = setting === 'session_replication_role' && firing.has(value)
  return verb === 'set' && !local && (value === 'default' || isFiring)
}

function restoredBy({ verb, setting = '' }: SessionPlan): readonly string[] {
  if (verb === 'discard') return setting === 'all' ? all : setting === 'temp' ? [temporaryTables] : []
  if (setting === 'all') return all.filter((known) => !keptByReset.has(known))
  return setting === 'session_authorization' ? [setting, 'role'] : [setting]
}
