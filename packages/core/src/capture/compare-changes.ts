import { AuditError } from '../errors.ts'
import { quoteLiteral } from '../sql/quote.ts'
import { isAuditFailure, writeFailed } from './audit-failure.ts'
import type { CaptureEngine } from './capture-engine.ts'
import type { CaptureSession } from './capture-session.ts'
import type { CaptureTarget, Run } from './capture-target.ts'
import { type ChangeLedger, createChangeLedger } from './change-ledger.ts'

/** A connection whose transactions are compared. */
export type Compared<Request, Result> = Pick<Run<Request, Result, unknown>, 'engine' | 'target'>

/** What a session has captured and announced since its transaction began. */
export function ledgerOf(session: CaptureSession): ChangeLedger {
  session.changes ??= createChangeLedger()
  return session.changes
}

/** Marks what PostgreSQL has counted before the transaction, once. */
export async function markChanges<Request, Result>(
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

/** In such a transaction PostgreSQL refuses every statement. */
export const inFailedTransaction = '25P02'

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

/** Compares what it has counted since with what was captured. @throws AuditError `AUDIT_UNCAPTURED` where it is to refuse. */
export async function compareChanges<Request, Result>(
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

/**
 * The statements that compare. Deferred triggers fire at COMMIT, when it is too late to count: so they fire now, with the rights they
 * would have then.
 */
export function comparison<Request, Result>(
  { engine }: Compared<Request, Result>,
  ledger: ChangeLedger,
): string {
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

const refusal = 'indelible: uncaptured changes: '

/** What an error of ours, or of the server while it compared, is told as. */
export function toAuditError<Request, Result>(
  target: CaptureTarget<Request, Result>,
  error: unknown,
): unknown {
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
