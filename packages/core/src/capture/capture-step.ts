import type { Redaction } from '../redact/redaction.ts'
import { lowerAscii } from '../sql/characters.ts'
import { planStatement } from '../sql/plan.ts'
import type { Plan, TableName, UnprovablePlan, WritePlan } from '../sql/plan-types.ts'
import { withoutLiterals } from '../sql/without-literals.ts'
import type { ResolvedCaptureOptions } from './capture-options.ts'
import type { CaptureSession } from './capture-session.ts'
import type { PositionOf, RewrittenWrite } from './capture-target.ts'
import type { Catalog, Table } from './catalog.ts'
import type { ExpectedChange } from './change-ledger.ts'
import type { Effect } from './effects.ts'
import { foreseeEffects } from './foreseen-effects.ts'
import { refusalOf } from './guard.ts'
import { originalPosition } from './pieces.ts'
import { findReasonedWrite, type ReasonedWrite } from './reason-rules.ts'
import { rewriteWrite } from './rewrite.ts'
import { carriedSql, carrySql, rewriteCarried } from './rewrite-carried.ts'

interface Planned {
  /** What the statement was found to do. */
  readonly plan: Plan
  /** Present where it may write to a table whose writes must say why. */
  readonly reasoned?: ReasonedWrite
}

/** A statement to run as it is. */
export interface PassStep extends Planned {
  readonly kind: 'pass'
  /** Whether it names what may write: a function, or a relation whose use calls one. Known where completeness is checked. */
  readonly active?: boolean
}

/** A write that carries its own entry. */
export interface WriteStep extends Planned, RewrittenWrite {
  readonly kind: 'write'
  readonly sql: string
  readonly positionOf: PositionOf
  readonly usesRules: boolean
  /** Whether the context travels in a setting, because the statement has no parameter left for it. */
  readonly contextInSetting: boolean
  readonly nameable: boolean
  /** What it does to its table, for the completeness check. */
  readonly change: ExpectedChange
  /** Whether it names what may write more than its own rows. */
  readonly active: boolean
}

/** A statement to run as it is, in one transaction behind a statement of ours that tells capture triggers its context. */
export interface CarryStep extends Planned {
  readonly kind: 'carry'
  /** Takes the context as its only parameter. */
  readonly contextSql: string
  /** Tables of which that statement says what foreign keys may do there. */
  readonly effects: readonly TableName[]
  readonly usesRules: boolean
  /** Whether it names what may write more than its own rows. */
  readonly active: boolean
}

/** A statement that may change rows which no image can show. */
export interface UncapturedStep extends Planned {
  readonly kind: 'uncaptured'
  readonly operation: 'statement' | 'ddl' | 'truncate'
  readonly reason: string
  readonly verb: string
  readonly tables: readonly TableName[]
  /** The text without its literals and comments. */
  readonly text: string
  /** Whether EXPLAIN may be asked which tables it writes. */
  readonly explainable: boolean
  /** Whether PostgreSQL runs it inside a transaction block. */
  readonly transactional: boolean
}

/** What to do with one statement. */
export type CaptureStep = PassStep | WriteStep | CarryStep | UncapturedStep

/** A statement as it reaches the connection. */
export interface Statement {
  readonly sql: string
  readonly parameters: number
  readonly session: CaptureSession
}

/** What a decision rests on. */
export interface Knowledge {
  readonly catalog: Catalog
  readonly redaction: Redaction
  readonly options: ResolvedCaptureOptions
}

/** Tells capture triggers the context of what follows in the transaction. */
export const contextStatement = 'select indelible.carried($1::indelible.context) is null as carried'

/** The reason of a step that a newer catalog may change. */
export const unknownTable = 'the catalog does not know the table'

const maxParameters = 65535
// Named statements of very many parameters (createMany) or much text would fill the server's memory and rarely come twice.
const maxNamedParameters = 100
const maxNamedText = 8192

