import type { TransactionPlan } from '../sql/plan-types.ts'
import type { Surroundings } from './capture-target.ts'
import type { ChangeLedger } from './change-ledger.ts'
import { type Compared, comparison, inFailedTransaction, toAuditError } from './compare-changes.ts'

type Control<Request, Result> = Compared<Request, Result> & { readonly plan: TransactionPlan }

/** Runs a statement that begins, ends or divides a transaction; in front of a commit the transaction is compared. */
export async function runControl<Request, Result>(
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
