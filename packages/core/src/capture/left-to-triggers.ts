import type { TableName } from '../sql/plan-types.ts'
import type { CaptureEngine } from './capture-engine.ts'
import type { CaptureSession } from './capture-session.ts'
import { contextStatement, type UncapturedStep } from './capture-step.ts'
import type { CaptureTarget, Run } from './capture-target.ts'
import type { Catalog } from './catalog.ts'
import { type Effect, effectsOf, effectsOfText } from './effects.ts'
import { tryExplainWrittenTables } from './explain-tables.ts'

/**
 * Tells, before a statement runs, whether capture triggers see every row that it writes: then it needs no policy and no entry of
 * its own, although its text cannot carry entries.
 */
export async function isLeftToTriggers<Request, Result>(
  { engine, target, step }: Run<Request, Result, UncapturedStep>,
  request: Request,
): Promise<boolean> {
  if (!isExplainable(step, target.session)) return false
  let tables: readonly TableName[] | undefined
  // The transaction is there for EXPLAIN's savepoint only; its result is that of an empty statement.
  await target.transaction(async (inside) => {
    tables = await tryExplainWrittenTables(inside, request)
    return undefined as Result
  })
  const catalog = catalogOf(engine, target)
  return (
    tables !== undefined &&
    areCaptured(catalog, tables) &&
    uncapturedEffects(step, tables, catalog).length === 0
  )
}

/** What foreign keys may do because of a statement, on tables without capture triggers. */
export function uncapturedEffects(
  { plan, operation, tables, text }: UncapturedStep,
  explained: readonly TableName[] | undefined,
  catalog: Pick<Catalog, 'find'>,
): readonly Effect[] {
  if (operation !== 'statement') return []
  const written = plan.kind === 'write' ? catalog.find(plan.table) : undefined
  const effects =
    plan.kind === 'write' && written !== undefined
      ? effectsOf(plan, written, catalog)
      : effectsOfText(text, explained ?? tables, catalog)
  return effects.filter((effect) => catalog.find(effect)?.captured !== true)
}

/** Whether EXPLAIN tells which tables a statement writes, once there are capture triggers that make it worth asking. */
export function isExplainable(
  { explainable, plan, operation }: UncapturedStep,
  { textsUncertain }: CaptureSession,
): boolean {
  // A text that may be read in another way may hold a second statement, which EXPLAIN would run.
  return !textsUncertain && (explainable || (plan.kind === 'write' && operation === 'statement'))
}

/** The tables whose rows no capture trigger sees. */
export function uncapturedTables(
  catalog: Pick<Catalog, 'find'>,
  tables: readonly TableName[],
): readonly TableName[] {
  return tables.filter((table) => catalog.find(table)?.captured !== true)
}

/** Whether capture triggers see all rows of a statement that writes these tables. One that names none is not understood. */
export function areCaptured(catalog: Pick<Catalog, 'find'>, tables: readonly TableName[]): boolean {
  return tables.length > 0 && uncapturedTables(catalog, tables).length === 0
}

/** The tables of a TRUNCATE that no capture trigger enters. */
export function unenteredTables(
  catalog: Pick<Catalog, 'find'>,
  tables: readonly TableName[],
): readonly TableName[] {
  return tables.filter((table) => catalog.find(table)?.truncateCaptured !== true)
}

/** What is known where a statement runs. */
export function catalogOf<Request, Result>(
  engine: CaptureEngine,
  { session }: Pick<CaptureTarget<Request, Result>, 'session'>,
): Catalog {
  return session.catalog ?? engine.catalog.get()
}

/** Tells capture triggers the context of what follows in the transaction, where there are any. */
export async function tellContext<Request, Result>(
  engine: CaptureEngine,
  target: CaptureTarget<Request, Result>,
): Promise<void> {
  if (!catalogOf(engine, target).captureTriggers) return
  await target.audit.query(contextStatement, [engine.encodeContext(false)])
}
