import { AuditError } from '../errors.ts'
import type { CaptureTarget } from './capture-target.ts'

type Target<Request, Result> = CaptureTarget<Request, Result>

/**
 * Runs `work` in one transaction: a new one, or the running one. A new one commits as well where only the answer of the application's
 * statement could not be read: sent by itself, it would have committed by then.
 */
export async function inOneTransaction<Request, Result>(
  target: Target<Request, Result>,
  work: (target: Target<Request, Result>) => Promise<Result>,
): Promise<Result> {
  if (target.inTransaction) return await target.transaction(work)
  const unread: unknown[] = []
  const result = await target.transaction((inside) =>
    work(inside).catch(async (error) => {
      if (!(await wasCarriedOut(inside, error))) throw error
      unread.push(error)
      // One-line bridge: nobody sees it, the error is thrown in its place.
      return undefined as Result
    }),
  )
  if (unread.length > 0) throw unread[0]
  return result
}

/** Whether the server has carried out the statement that failed: the client could not read its answer. */
export async function wasCarriedOut<Request, Result>(
  target: Target<Request, Result>,
  error: unknown,
): Promise<boolean> {
  if (error instanceof AuditError || !target.isUnread(error)) return false
  // One that was never sent, for a value which the client could not write, or that read only, has nothing to commit.
  const [row] = await target.audit.query(wroteSql).catch(() => [])
  return row?.['wrote'] === 'yes'
}

const wroteSql =
  "select case when pg_catalog.pg_current_xact_id_if_assigned() is null then 'no' else 'yes' end as wrote"
