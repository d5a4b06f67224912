import { AuditError } from '../errors.ts'
import type { AuditDatabase, AuditTransaction, SqlText, TextRow } from './audit-database.ts'

/** One statement as node-postgres takes it. */
interface PgQueryConfigLike {
  text: string
  values?: SqlText[]
  types: { getTypeParser: () => (text: string) => string }
}

/** The two members of a result that are read. */
interface PgResultLike {
  readonly command: string
  readonly rows: readonly TextRow[]
}

/** The members of node-postgres' `PoolClient` that are used. */
export interface PgClientLike {
  query(config: PgQueryConfigLike): Promise<PgResultLike>
  release(error?: Error | boolean): void
  on(event: 'error', listener: (error: Error) => void): unknown
  removeListener(event: 'error', listener: (error: Error) => void): unknown
}

/** The members of node-postgres' `Pool` that are used. */
export interface PgPoolLike {
  query(config: PgQueryConfigLike): Promise<PgResultLike>
  connect(): Promise<PgClientLike>
}

/**
 * Makes the port of a node-postgres pool (`pg` 8.11 or later, its JavaScript client). The pool stays the caller's to end.
 *
 * Type parsers set on the pool, on its clients or globally do not apply here: every value arrives as the text PostgreSQL sent.
 *
 * @example
 * const database = fromPgPool(new Pool({ connectionString: process.env.DATABASE_URL }))
 */
export function fromPgPool(pool: PgPoolLike): AuditDatabase {
  return {
    query: (sql, params) => runQuery(pool, sql, params),
    transaction: (work) => runTransaction(pool, work),
  }
}

const types: PgQueryConfigLike['types'] = { getTypeParser: () => (text) => text }

async function runQuery(
  runner: Pick<PgPoolLike, 'query'>,
  text: string,
  params: readonly SqlText[] = [],
): Promise<readonly TextRow[]> {
  const { rows } = await runner.query({ text, values: [...params], types })
  return rows
}

async function runTransaction<T>(pool: PgPoolLike, work: (tx: AuditTransaction) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  // A connection lost between two statements is emitted as an event, which nobody else listens to while the client is lent out.
  // The next statement on it rejects, so nothing is hidden here.
  const ignore = () => {}
  client.on('error', ignore)
  let broken: Error | undefined
  try {
    return await commitOrRollBack(client, work)
  } catch (error) {
    broken = await tryRollBack(client)
    throw error
  } finally {
    client.removeListener('error', ignore)
    client.release(broken)
  }
}

async function commitOrRollBack<T>(
  client: PgClientLike,
  work: (tx: AuditTransaction) => Promise<T>,
): Promise<T> {
  await client.query({ text: 'begin isolation level read committed', types })
  const result = await work(toTransaction(client))
  const { command } = await client.query({ text: 'commit', types })
  if (command !== 'COMMIT') throw rolledBackInstead()
  return result
}

function toTransaction(client: PgClientLike): AuditTransaction {
  return {
    query: (sql, params) => runQuery(client, sql, params),
    script: async (sql) => void (await client.query({ text: sql, types })),
  }
}

/** PostgreSQL answers COMMIT of a failed transaction with ROLLBACK, and no error. */
function rolledBackInstead(): AuditError {
  return new AuditError(
    'AUDIT_WRITE_FAILED',
    'The transaction was rolled back: a statement in it had failed and its error was caught. Let the error through.',
  )
}

/** A client that cannot roll back must not return to the pool: the error tells the pool to destroy it. */
async function tryRollBack(client: PgClientLike): Promise<Error | undefined> {
  try {
    await client.query({ text: 'rollback', types })
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error('rollback failed', { cause: error })
  }
}
