import type { Plan, TableName } from '../sql/plan-types.ts'
import { isAuditFailure, writeFailed } from './audit-failure.ts'
import type { CaptureEngine } from './capture-engine.ts'
import { applyContextPolicy, applyPolicy, requireCaptured } from './capture-policy.ts'
import { noteSessionChange, requireOpen } from './capture-session.ts'
import type { CaptureStep, CarryStep, UncapturedStep, WriteStep } from './capture-step.ts'
import type { CaptureTarget, Run } from './capture-target.ts'
import { inCheckedTransaction, runCompletely } from './completeness.ts'
import { isLeftToTriggers } from './left-to-triggers.ts'
import { runUncaptured } from './record-uncaptured.ts'
import { inOneTransaction } from './unread-answer.ts'

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
  const wasOpen = !session.ended
  const statement = { ...target.describe(request), session }
  const step = engine.tryDecide(statement) ?? (await engine.decide(statement, target))
  if (wasOpen) requireOpen(session)
  return await executeStep({ engine, target, step }, request)
}

/** The same for a statement that was decided about. It is sent before this returns, unless it takes several turns. */
export async function executeStep<Request, Result>(
  run: Run<Request, Result, CaptureStep>,
  request: Request,
): Promise<Result> {
  const { engine, target, step } = run
  const { session } = target
  // Before anything is asked of the server: who and why count for rows that triggers enter, too.
  applyContextPolicy(engine.options, step)
  if (!mayBeLeftToTriggers(engine, step) || !(await isLeftToTriggers({ engine, target, step }, request))) {
    requireCaptured(engine.options, step)
  }
  const { values } = target.describe(request)
  noteSessionChange(session, step.plan, { values, held: target.held })
  if (endsTransaction(step.plan) && session.parent !== undefined) session.ended = true
  if (mayUndoPart(step.plan) && session.catalog !== undefined) session.catalogExpired = true

  // Before it runs: a statement that is sent right behind it must not use a name that is gone by then.
  if (dropsPreparedStatements(step)) engine.names.forgetAll()

  const result = await (engine.options.completeness === 'off'
    ? runStep(run, request)
    : runCompletely(run, request, runStep))

  if (step.kind !== 'pass' || endsTransaction(step.plan)) engine.onEntry()
  if (session.schemaChanged && endsTransaction(step.plan)) engine.catalog.expire()
  engine.catalog.refreshIfOld()
  return result
}

function runStep<Request, Result>(
  { step, ...run }: Run<Request, Result, CaptureStep>,
  request: Request,
): Promise<Result> {
  switch (step.kind) {
    case 'pass':
      return run.target.run(request)
    case 'write':
      return runWrite({ ...run, step }, request)
    case 'carry':
      return runCarry({ ...run, step }, request)
    case 'uncaptured':
      return runUncaptured({ ...run, step }, request)
  }
}

/** Runs a statement as it is, behind one of ours that tells the capture triggers its context. */
async function runCarry<Request, Result>(
  run: Run<Request, Result, CarryStep>,
  request: Request,
): Promise<Result> {
  const { engine, target, step } = run
  let told = false
  try {
    return await inOneTransaction(target, async (inside) => {
      await inside.audit.query(step.contextSql, [engine.encodeContext(step.usesRules)])
      told = true
      inside.session.changes?.announce(step.effects)
      requireOpen(inside.session)
      return await inside.run(request)
    })
  } catch (error) {
    if (told) throw error
    const { code = '', message } = target.describeError(error)
    if (schemaErrors.has(code)) return await runAfterSchemaChange(run, request, error)
    throw isAuditFailure(code, message) ? writeFailed(error, { code, message }) : error
  }
}

/** Only then a turn is taken to ask: other statements are sent at once. */
function mayBeLeftToTriggers(engine: CaptureEngine, step: CaptureStep): step is UncapturedStep {
  return (
    step.kind === 'uncaptured' &&
    engine.options.onUncaptured !== 'record' &&
    engine.catalog.get().captureTriggers
  )
}

function endsTransaction(plan: Plan): boolean {
  return plan.kind === 'transaction' && !plan.chain && (plan.verb === 'commit' || plan.verb === 'rollback')
}