/** Decides what to do with a statement. */
export function decideStep(statement: Statement, knowledge: Knowledge): CaptureStep {
  return withReasoned(decideWithoutReason(statement, knowledge), knowledge)
}

/** Adds to a step for which table's sake it needs a reason. */
export function withReasoned<Step extends CaptureStep>(
  step: Step,
  { catalog, options }: Pick<Knowledge, 'catalog' | 'options'>,
): Step {
  const { requireReason } = options
  const reasoned = requireReason && findReasonedWrite(step, requireReason, catalog)
  return reasoned === undefined ? step : { ...step, reasoned }
}

function decideWithoutReason(statement: Statement, knowledge: Knowledge): CaptureStep {
  const plan = planStatement(statement.sql)
  if (plan.kind === 'unprovable') return uncapturedText(statement.sql, plan)
  if (statement.session.textsUncertain && plan.kind !== 'transaction' && plan.kind !== 'empty') {
    return uncaptured(statement.sql, plan, 'a setting of the connection changed how texts are read')
  }
  if (plan.kind === 'write') return decideWrite(statement, plan, knowledge)
  const { catalog } = knowledge
  const active = plan.kind === 'read' && isActive(statement.sql, catalog)
  if (plan.kind === 'read' && plan.callsFunctions && catalog.captureTriggers) {
    return { kind: 'carry', plan, contextSql: contextStatement, effects: [], usesRules: false, active }
  }
  return active ? { kind: 'pass', plan, active } : { kind: 'pass', plan }
}

function decideWrite(statement: Statement, plan: WritePlan, knowledge: Knowledge): CaptureStep {
  const { catalog, redaction, options } = knowledge
  const { sql, parameters, session } = statement
  // The server refuses such a statement. Adding our context would give the user's last placeholder a value.
  if (plan.maxParameter !== parameters) return { kind: 'pass', plan }
  const table = catalog.find(plan.table)
  const refused = (reason: string) => uncaptured(sql, plan, reason)
  const nameIsCertain = !session.namesUncertain || plan.table.schema !== undefined
  // Its triggers fire under every setting, and need no right of the role's.
  if (nameIsCertain && table?.captured && !table.ruled)
    return decideCarried(statement, { plan, table }, knowledge)
  if (session.rightsUncertain)
    return refused('a setting of the connection changed rights, triggers or values')
  if (!nameIsCertain) return refused('the search path was changed')
  if (table === undefined) return refused(unknownTable)
  const write = { sql, plan, table }
  const reason = refusalOf(write)
  if (reason !== undefined) return refused(reason)

  const { cascade, effects, announced, relied } = foreseeEffects(write, knowledge)
  if (announced.length > 0 && options.onUncaptured === 'throw') return refused(effectsRefused)
  // What the statement sets off may change rows of tables with capture triggers: these are to know its context.
  const carries = catalog.captureTriggers && (table.triggers.length > 0 || table.children.length > 0)
  const contextInSetting = parameters >= maxParameters || (carries && firesEarly(table))
  const value = contextInSetting
    ? `pg_catalog.current_setting('indelible.context')::indelible.context`
    : `$${parameters + 1}::indelible.context`
  const rules = redaction.rulesOf(table)
  const context = carries && (!contextInSetting || relied.length > 0) ? carriedSql(value, relied) : value
  const rewritten = rewriteWrite(write, { version: catalog.version, context, rules, effects, cascade })
  if ('refused' in rewritten) return refused(rewritten.refused)
  return {
    kind: 'write',
    plan,
    sql: rewritten.sql,
    positionOf: (position) => originalPosition(sql, rewritten.pieces, position),
    verb: plan.verb,
    returning: plan.returning !== undefined,
    usesRules: rewritten.usesRules,
    contextInSetting,
    nameable: options.nameStatements && isNameable(sql, parameters) && !plan.returningStars,
    change: changeOf(plan, table, effects),
    active: isActive(sql, catalog) || effects.some(({ name }) => catalog.active.has(name)),
  }
}

