import { AuditError } from '../errors.ts'
import type {
  AuditDatabase,
  AuditQueryable,
  AuditTransaction,
  SqlText,
  TextRow,
} from '../store/audit-database.ts'
import { createLender, type Lender } from './lender.ts'

/** One statement of ours as node-postgres takes it. */
interface PgStatement {
  text: string
  values?: SqlText[]
  types: { getTypeParser: () => (text: string) => string }
  /** How long node-postgres waits for the answer, in milliseconds. */
  query_timeout?: number
}

/** The two members of a result that are read. */
interface PgTextResult {
  readonly command: string
  readonly rows: readonly TextRow[]
}

/** What runs statements: a client of node-postgres. */
export interface PgRunner {
  query(statement: PgStatement): Promise<PgTextResult>
  /** Told of a statement that was sent and that nobody waits for. */
  leave?(ended: Promise<unknown>): void
}

/** The members of node-postgres' `PoolClient` that are used. */
export interface PgClientLike extends PgRunner {
  release(error?: Error | boolean): void
  /** The state of its transaction as the server last told it. `pg` 8.21 or later. */
  getTransactionStatus?(): 'I' | 'T' | 'E' | null
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

/** The members of node-postgres' `Pool` that are used. */
export interface PgPoolLike {
  connect(): Promise<PgClientLike>
}

/**
 * Makes the port of a node-postgres pool (`pg` 8.11 or later, its JavaScript client). The pool stays the caller's to end.
 *
 * Type parsers set on the pool, on its clients or globally do not apply here: every value arrives as the text PostgreSQL sent.
 * A client that came back to the pool with a transaction left open is not used, which `pg` tells from 8.21 on: then every member
 * rejects with `AUDIT_TRANSACTION_INVALID`.
 *
 * @example
 * const database = fromPgPool(new Pool({ connectionString: process.env.DATABASE_URL }))
 */
export function fromPgPool(pool: PgPoolLike): AuditDatabase {
  return fromLender(createLender({ pool }))
}

/** Makes the port of what a lender lends. */
export function fromLender({ lend, recall }: Lender): Required<AuditDatabase> {
  return {
    // As with `pool.query`, a client that tells of an error does not return to the pool.
    query: (sql, params) =>
      lend((client, onBroken) =>
        toQueryable(client)
          .query(sql, params)
          .catch((error) => {
            onBroken(error)
            throw error
          }),
      ),
    transaction: (work) =>
      lend((client, onBroken) =>
        inTransaction(client, { begin: READ_COMMITTED, onBroken }, () => work(toTransaction(client))),
      ),
    lend: (work, patience) => lend((client) => work(toQueryable(client)), patience),
    recall,
  }
}

const READ_COMMITTED = 'begin isolation level read committed'

// The identity of this object also tells statements of ours from the application's: they are not captured.
const textTypes: PgStatement['types'] = { getTypeParser: () => (text) => text }

/** Tells whether a statement on its way to node-postgres is one of ours. */
export function isOwnStatement(statement: unknown): boolean {
  return (
    typeof statement === 'object' &&
    statement !== null &&
    'types' in statement &&
    statement.types === textTypes
  )
}

/** Runs statements of ours. */
export function toQueryable(runner: PgRunner): AuditQueryable {
  return {
    async query(text: string, params: readonly SqlText[] = []) {
      const { rows } = await runner.query({ text, values: [...params], types: textTypes })
      return rows
    },
  }
}

/** Reads over one client, inside a transaction of the application's or not. Settings that the reading changes are put back. */
export function toReadDatabase(
  runner: PgRunner,
  isInTransaction: boolean,
  onBroken: (error: Error) => void = () => {},
): AuditDatabase {
  const tx = toTransaction(runner)
  return {
    ...toQueryable(runner),
    transaction: (work) =>
      isInTransaction
        ? behindSavepoint(runner, () => work(tx))
        : inTransaction(runner, { begin: READ_COMMITTED, onBroken }, () => work(tx)),
  }
}

async function behindSavepoint<T>(runner: PgRunner, work: () => Promise<T>): Promise<T> {
  await runner.query({ text: 'savepoint indelible_read', types: textTypes })
  try {
    return await work()
  } finally {
    await runner.query({ text: 'rollback to savepoint indelible_read', types: textTypes })
    await runner.query({ text: 'release savepoint indelible_read', types: textTypes })
  }
}

function toTransaction(client: PgRunner): AuditTransaction {
  return {
    ...toQueryable(client),
    script: (sql) => runScript(client, sql),
  }
}

/** Runs several statements of ours. */
export async function runScript(runner: PgRunner, sql: string): Promise<void> {
  await runner.query({ text: sql, types: textTypes })
}

/** How a transaction begins, and what happens to a client that cannot end it. */
export interface InTransactionOptions {
  readonly begin: string
  /** Told when the rollback failed too: such a client must not return to its pool. */
  readonly onBroken?: (error: Error) => void
}

/** Runs `work` between BEGIN and COMMIT, with ROLLBACK where it rejects. */
export async function inTransaction<T>(
  runner: PgRunner,
  { begin, onBroken }: InTransactionOptions,
  work: () => Promise<T>,
): Promise<T> {
  try {
    await runner.query({ text: begin, types: textTypes })
    const result = await work()
    const { command } = await runner.query({ text: 'commit', types: textTypes })
    if (command !== 'COMMIT') throw rolledBackInstead()
    return result
  } catch (error) {
    const rolledBack = tryRollBack(runner)
    if (runner.leave !== undefined && !isAnswer(error)) runner.leave(rolledBack)
    else await rolledBack.then((broken) => broken && onBroken?.(broken))
    throw error
  }
}

/** PostgreSQL answers COMMIT of a failed transaction with ROLLBACK, and no error. */
function rolledBackInstead(): AuditError {
  return new AuditError(
    'AUDIT_WRITE_FAILED',
    'The transaction was rolled back: a statement in it had failed and its error was caught. Let the error through.',
  )
}

/** Whether the server has said so. Where it did not, its answer to ROLLBACK may come late or never. */
function isAnswer(error: unknown): boolean {
  const cause = error instanceof AuditError ? error.cause : error
  return typeof cause === 'object' && cause !== null && 'code' in cause
}

// The longest that a timer knows. node-postgres drops a statement from its queue that has waited for too long.
const patience = 2_147_483_647

async function tryRollBack(runner: PgRunner): Promise<Error | undefined> {
  // Whoever holds its client goes on with it, so there the transaction must end, however long the statement before takes.
  const patient = runner.leave === undefined ? {} : { query_timeout: patience }
  try {
    await runner.query({ text: 'rollback', types: textTypes, ...patient })
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error('rollback failed', { cause: error })
  }
}
