import { AuditError } from '../errors.ts'
import type { TransactionPlan } from '../sql/plan-types.ts'
import { quoteLiteral } from '../sql/quote.ts'
import { isAuditFailure, writeFailed } from './audit-failure.ts'
import type { CaptureEngine } from './capture-engine.ts'
import type { CaptureSession } from './capture-session.ts'
import type { CaptureStep } from './capture-step.ts'
import type { CaptureTarget, Run, Surroundings } from './capture-target.ts'
import { type ChangeLedger, createChangeLedger } from './change-ledger.ts'
import { inOneTransaction, wasCarriedOut } from './unread-answer.ts'

/** A connection whose transactions are compared. */
export type Compared<Request, Result> = Pick<Run<Request, Result, unknown>, 'engine' | 'target'>

/** Runs a statement so that the transaction it belongs to can be compared when it commits. */
export function runCompletely<Request, Result>(
  run: Run<Request, Result, CaptureStep>,
  request: Request,
  runStep: (run: Run<Request, Result, CaptureStep>, request: Request) => Promise<Result>,
): Promise<Result> {
  const { target, step } = run
  if (step.plan.kind === 'transaction') return runControl({ ...run, plan: step.plan }, request)
  if (!mayWrite(step)) return runStep(run, request)
  if (target.inTransaction) return runInside(run, request, runStep)
  // An uncaptured statement gets a transaction of its own anyway, where PostgreSQL allows it.
  if (step.kind === 'uncaptured' || !step.active) return runStep(run, request)
  return inCheckedTransaction(run, (inside) => runStep({ ...run, target: inside }, request))
}

/** Whether more than the statement itself goes to the server, so that no other may come between. */
export function needsComparison(step: CaptureStep, session: CaptureSession): boolean {
  if (step.plan.kind === 'transaction') return true
  if (!mayWrite(step)) return false
  if (session.parent === undefined) return step.kind !== 'uncaptured' && step.active === true
  return session.changes?.isMarked !== true
}

function mayWrite({ kind, plan, ...step }: CaptureStep): boolean {
  if (kind !== 'pass') return true
  return plan.kind === 'read' && (plan.callsFunctions || ('active' in step && step.active === true))
}

function ledgerOf(session: CaptureSession): ChangeLedger {
  session.changes ??= createChangeLedger()
  return session.changes
}

async function runInside<Request, Result>(
  run: Run<Request, Result, CaptureStep>,
  request: Request,
  runStep: (run: Run<Request, Result, CaptureStep>, request: Request) => Promise<Result>,
): Promise<Result> {
  const { target, step } = run
  const ledger = ledgerOf(target.session)
  // Such a text may end the transaction, and with it what the server knows.
  const mayEnd = step.kind === 'uncaptured' && !step.transactional && isSeveral(step)
  if (mayEnd && ledger.isMarked) await compare(run, ledger)
  if (mayEnd) ledger.reset({ isMarked: false })
  else await mark(run, ledger)
  return await ledger.follow(runStep(run, request))
}

function isSeveral({ plan }: CaptureStep): boolean {
  return plan.kind === 'unprovable' && plan.statements !== 'one'
}

/** Runs `work` in one transaction: a new one that is compared before it commits, or the running one. */
export function inCheckedTransaction<Request, Result>(
  { engine, target }: Compared<Request, Result>,
  work: (target: CaptureTarget<Request, Result>) => Promise<Result>,
): Promise<Result> {
  if (engine.options.completeness === 'off' || target.inTransaction) return inOneTransaction(target, work)
  return inOneTransaction(target, async (inside) => {
    const ledger = ledgerOf(inside.session)
    await mark({ engine, target: inside }, ledger)
    try {
      const result = await work(inside)
      await compare({ engine, target: inside }, ledger)
      return result
    } catch (error) {
      if (await wasCarriedOut(inside, error)) await compare({ engine, target: inside }, ledger)
      throw error
    }
  })
}

async function mark<Request, Result>(
  { target }: Compared<Request, Result>,
  ledger: ChangeLedger,
): Promise<void> {
  try {
    await ledger.mark(() => target.audit.query(markStatement))
  } catch (error) {
    // In a failed transaction the statement itself is to say so.
    if (target.describeError(error).code !== inFailedTransaction) throw toAuditError(target, error)
  }
}

const inFailedTransaction = '25P02'

/** Marks where the transaction began in front of a stream, which is sent at once: both wait in the driver's queue. */
export function markBeforeStream(
  { options }: CaptureEngine,
  session: CaptureSession,
  ask: (sql: string) => Promise<unknown>,
): void {
  if (options.completeness === 'off' || session.parent === undefined) return
  // Where it fails, so does the stream behind it: the transaction is a failed one then.
  ledgerOf(session)
    .mark(() => ask(markStatement))
    .catch(() => undefined)
}

