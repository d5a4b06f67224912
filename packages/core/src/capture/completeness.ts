import type { CaptureSession } from './capture-session.ts'
import type { CaptureStep } from './capture-step.ts'
import type { CaptureTarget, Run } from './capture-target.ts'
import { type Compared, compareChanges, ledgerOf, markChanges } from './compare-changes.ts'
import { runControl } from './transaction-control.ts'
import { inOneTransaction, wasCarriedOut } from './unread-answer.ts'

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

async function runInside<Request, Result>(
  run: Run<Request, Result, CaptureStep>,
  request: Request,
  runStep: (run: Run<Request, Result, CaptureStep>, request: Request) => Promise<Result>,
): Promise<Result> {
  const { target, step } = run
  const ledger = ledgerOf(target.session)
  // Such a text may end the transaction, and with it what the server knows.
  const mayEnd = step.kind === 'uncaptured' && !step.transactional && isSeveral(step)
  if (mayEnd && ledger.isMarked) await compareChanges(run, ledger)
  if (mayEnd) ledger.reset({ isMarked: false })
  else await markChanges(run, ledger)
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
    await markChanges({ engine, target: inside }, ledger)
    try {
      const result = await work(inside)
      await compareChanges({ engine, target: inside }, ledger)
      return result
    } catch (error) {
      if (await wasCarriedOut(inside, error)) await compareChanges({ engine, target: inside }, ledger)
      throw error
    }
  })
}
