import type { TableName } from '../sql/plan-types.ts'
import type { SqlText } from '../store/audit-database.ts'
import { writeFailed } from './audit-failure.ts'
import type { CaptureEngine } from './capture-engine.ts'
import { requireOpen } from './capture-session.ts'
import type { UncapturedStep } from './capture-step.ts'
import type { Run } from './capture-target.ts'
import type { Catalog } from './catalog.ts'
import { inCheckedTransaction } from './completeness.ts'
import { type Effect, effectsReason } from './effects.ts'
import { tryExplainWrittenTables } from './explain-tables.ts'
import {
  areCaptured,
  catalogOf,
  isExplainable,
  tellContext,
  uncapturedEffects,
  uncapturedTables,
  unenteredTables,
} from './left-to-triggers.ts'
import { loadSessionCatalog } from './session-catalog.ts'
import { wasCarriedOut } from './unread-answer.ts'

/** Runs a statement whose rows cannot be captured, and says so in an entry of the same transaction. */
export async function runUncaptured<Request, Result>(
  run: Run<Request, Result, UncapturedStep>,
  request: Request,
): Promise<Result> {
  const { engine, target, step } = run
  if (step.operation !== 'ddl') return await recordAround(run, request)
  if (target.inTransaction) target.session.schemaChanged = true
  const result = await recordAround(run, request)
  if (target.inTransaction) await loadSessionCatalog(target, engine.options)
  else await engine.catalog.refresh(target.held ? target.audit : undefined)
  return result
}

async function recordAround<Request, Result>(
  run: Run<Request, Result, UncapturedStep>,
  request: Request,
): Promise<Result> {
  const { engine, target, step } = run
  if (engine.options.onUncaptured === 'warn') return await target.run(request)
  if (!step.transactional && !target.inTransaction) {
    // PostgreSQL refuses it inside a transaction: the entry comes first, so that a crash between leaves no gap.
    await recordStatement(run, step.tables)
    return await target.run(request)
  }
  return await inCheckedTransaction(run, async (inside) => {
    await tellContext(engine, inside)
    requireOpen(inside.session)
    try {
      const result = await inside.run(request)
      await recordAfter({ ...run, target: inside }, request)
      return result
    } catch (error) {
      if (await wasCarriedOut(inside, error)) await recordAfter({ ...run, target: inside }, request)
      throw error
    }
  })
}

async function recordAfter<Request, Result>(
  run: Run<Request, Result, UncapturedStep>,
  request: Request,
): Promise<void> {
  const { session } = run.target
  requireOpen(session)
  const explained = await tryExplain(run, request)
  requireOpen(session)
  const tables = tablesToName(run, explained)
  if (tables !== undefined) await recordStatement(run, tables)
  await recordEffects(run, uncapturedEffects(run.step, explained, catalogOf(run.engine, run.target)))
}

/** The tables that the server says a statement writes, where it is worth asking. */
async function tryExplain<Request, Result>(
  { engine, target, step }: Run<Request, Result, UncapturedStep>,
  request: Request,
): Promise<readonly TableName[] | undefined> {
  const { captureTriggers } = catalogOf(engine, target)
  const asks = step.explainable || (captureTriggers && isExplainable(step, target.session))
  return asks ? await tryExplainWrittenTables(target, request) : undefined
}

/** The tables that a record is to name; `undefined` where capture triggers have entered all there is to say of them. */
function tablesToName<Request, Result>(
  { engine, target, step }: Run<Request, Result, UncapturedStep>,
  tables: readonly TableName[] | undefined,
): readonly TableName[] | undefined {
  const catalog = catalogOf(engine, target)
  if (!catalog.captureTriggers) return tables ?? step.tables
  if (step.operation === 'truncate') return unenteredByTruncate(step, catalog)
  const named = tables ?? (isCopy(step) ? step.tables : [])
  if (areCaptured(catalog, named)) return undefined
  return tables === undefined ? step.tables : uncapturedTables(catalog, tables)
}

function unenteredByTruncate(
  { tables, text }: UncapturedStep,
  catalog: Catalog,
): readonly TableName[] | undefined {
  const left = unenteredTables(catalog, tables)
  // CASCADE empties tables that the text does not name.
  return left.length === 0 && tables.length > 0 && !/cascade/i.test(text) ? undefined : left
}

/** Its text names all that it writes. */
function isCopy({ verb, tables, plan }: UncapturedStep): boolean {
  return verb === 'COPY' && tables.length === 1 && plan.kind === 'unprovable' && plan.statements === 'one'
}

async function recordStatement<Request, Result>(
  { engine, target, step }: Run<Request, Result, UncapturedStep>,
  tables: readonly TableName[],
): Promise<void> {
  const { sql, params } = statementRecord(engine, { ...step, tables })
  try {
    await target.audit.query(sql, params)
  } catch (error) {
    throw writeFailed(error, target.describeError(error))
  }
  target.session.changes?.announce(tables)
}

/** Says which other tables foreign keys may have changed, in an entry of its own: the statement itself says nothing of them. */
async function recordEffects<Request, Result>(
  run: Run<Request, Result, UncapturedStep>,
  effects: readonly Effect[],
): Promise<void> {
  const { engine, target, step } = run
  if (effects.length === 0) return
  const details = JSON.stringify({ verb: step.verb, reason: effectsReason, tables: effects, cause: null })
  const context = engine.encodeContext(false)
  try {
    await target.audit.query(logStatement, ['statement', null, null, details, context])
  } catch (error) {
    throw writeFailed(error, target.describeError(error))
  }
  target.session.changes?.announce(effects)
}

const logStatement = 'select indelible.log_statement($1, $2, $3, $4::pg_catalog.json, $5::indelible.context)'

/** The statement of ours that writes the entry of one that was not captured. */
export function statementRecord(
  engine: CaptureEngine,
  { operation, verb, reason, tables, text }: UncapturedStep,
): { readonly sql: string; readonly params: readonly SqlText[] } {
  const [first, ...others] = tables
  const only = first === undefined || others.length > 0 ? undefined : engine.locate(first)
  const details = JSON.stringify({ verb, reason, tables, sql: text })
  return {
    sql: logStatement,
    params: [operation, only?.schema ?? null, only?.name ?? null, details, engine.encodeContext(false)],
  }
}
