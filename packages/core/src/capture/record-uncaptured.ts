import type { TableName } from '../sql/plan-types.ts'
import type { SqlText } from '../store/audit-database.ts'
import { writeFailed } from './audit-failure.ts'
import type { CaptureEngine } from './capture-engine.ts'
import { requireOpen } from './capture-session.ts'
import type { UncapturedStep } from './capture-step.ts'
import type { Run } from './capture-target.ts'
import { inCheckedTransaction } from './completeness.ts'
import { tryExplainWrittenTables } from './explain-tables.ts'
import { loadSessionCatalog } from './session-catalog.ts'

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
    const result = await inside.run(request)
    requireOpen(inside.session)
    const tables = (step.explainable && (await tryExplainWrittenTables(inside, request))) || step.tables
    requireOpen(inside.session)
    await recordStatement({ ...run, target: inside }, tables)
    return result
  })
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

/** The statement of ours that writes the entry of one that was not captured. */
export function statementRecord(
  engine: CaptureEngine,
  { operation, verb, reason, tables, text }: UncapturedStep,
): { readonly sql: string; readonly params: readonly SqlText[] } {
  const [first, ...others] = tables
  const only = first === undefined || others.length > 0 ? undefined : engine.locate(first)
  const details = JSON.stringify({ verb, reason, tables, sql: text })
  return {
    sql: 'select indelible.log_statement($1, $2, $3, $4::pg_catalog.json, $5::indelible.context)',
    params: [operation, only?.schema ?? null, only?.name ?? null, details, engine.encodeContext(false)],
  }
}