function changeOf(plan: WritePlan, { oid }: Table, effects: readonly Effect[]): ExpectedChange {
  const { conflict, verb } = plan
  return {
    oid,
    kind: conflict?.action === 'update' ? 'upsert' : verb,
    conflict: conflict !== undefined,
    effects,
  }
}

const words = /[\p{L}_][\p{L}\p{N}_$]*|"(?:[^"]|"")*"/gu

/** Whether a text holds a name of what may write. Rather once too often: a string may hold it too, or an escaped name another. */
function isActive(sql: string, { active }: Pick<Catalog, 'active'>): boolean {
  if (active.size === 0) return false
  if (/u&"/i.test(sql)) return true
  return [...sql.matchAll(words)].some(([word]) =>
    active.has(word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : lowerAscii(word)),
  )
}

const effectsRefused = 'foreign key actions would change rows of other tables'

/** Leaves the rows to the capture triggers of the table and tells them the context. */
function decideCarried(
  { sql, parameters }: Statement,
  { plan, table }: { readonly plan: WritePlan; readonly table: Table },
  { catalog, redaction, options }: Knowledge,
): CaptureStep {
  const { effects, relied } = foreseeEffects({ sql, plan, table }, { catalog, redaction })
  if (effects.length > 0 && options.onUncaptured === 'throw') return uncaptured(sql, plan, effectsRefused)
  // Rules stand in the triggers; the key of fingerprints does not.
  const usesRules = redaction.pads !== undefined
  const active = isActive(sql, catalog) || effects.some(({ name }) => catalog.active.has(name))
  const carry = (context: string) => carrySql({ context, table, verb: plan.verb, effects, relied })
  if (parameters >= maxParameters || firesEarly(table)) {
    return { kind: 'carry', plan, contextSql: `select ${carry('$1')} as carried`, effects, usesRules, active }
  }
  const rewritten = rewriteCarried({ sql, plan, table }, carry(`$${parameters + 1}`))
  return {
    kind: 'write',
    plan,
    sql: rewritten.sql,
    positionOf: (position) => originalPosition(sql, rewritten.pieces, position),
    verb: plan.verb,
    returning: plan.returning !== undefined,
    usesRules,
    contextInSetting: false,
    nameable: options.nameStatements && isNameable(sql, parameters) && !plan.returningStars,
    change: changeOf(plan, table, effects),
    active,
  }
}

function firesEarly(table: Table): boolean {
  return table.triggers.some(({ early }) => early)
}

function isNameable(sql: string, parameters: number): boolean {
  return parameters > 0 && parameters <= maxNamedParameters && sql.length <= maxNamedText
}

function uncaptured(sql: string, plan: Exclude<Plan, UnprovablePlan>, reason: string): UncapturedStep {
  return {
    kind: 'uncaptured',
    plan,
    operation: 'statement',
    reason,
    verb: 'verb' in plan ? plan.verb.toUpperCase() : plan.kind.toUpperCase(),
    tables: plan.kind === 'write' ? [plan.table] : [],
    text: withoutLiterals(sql),
    explainable: false,
    transactional: true,
  }
}

const explainableVerbs = new Set(['WITH', 'INSERT', 'UPDATE', 'DELETE', 'MERGE'])

/** The step of a statement that cannot be captured for the way in which it was sent. */
export function asUncaptured(sql: string, plan: WritePlan | UnprovablePlan, reason: string): UncapturedStep {
  return plan.kind === 'write' ? uncaptured(sql, plan, reason) : { ...uncapturedText(sql, plan), reason }
}

function uncapturedText(sql: string, plan: UnprovablePlan): UncapturedStep {
  return {
    kind: 'uncaptured',
    plan,
    operation: plan.class,
    reason: plan.reason,
    verb: plan.verb ?? 'UNKNOWN',
    tables: plan.tables,
    text: withoutLiterals(sql),
    // A text of several statements would run its second one under EXPLAIN of the first.
    explainable: plan.statements === 'one' && explainableVerbs.has(plan.verb ?? ''),
    transactional: plan.transactional,
  }
}
