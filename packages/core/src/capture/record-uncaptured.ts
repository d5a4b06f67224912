import type { TableName } from '../sql/plan-types.ts'
import { writeFailed } from './audit-failure.ts'
import { requireOpen } from './capture-session.ts'
import type { UncapturedStep } from './capture-step.ts'
import type { Run } from './capture-target.ts'
import { loadCatalog } from './catalog.ts'
import { tryExplainWrittenTables } from './explain-tables.ts'

/** Runs a statement whose rows cannot be captured, and says so in an entry of the same transaction. */
export async function runUncaptured<Request, Result>(
  run: Run<Request, Result, UncapturedStep>,
  request: Request,
): Promise<Result> {
  const { engine, target, step } = run
  if (step.operation !== 'ddl') return await recordAround(run, request)
  if (target.inTransaction) target.session.schemaChanged = true
  const result = await recordAround(run, request)
  if (target.inTransaction) target.session.catalog = await loadCatalog(target.audit)
  else await engine.catalog.refresh()
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
  return await target.transaction(async (inside) => {
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
  const [first, ...others] = tables
  const only = first === undefined || others.length > 0 ? undefined : engine.locate(first)
  const details = { verb: step.verb, reason: step.reason, tables, sql: step.text }
  const values = [step.operation, only?.schema ?? null, only?.name ?? null, JSON.stringify(details)]
  try {
    await target.audit.query(
      'select indelible.log_statement($1, $2, $3, $4::pg_catalog.json, $5::indelible.context)',
      [...values, engine.encodeContext(false)],
    )
  } catch (error) {
    throw writeFailed(error, target.describeError(error))
  }
}