/** Whether the transaction may go on without what was done before. */
function mayUndoPart(plan: Plan): boolean {
  if (plan.kind === 'unprovable') return true
  return (
    plan.kind === 'transaction' && (plan.verb === 'rollback to' || (plan.verb === 'rollback' && plan.chain))
  )
}

function dropsPreparedStatements({ plan, ...step }: CaptureStep): boolean {
  if (plan.kind === 'unprovable') return 'text' in step && /discard|deallocate/i.test(step.text)
  return plan.kind === 'session' && (plan.verb === 'discard' || plan.verb === 'deallocate')
}

function runWrite<Request, Result>(run: Run<Request, Result, WriteStep>, request: Request): Promise<Result> {
  const { engine, target, step } = run
  if (!step.contextInSetting) return runRewritten(run, request, [engine.encodeContext(step.usesRules)])
  return inCheckedTransaction({ engine, target }, async (inside) => {
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
    const result = await target.run(target.rewrite(request, named))
    target.session.changes?.add(step.change, target.countRows(result))
    return target.strip(result, step)
  } catch (error) {
    const { code = '' } = target.describeError(error)
    // How many rows it wrote is not known then: its table is not compared.
    if (target.isUnread(error)) target.session.changes?.announce(tablesOf(step))
    // The failed statement changed nothing; inside a transaction it has aborted the user's work.
    // Without a SQLSTATE it failed on its way, where node-postgres may have closed it and yet takes it for prepared.
    if (name !== undefined && (planErrors.has(code) || !sqlState.test(code))) {
      engine.names.forget(step.sql)
      if (planErrors.has(code) && !target.inTransaction)
        return await runRewritten({ ...run, step: { ...step, nameable: false } }, request, parameters)
    }
    if (schemaErrors.has(code)) return await runAfterSchemaChange(run, request, error)
    throw auditError(run, error)
  }
}

function tablesOf({ plan, change }: WriteStep): readonly TableName[] {
  return plan.kind === 'write' ? [plan.table, ...change.effects] : change.effects
}

const sqlState = /^[0-9A-Z]{5}$/
// 0A000 cached plan must not change result type, 26000 no such prepared statement, 42P05 it exists already.
const planErrors = new Set(['0A000', '26000', '42P05'])
const captureTriggerChanged = 'IND01'
// 42703 no such column, 42P01 no such table, 42883 no such function, 42501 no right, or a capture trigger is gone or new: what the
// catalog said may be true no more.
const schemaErrors = new Set(['42703', '42P01', '42883', '42501', captureTriggerChanged])
const maxRepeats = 5

async function runAfterSchemaChange<Request, Result>(
  run: Run<Request, Result, WriteStep | CarryStep>,
  request: Request,
  error: unknown,
): Promise<Result> {
  const { engine, target, step, repeats = 0 } = run
  if (target.inTransaction) {
    engine.catalog.expire()
    throw auditError(run, error)
  }
  await engine.catalog.refresh(target.held ? target.audit : undefined)
  const statement = { ...target.describe(request), session: target.session }
  const again = engine.tryDecide(statement) ?? (await engine.decide(statement, target))
  // A capture trigger that came may be gone by now, or the other way round.
  const mayRepeat = target.describeError(error).code === captureTriggerChanged && repeats < maxRepeats
  if (again.kind === 'pass' || (isSame(again, step) && !mayRepeat)) throw auditError(run, error)
  applyPolicy(engine.options, again)
  return await runStep({ engine, target, step: again, repeats: repeats + 1 }, request)
}

function isSame(again: CaptureStep, step: WriteStep | CarryStep): boolean {
  if (again.kind === 'write') return step.kind === 'write' && again.sql === step.sql
  return again.kind === 'carry' && step.kind === 'carry' && again.contextSql === step.contextSql
}

function auditError<Request, Result>(
  { target, step }: Run<Request, Result, WriteStep | CarryStep>,
  error: unknown,
): unknown {
  const { code, message } = target.describeError(error)
  const userTable = step.plan.kind === 'write' ? step.plan.table.name : undefined
  return isAuditFailure(code, message, userTable)
    ? writeFailed(error, { code, message })
    : target.restoreError(error, step.kind === 'write' ? step.positionOf : (position) => position)
}
