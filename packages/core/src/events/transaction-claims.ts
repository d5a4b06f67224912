import { randomUUID } from 'node:crypto'
import type { CaptureEngine } from '../capture/capture-engine.ts'
import type { AuditQueryable, SqlText, TextRow } from '../store/audit-database.ts'
import { isNone, transactionInvalid } from './transaction-invalid.ts'

/** A statement of ours on its way through an ORM that does not show the connection of a transaction. */
export interface TransactionClaim {
  /** Runs it on the connection that it has reached. What comes of it is told to who sent it. */
  answer(over: AuditQueryable): Promise<void>
}

interface PendingClaim extends TransactionClaim {
  readonly engine: CaptureEngine
}

const pending = new Map<unknown, PendingClaim>()

// Harmless where it reaches a server, which it does through the clients of others only.
const claimText = 'select $1::text as "indelible"'

/**
 * Runs statements of ours on the connection behind a handle of an ORM. What is sent through the handle is a stand-in: a constant
 * text and a random parameter, which the captured connection takes for ours. So the ORM and its logger see nothing of the event, and
 * a handle of another database is found out: nobody takes its stand-in.
 *
 * @param send Sends a text and its one parameter through the handle, and resolves when it was answered.
 */
export function throughHandle(
  engine: CaptureEngine,
  send: (text: string, parameter: string) => PromiseLike<unknown>,
): AuditQueryable {
  return { query: (sql, params = []) => sendClaim(engine, send, { sql, params }) }
}

interface OwnStatement {
  readonly sql: string
  readonly params: readonly SqlText[]
}

async function sendClaim(
  engine: CaptureEngine,
  send: (text: string, parameter: string) => PromiseLike<unknown>,
  { sql, params }: OwnStatement,
): Promise<readonly TextRow[]> {
  const token = randomUUID()
  let outcome: Promise<readonly TextRow[]> | undefined
  pending.set(token, {
    engine,
    answer: async (over) => {
      outcome = over.query(sql, params)
      await outcome.catch(() => undefined)
    },
  })
  try {
    await send(claimText, token)
  } catch (error) {
    if (outcome === undefined) throw transactionInvalid('cannot be used', error)
  } finally {
    pending.delete(token)
  }
  if (outcome === undefined) throw transactionInvalid(isNone)
  return await outcome
}

/** Takes the claim that a statement of the application's stands for, if it is one and meant for this engine. */
export function tryTakeClaim(
  engine: CaptureEngine | undefined,
  text: unknown,
  parameters: unknown,
): TransactionClaim | undefined {
  if (text !== claimText || !Array.isArray(parameters)) return undefined
  const claim = pending.get(parameters[0])
  if (claim === undefined || claim.engine !== engine) return undefined
  pending.delete(parameters[0])
  return claim
}
