import type { TableName } from '../sql/plan-types.ts'
import type { CaptureStep, UncapturedStep } from './capture-step.ts'
import type { Catalog } from './catalog.ts'
import { effectsOf } from './effects.ts'
import { namesIn } from './names-in.ts'

/** Which writes must say why. */
export interface RequireReason {
  /** Tables as the database names them: `table` in every schema, or `schema.table`. */
  readonly tables?: readonly string[]
  /** Business actions, as in the `action` of the context: every write inside them. */
  readonly actions?: readonly string[]
}

/** The rules of {@link RequireReason}, compiled once. */
export interface ReasonRules {
  readonly tables: ReadonlySet<string>
  /** The tables without their schemas: how they may stand in a text. */
  readonly names: ReadonlySet<string>
  readonly actions: ReadonlySet<string>
}

/** Compiles rules; `undefined` where there are none. */
export function compileReasonRules({
  tables = [],
  actions = [],
}: RequireReason = {}): ReasonRules | undefined {
  if (tables.length === 0 && actions.length === 0) return undefined
  const names = tables.flatMap((table) => [table, table.slice(table.indexOf('.') + 1)])
  return { tables: new Set(tables), names: new Set(names), actions: new Set(actions) }
}

/** What a step that may write to a table with such a rule is refused by; the name of no table where it cannot be told. */
export interface ReasonedWrite {
  readonly table: string | undefined
}

/**
 * Finds the table for whose sake a step needs a reason. Tables whose rows foreign keys delete or change count. A statement that
 * cannot be captured counts when its text names such a table anywhere, or when it runs code that no text shows.
 */
export function findReasonedWrite(
  step: CaptureStep,
  { tables, names }: ReasonRules,
  catalog: Pick<Catalog, 'find'>,
): ReasonedWrite | undefined {
  if (tables.size === 0 || step.kind === 'pass') return undefined
  if (step.kind === 'uncaptured' && step.plan.kind !== 'write') return findInText(step, names)
  if (step.plan.kind !== 'write') return undefined
  const table = catalog.find(step.plan.table)
  const written: readonly TableName[] =
    table === undefined ? [step.plan.table] : [table, ...effectsOf(step.plan, table, catalog)]
  const whole = written.flatMap((each) => [each, ...(catalog.find(each)?.partitionOf ?? [])])
  return nameRuled(whole, tables)
}

function nameRuled(written: readonly TableName[], tables: ReadonlySet<string>): ReasonedWrite | undefined {
  const found = written.find(({ schema, name }) => tables.has(name) || tables.has(`${schema}.${name}`))
  return found && { table: found.schema === undefined ? found.name : `${found.schema}.${found.name}` }
}

// They run code that stands elsewhere, or in a literal.
const opaque: ReadonlySet<string> = new Set(['do', 'call', 'execute'])

function findInText(step: UncapturedStep, names: ReadonlySet<string>): ReasonedWrite | undefined {
  const { plan, text, verb } = step
  const isOne = plan.kind === 'unprovable' && plan.statements === 'one'
  // A change of the schema writes no row that an application would call a write.
  if (isOne && step.operation === 'ddl') return undefined
  const found = namesIn(text)
  const table = found.find((name) => names.has(name))
  if (table !== undefined) return { table }
  const runsOther = isOne ? opaque.has(verb.toLowerCase()) : found.some((name) => opaque.has(name))
  // TRUNCATE … CASCADE empties tables that it does not name; an escaped name may be any.
  const isUnclear = verb === 'UNKNOWN' || /u&"/i.test(text) || /\btruncate\b[\s\S]*\bcascade\b/i.test(text)
  return runsOther || isUnclear ? { table: undefined } : undefined
}