const markStatement = 'select indelible.mark_changes()'

async function compare<Request, Result>(
  compared: Compared<Request, Result>,
  ledger: ChangeLedger,
): Promise<void> {
  await ledger.settled()
  try {
    await compared.target.script(comparison(compared, ledger))
  } catch (error) {
    throw toAuditError(compared.target, error)
  }
  ledger.reset({ isMarked: true })
}

/** Deferred triggers fire at COMMIT, when it is too late to count: so they fire now, with the rights they would have then. */
function comparison<Request, Result>({ engine }: Compared<Request, Result>, ledger: ChangeLedger): string {
  // Their triggers see every row.
  ledger.announce(engine.catalog.get().captured)
  const [captured, announced] = [quoteLiteral(ledger.captured()), quoteLiteral(ledger.announced())]
  const context = quoteLiteral(engine.encodeContext(false))
  const refuse = engine.options.completeness === 'throw'
  return (
    'set constraints all immediate; select indelible.check_changes(' +
    `${captured}, ${announced}, ${refuse}, ${context}::indelible.context)`
  )
}

type Control<Request, Result> = Compared<Request, Result> & { readonly plan: TransactionPlan }

async function runControl<Request, Result>(
  control: Control<Request, Result>,
  request: Request,
): Promise<Result> {
  const { target, plan } = control
  const ledger = target.session.changes
  if (ledger === undefined) return await target.run(request)
  if (plan.verb === 'commit' || plan.verb === 'prepare transaction') {
    return await runCommit(control, request, ledger)
  }
  if (plan.verb === 'rollback') {
    const result = await target.run(request)
    ledger.reset({ isMarked: false })
    return result
  }
  const between = (others: Surroundings) =>
    Object.keys(others).length === 0 ? target.run(request) : target.runBetween(request, others)
  return await aroundSavepoint({ ledger, verb: plan.verb, name: plan.name ?? '' }, between)
}

async function runCommit<Request, Result>(
  control: Control<Request, Result>,
  request: Request,
  ledger: ChangeLedger,
): Promise<Result> {
  const { target } = control
  await ledger.settled()
  if (!ledger.isMarked) return await target.run(request)
  try {
    const result = await target.runBetween(request, { before: comparison(control, ledger) })
    ledger.reset({ isMarked: false })
    return result
  } catch (error) {
    // PostgreSQL answers COMMIT of a failed transaction with ROLLBACK, and no error.
    if (target.describeError(error).code === inFailedTransaction) return await target.run(request)
    // The application takes a COMMIT that failed for the end of its transaction. A lost connection has ended it too.
    await target.script('rollback').catch(() => undefined)
    throw toAuditError(target, error)
  }
}

/** A statement about a savepoint. */
export interface SavepointControl {
  readonly ledger: ChangeLedger | undefined
  readonly verb: string
  readonly name: string
}

/** Runs a statement about a savepoint. What PostgreSQL counts is not taken back with it, so the server keeps what counted before. */
export async function aroundSavepoint<Result>(
  { ledger, verb, name }: SavepointControl,
  between: (others: Surroundings) => Promise<Result>,
): Promise<Result> {
  if (ledger === undefined) return await between({})
  await ledger.settled()
  if (verb === 'savepoint') {
    const result = await between(ledger.isMarked ? { before: 'select indelible.keep_changes()' } : {})
    ledger.savepoint(name)
    return result
  }
  if (verb === 'rollback to') {
    const holds = ledger.holdsAt(name)
    const result = await between(holds ? { after: 'select indelible.restore_changes()' } : {})
    ledger.rollbackTo(name)
    return result
  }
  const result = await between({})
  if (verb === 'release') ledger.release(name)
  return result
}

const refusal = 'indelible: uncaptured changes: '

function toAuditError<Request, Result>(target: CaptureTarget<Request, Result>, error: unknown): unknown {
  const { code, message } = target.describeError(error)
  const at = message.indexOf(refusal)
  if (at >= 0) return uncapturedChanges(error, message.slice(at + refusal.length))
  if (isAuditFailure(code, message)) return writeFailed(error, { code, message })
  return target.restoreError(error, () => undefined)
}

function uncapturedChanges(cause: unknown, details: string): AuditError {
  const { reason, tables } = JSON.parse(details) as {
    reason: string
    tables: readonly { readonly schema: string; readonly name: string }[]
  }
  const names = tables.map(({ schema, name }) => `${schema}.${name}`).join(', ')
  const message = `The transaction was not committed: ${reason}${names === '' ? '' : ` (${names})`}.`
  return new AuditError('AUDIT_UNCAPTURED', message, {
    cause,
    facts: { verb: 'COMPLETENESS', reason, tables },
  })
}
