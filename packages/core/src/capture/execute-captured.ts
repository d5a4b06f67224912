import { AuditError } from '../errors.ts'
import type { Plan, TableName } from '../sql/plan-types.ts'
import type { AuditQueryable } from '../store/audit-database.ts'
import { isAuditFailure } from './audit-failure.ts'
import type { CaptureEngine, CaptureStep, UncapturedStep, WriteStep } from './capture-engine.ts'
import { type CaptureSession, noteSessionChange } from './capture-session.ts'
import { tryExplainWrittenTables } from './explain-tables.ts'

/**
 * A connection as an adapter sees it. `Request` and `Result` are the adapter's own, passed through unread.
 *
 * The two kinds: a pool, on which every statement commits by itself, and one session inside a transaction.
 */
export interface CaptureTarget<Request, Result> {
  readonly session: CaptureSession
  readonly inTransaction: boolean
  describe(request: Request): { readonly sql: string; readonly parameters: number }
  run(request: Request): Promise<Result>
  /** The same request with another text, further text parameters and perhaps a statement name. */
  rewrite(request: Request, change: RequestChange): Request
  /** Takes our column off the result; `returning` tells whether the user's own list was before it. */
  strip(result: Result, returning: boolean): Result
  /** Runs statements of ours: on the same session in a transaction. */
  readonly audit: AuditQueryable
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
  const { session, audit: database } = target
  const step = await engine.prepare({ ...target.describe(request), session, database })
  const result = await runStep({ engine, target, step }, request)
  noteSessionChange(session, step.plan)
  if (step.kind !== 'pass' || isCommit(step.plan)) engine.onEntry()
  if (dropsPreparedStatements(step.plan)) engine.names.forgetAll()
  return result
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

function isCommit(plan: Plan): boolean {
  return plan.kind === 'transaction' && plan.verb === 'commit'
}

function dropsPreparedStatements(plan: Plan): boolean {
  return plan.kind === 'session' && (plan.verb === 'discard' || plan.verb === 'deallocate')
}

interface Run<Request, Result, Step> {
  readonly engine: CaptureEngine
  readonly target: CaptureTarget<Request, Result>
  readonly step: Step
}

function runWrite<Request, Result>(run: Run<Request, Result, WriteStep>, request: Request): Promise<Result> {
  const { engine, target, step } = run
  if (!step.contextInSetting) return runRewritten(run, request, [engine.encodeContext(step.usesRules)])
  return target.transaction(async (inside) => {
    const context = engine.encodeContext(step.usesRules)
    await inside.audit.query("select set_config('indelible.context', $1, true)", [context])
    return await runRewritten({ ...run, target: inside }, request, [])
  })
}

async function runRewritten<Request, Result>(
  { engine, target, step }: Run<Request, Result, WriteStep>,
  request: Request,
  parameters: readonly string[],
): Promise<Result> {
  const name = step.nameable ? engine.names.nameOf(step.sql) : undefined
  const change = { sql: step.sql, parameters }
  const named = name === undefined ? change : { ...change, name }
  try {
    return target.strip(await target.run(target.rewrite(request, named)), step.returning)
  } catch (error) {
    if (name !== undefined && lostItsPlan(target, error)) {
      engine.names.forget(step.sql)
      // The failed statement changed nothing; inside a transaction it has aborted the user's work.
      if (!target.inTransaction) {
        return target.strip(await target.run(target.rewrite(request, change)), step.returning)
      }
    }
    throw auditError(target, error)
  }
}

// 0A000 cached plan must not change result type, 26000 no such prepared statement, 42P05 it exists already.
const planErrors = new Set(['0A000', '26000', '42P05'])

function lostItsPlan<Request, Result>(target: CaptureTarget<Request, Result>, error: unknown): boolean {
  return planErrors.has(target.describeError(error).code ?? '')
}

function auditError<Request, Result>(target: CaptureTarget<Request, Result>, error: unknown): unknown {
  const { code, message } = target.describeError(error)
  if (!isAuditFailure(code, message)) return error
  return new AuditError(
    'AUDIT_WRITE_FAILED',
    `The audit entry could not be written, so the write was refused: ${message}`,
    { cause: error, facts: { sqlState: code } },
  )
}

async function runUncaptured<Request, Result>(
  run: Run<Request, Result, UncapturedStep>,
  request: Request,
): Promise<Result> {
  const result = await recordAround(run, request)
  if (run.step.operation === 'ddl') {
    await run.engine.refresh(run.target.audit)
    // What a transaction has created may still be rolled back.
    if (run.target.inTransaction) run.engine.expire()
  }
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
    await recordStatement(run, target.audit, step.tables)
    return await target.run(request)
  }
  return await target.transaction(async (inside) => {
    const result = await inside.run(request)
    const tables = (step.explainable && (await tryExplainWrittenTables(inside, request))) || step.tables
    await recordStatement(run, inside.audit, tables)
    return result
  })
}

async function recordStatement<Request, Result>(
  { engine, step }: Run<Request, Result, UncapturedStep>,
  database: AuditQueryable,
  tables: readonly TableName[],
): Promise<void> {
  const [first, ...others] = tables
  const only = first === undefined || others.length > 0 ? undefined : engine.locate(first)
  const details = { verb: step.verb, reason: step.reason, tables, sql: step.text }
  await database.query('select indelible.log_statement($1, $2, $3, $4::json, $5::indelible.context)', [
    step.operation,
    only?.schema ?? null,
    only?.name ?? null,
    JSON.stringify(details),
    engine.encodeContext(false),
  ])
}
