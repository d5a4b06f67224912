import { type CaptureSession, createSession } from '../capture/capture-session.ts'
import type { Plan } from '../sql/plan-types.ts'
import type { CapturableClient } from './pg-client.ts'

/** What statements of one client have made uncertain: for good, or for the transaction it is in. */
export interface ClientSessions {
  /** Follows the server where it began or ended a transaction unseen. Only when no statement is under way. */
  settle(): void
  current(): CaptureSession
  /** Notes a statement that was sent. */
  follow(plan: Plan): void
}

/** Creates the sessions of a client. */
export function createClientSessions(client: CapturableClient): ClientSessions {
  const session = createSession()
  let transaction: CaptureSession | undefined

  function move(isInside: boolean): void {
    if (!isInside) transaction = undefined
    else transaction ??= createSession(session)
  }

  return {
    settle: () => move(isInTransaction(client)),
    current: () => transaction ?? session,
    follow(plan) {
      if (plan.kind !== 'transaction' || plan.chain) return
      if (plan.verb === 'begin') move(true)
      if (plan.verb === 'commit' || plan.verb === 'rollback') move(false)
    },
  }
}

/** Whether the server is in a transaction, failed or not, after all that it has answered. */
export function isInTransaction(client: CapturableClient): boolean {
  const status = client.getTransactionStatus()
  return status === 'T' || status === 'E'
}
