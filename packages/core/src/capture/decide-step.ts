import type { Redaction } from '../redact/redaction.ts'
import type { WritePlan } from '../sql/plan-types.ts'
import type { ResolvedCaptureOptions } from './capture-options.ts'
import { type CaptureStep, contextStatement, type Statement, unknownTable } from './capture-step.ts'
import type { Catalog, Table } from './catalog.ts'
import type { ExpectedChange } from './change-ledger.ts'
import type { Effect } from './effects.ts'
import { foreseeEffects } from './foreseen-effects.ts'
import { refusalOf } from './guard.ts'
import { namesIn } from './names-in.ts'
import { originalPosition, type Piece } from './pieces.ts'
import { planWithCatalog } from './plan-with-catalog.ts'
import { findReasonedWrite } from './reason-rules.ts'
import { rewriteWrite } from './rewrite.ts'
import { carriedSql, carrySql, rewriteCarried } from './rewrite-carried.ts'
import { uncaptured, uncapturedText } from './uncaptured-step.ts'

/** What a decision rests on. */
export interface Knowledge {
  readonly catalog: Catalog
  readonly redaction: Redaction
  readonly options: ResolvedCaptureOptions
}

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
  const plan = planWithCatalog(statement.sql, knowledge.catalog)
  if (plan.kind === 'unprovable') return uncapturedText(statement.sql, plan)
  if (isReadOtherwise(statement) && plan.kind !== 'transaction' && plan.kind !== 'empty') {
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

/** Without a backslash every text is read in the same way. */
function isReadOtherwise({ sql, session }: Statement): boolean {
  return session.textsUncertain && sql.includes('\\')
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
  const { usesRules } = rewritten
  return toWriteStep(statement, { ...write, rewritten, effects, usesRules, contextInSetting }, knowledge)
}

interface DecidedWrite {
  readonly plan: WritePlan
  readonly table: Table
  readonly rewritten: { readonly sql: string; readonly pieces: readonly Piece[] }
  readonly effects: readonly Effect[]
  readonly usesRules: boolean
  readonly contextInSetting: boolean
}

function toWriteStep(
  { sql, parameters }: Statement,
  { plan, table, rewritten, effects, usesRules, contextInSetting }: DecidedWrite,
  { catalog, options }: Knowledge,
): CaptureStep {
  return {
    kind: 'write',
    plan,
    sql: rewritten.sql,
    positionOf: (position) => originalPosition(sql, rewritten.pieces, position),
    verb: plan.verb,
    returning: plan.returning !== undefined,
    usesRules,
    contextInSetting,
    nameable: options.nameStatements && isNameable(sql, parameters) && !plan.returningStars,
    change: changeOf(plan, table, effects),
    active: setsOffActive(sql, effects, catalog),
  }
}

/** Whether what may write more than its own rows is named by a text, or is among the tables that its foreign keys change. */
function setsOffActive(sql: string, effects: readonly Effect[], catalog: Catalog): boolean {
  return isActive(sql, catalog) || effects.some(({ name }) => catalog.active.has(name))
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

/** Whether a text holds a name of what may write. Rather once too often: a string may hold it too, or an escaped name another. */
function isActive(sql: string, { active }: Pick<Catalog, 'active'>): boolean {
  if (active.size === 0) return false
  if (/u&"/i.test(sql)) return true
  return namesIn(sql).some((name) => active.has(name))
}

const effectsRefused = 'foreign key actions would change rows of other tables'

/** Leaves the rows to the capture triggers of the table and tells them the context. */
function decideCarried(
  statement: Statement,
  { plan, table }: { readonly plan: WritePlan; readonly table: Table },
  knowledge: Knowledge,
): CaptureStep {
  const { sql, parameters } = statement
  const { catalog, redaction, options } = knowledge
  const { effects, relied } = foreseeEffects({ sql, plan, table }, { catalog, redaction })
  if (effects.length > 0 && options.onUncaptured === 'throw') return uncaptured(sql, plan, effectsRefused)
  // Rules stand in the triggers; the key of fingerprints does not.
  const usesRules = redaction.pads !== undefined
  const carry = (context: string) => carrySql({ context, table, verb: plan.verb, effects, relied })
  if (parameters >= maxParameters || firesEarly(table)) {
    const active = setsOffActive(sql, effects, catalog)
    return { kind: 'carry', plan, contextSql: `select ${carry('$1')} as carried`, effects, usesRules, active }
  }
  const rewritten = rewriteCarried({ sql, plan, table }, carry(`$${parameters + 1}`))
  return toWriteStep(
    statement,
    { plan, table, rewritten, effects, usesRules, contextInSetting: false },
    knowledge,
  )
}

function firesEarly(table: Table): boolean {
  return table.triggers.some(({ early }) => early)
}

function isNameable(sql: string, parameters: number): boolean {
  return parameters > 0 && parameters <= maxNamedParameters && sql.length <= maxNamedText
}
