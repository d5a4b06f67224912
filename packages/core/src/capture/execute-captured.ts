import { AuditError } from '../errors.ts'
import type { Plan, TableName } from '../sql/plan-types.ts'
import { isAuditFailure } from './audit-failure.ts'
import type { CaptureEngine, StatementConnection } from './capture-engine.ts'
import { type CaptureSession, noteSessionChange } from './capture-session.ts'
import type { CaptureStep, UncapturedStep, WriteStep } from './capture-step.ts'
import { loadCatalog } from './catalog.ts'
import { tryExplainWrittenTables } from './explain-tables.ts'

/**
 * A connection as an adapter sees it. `Request` and `Result` are the adapter's own, passed through unread.
 *
 * The two kinds: a pool, on which every statement commits by itself, and one session inside a transaction.
 */
export interface CaptureTarget<Request, Result> extends StatementConnection {
  readonly session: CaptureSession
  describe(request: Request): { readonly sql: string; readonly parameters: number }
  run(request: Request): Promise<Result>
  /** The same request with another text, further text parameters and perhaps a statement name. */
  rewrite(request: Request, change: RequestChange): Request
  /** Takes our column off the result; `returning` tells whether the user's own list was before it. */
  strip(result: Result, returning: boolean): Result
  /** Runs EXPLAIN (FORMAT JSON, VERBOSE) of the request with its own parameters; returns the server's text. */
  explain(request: Request): Promise<string>
  /** Runs `work` in one transaction: a new one on a pool, the running one inside a transaction. */
  transaction(work: (target: CaptureTarget<Request, Result>) => Promise<Result>): Promise<Result>
  /** The SQLSTATE and message of a driver's error. */
  describeError(error: unknown): { readonly code?: string; readonly message: string }
}

/** What rewriting changes about a request. */
export interface RequestChange {
  readonly sql: string
  readonly parameters: readonly string[]
  readonly name?: string
}

/**
 * Runs one statement of the application and leaves its entries, in the same statement or at least the same
 * transaction. The application sees the result and the errors that it would see without us.
 *
 * @throws AuditError `AUDIT_WRITE_FAILED` when the entry could not be written; the write is then undone too.
 */
export async function executeCaptured<Request, Result>(
  engine: CaptureEngine,
  target: CaptureTarget<Request, Result>,
  request: Request,
): Promise<Result> {
  const { session } = target
  const { sql, parameters } = target.describe(request)
  const wasOpen = !session.ended
  const step = await engine.prepare({ sql, parameters, session }, target)
  if (wasOpen) requireOpen(session)
  noteSessionChange(session, step.plan, sql)
  if (endsTransaction(step.plan) && session.parent !== undefined) session.ended = true

  const result = await runStep({ engine, target, step }, request)

  if (step.kind !== 'pass' || endsTransaction(step.plan)) engine.onEntry()
  if (dropsPreparedStatements(step.plan)) engine.names.forgetAll()
  if (session.schemaChanged && endsTransaction(step.plan)) engine.catalog.expire()
  engine.catalog.refreshIfOld()
  return result
}

interface Run<Request, Result, Step> {
  readonly engine: CaptureEngine
  readonly target: CaptureTarget<Request, Result>
  readonly step: Step
}

function runStep<Request, Result>(
  { engine, target, step }: Run<Request, Result, CaptureStep>,
  request: Request,
): Promise<Result> {
  switch (step.kind) {
    case 'pass':
      return target.run(request)
    case 'write':
      return runWrite({ engine, target, step }, request)
    case 'uncaptured':
      return runUncaptured({ engine, target, step }, request)
  }
}

function endsTransaction(plan: Plan): boolean {
  return plan.kind === 'transaction' && !plan.chain && (plan.verb === 'commit' || plan.verb === 'rollback')
}

function dropsPreparedStatements(plan: Plan): boolean {
  return plan.kind === 'session' && (plan.verb === 'discard' || plan.verb === 'deallocate')
}

/** A transaction that timed out while we were busy: its connection may serve somebody else already. */
function requireOpen(session: CaptureSession): void {
  if (!session.ended) return
  throw new AuditError('AUDIT_WRITE_FAILED', 'The transaction ended while a statement of it was under way.')
}

function runWrite<Request, Result>(run: Run<Request, Result, WriteStep>, request: Request): Promise<Result> {
  const { engine, target, step } = run
  if (!step.contextInSetting) return runRewritten(run, request, [engine.encodeContext(step.usesRules)])
  return target.transaction(async (inside) => {
    const context = engine.encodeContext(step.usesRules)
    await inside.audit.query("select pg_catalog.set_config('indelible.context', $1, true)", [context])
    return await runRewritten({ ...run, target: inside }, request, [])
  })
}

async function runRewritten<Request, Result>(
  run: Run<Request, Result, WriteStep>,
  request: Request,
  parameters: readonly string[],
): Promise<Result> {
  const { engine, target, step } = run
  const name = step.nameable ? engine.names.nameOf(step.sql) : undefined
  const change = { sql: step.sql, parameters }
  const named = name === undefined ? change : { ...change, name }
  try {
    return target.strip(await target.run(target.rewrite(request, named)), step.returning)
  } catch (error) {
    const { code = '' } = target.describeError(error)
    // The failed statement changed nothing; inside a transaction it has aborted the user's work.
    if (name !== undefined && planErrors.has(code)) {
      engine.names.forget(step.sql)
      if (!target.inTransaction)
        return await runRewritten({ ...run, step: { ...step, nameable: false } }, request, parameters)
    }
    if (schemaErrors.has(code)) return await runAfterSchemaChange(run, request, error)
    throw auditError(run, error)
  }
}

// 0A000 cached plan must not change result type, 26000 no such prepared statement, 42P05 it exists already.
const planErrors = new Set(['0A000', '26000', '42P05'])
// 42703 no such column, 42P01 no such table, 42501 no right: what the catalog said may be true no more.
const schemaErrors = new Set(['42703', '42P01', '42501'])

async function runAfterSchemaChange<Request, Result>(
  run: Run<Request, Result, WriteStep>,
  request: Request,
  error: unknown,
): Promise<Result> {
  const { engine, target, step } = run
  if (target.inTransaction) {
    engine.catalog.expire()
    throw auditError(run, error)
  }
  await engine.catalog.refresh()
  const again = await engine.prepare({ ...target.describe(request), session: target.session }, target)
  if (again.kind === 'pass' || (again.kind === 'write' && again.sql === step.sql))
    throw auditError(run, error)
  return await runStep({ engine, target, step: again }, request)
}

function auditError<Request, Result>(
  { target, step }: Run<Request, Result, WriteStep>,
  error: unknown,
): unknown {
  const { code, message } = target.describeError(error)
  const userTable = step.plan.kind === 'write' ? step.plan.table.name : undefined
  return isAuditFailure(code, message, userTable) ? writeFailed(error, { code, message }) : error
}

function writeFailed(
  cause: unknown,
  { code, message }: { readonly code?: string | undefined; readonly message: string },
): AuditError {
  return new AuditError(
    'AUDIT_WRITE_FAILED',
    `The audit entry could not be written, so the write was refused: ${message}`,
    { cause, facts: { sqlState: code } },
  )
}

async function runUncaptured<Request, Result>(
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
