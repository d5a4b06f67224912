import { AuditError } from '../errors.ts'
import type { PgClientLike, PgPoolLike } from './pg-database.ts'

/** Work over one client. A client that it reports as broken does not return to the pool. */
export type ClientWork<T> = (client: PgClientLike, onBroken: (error: Error) => void) => Promise<T>

/** Lends the clients of a pool to work of ours. */
export interface Lender {
  /**
   * Lends a client that is in no transaction.
   *
   * @param patience How long it waits for one, in milliseconds. Default: as long as the pool does.
   * @throws AuditError `AUDIT_WRITE_FAILED` when none came free in time, `AUDIT_TRANSACTION_INVALID` when whoever had it last
   * left a transaction open: the client then goes back as it came.
   */
  lend<T>(work: ClientWork<T>, patience?: number): Promise<T>
  /** Waits until what is lent now is back. After five seconds it closes those connections, and their work rejects. */
  recall(): Promise<void>
}

/** What a lender is made of. */
export interface LenderParts {
  readonly pool: PgPoolLike
  /** Waits for the statements that were sent before the client was lent. Default: a client of the pool has none under way. */
  readonly settle?: (client: PgClientLike) => Promise<void>
}

// A batch of the sealer takes less. A database that does not answer is not to keep a process from ending.
const RECALL_PATIENCE = 5000

/** Creates the lender of a pool. */
export function createLender(parts: LenderParts): Lender {
  const loans = new Map<AbortController, Promise<unknown>>()
  return {
    async lend(work, patience) {
      const recall = new AbortController()
      const loan = lendOne(parts, { recall, patience }, work)
      loans.set(recall, loan)
      try {
        return await loan
      } finally {
        loans.delete(recall)
      }
    },
    async recall() {
      const lent = [...loans]
      await atMost(RECALL_PATIENCE, Promise.allSettled(lent.map(([, loan]) => loan)))
      for (const [recall] of lent) recall.abort(takenBack())
    },
  }
}

interface Terms {
  readonly recall: AbortController
  readonly patience: number | undefined
}

async function lendOne<T>({ pool, settle }: LenderParts, terms: Terms, work: ClientWork<T>): Promise<T> {
  const client = await connect(pool, terms)
  const { signal } = terms.recall
  // A connection lost between two statements is emitted as an event, which nobody else listens to while the client is lent out.
  // The next statement on it rejects, so nothing is hidden here.
  const ignore = () => {}
  client.on('error', ignore)
  let broken: Error | undefined
  const start = async () => {
    await settle?.(client)
    if (isInTransaction(client)) throw leftOpen()
    return await work(client, (error) => {
      broken = error
    })
  }
  try {
    return await orAbort(signal, start())
  } finally {
    client.removeListener('error', ignore)
    client.release(signal.aborted ? signal.reason : broken)
  }
}

/** A client that comes too late goes back at once. */
async function connect(pool: PgPoolLike, { recall, patience }: Terms): Promise<PgClientLike> {
  const connecting = pool.connect()
  const timer = patience && setTimeout(() => recall.abort(noConnection(patience)), patience)
  try {
    return await orAbort(recall.signal, connecting)
  } catch (error) {
    connecting.then((client) => client.release()).catch(() => undefined)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function orAbort<T>(signal: AbortSignal, result: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason))
    result.then(resolve, reject)
  })
}

async function atMost(patience: number, result: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise((resolve) => {
    timer = setTimeout(resolve, patience)
  })
  await Promise.race([result, timeout])
  clearTimeout(timer)
}

/** TypeORM releases its query runners as they are when it is destroyed, and an application may forget a COMMIT. */
function isInTransaction(client: PgClientLike): boolean {
  const status = client.getTransactionStatus?.()
  return status === 'T' || status === 'E'
}

function leftOpen(): AuditError {
  return new AuditError(
    'AUDIT_TRANSACTION_INVALID',
    'A client came back to the pool with its transaction left open, so it was not used: commit or roll back before a client is released.',
  )
}

function noConnection(patience: number): AuditError {
  return new AuditError(
    'AUDIT_WRITE_FAILED',
    `No connection of the pool came free within ${patience / 1000} seconds, so nothing was written. Whoever holds them all may be waiting ` +
      'for this: give the pool more connections, or hand over the transaction that is open.',
    { facts: { patience } },
  )
}

function takenBack(): AuditError {
  return new AuditError(
    'AUDIT_WRITE_FAILED',
    `The pool is ending, and this was not done within ${RECALL_PATIENCE / 1000} seconds, so its connection was closed.`,
  )
}
