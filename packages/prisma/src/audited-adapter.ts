import {
  type AuditDatabase,
  aroundSavepoint,
  type CaptureEngine,
  type CaptureSession,
  createSession,
  executeCaptured,
  tryTakeClaim,
} from '@indelible/core'
import type { SqlDriverAdapter, SqlQuery, SqlQueryable, Transaction } from '@prisma/driver-adapter-utils'
import { answerClaim } from './answer-claim.ts'
import {
  type AuditedConnection,
  runScript,
  toAuditQueryable,
  toExecuteTarget,
  toQueryTarget,
} from './capture-target.ts'

/** What all connections of one driver adapter share. */
export interface AuditedPool {
  readonly engine: CaptureEngine
  /** The pool under the adapter, for statements of ours outside the application's transactions. */
  readonly database: AuditDatabase
}

/** Wraps a connected driver adapter: every statement that Prisma sends goes through capture. */
export function auditAdapter(adapter: SqlDriverAdapter, pool: AuditedPool): SqlDriverAdapter {
  const session = createSession()
  const connection: AuditedConnection = {
    queryable: adapter,
    session,
    inTransaction: false,
    audit: pool.database,
    inOneTransaction: (work) => inNewTransaction(adapter, session, work),
  }
  return {
    ...audited(connection, pool.engine),
    startTransaction: async (isolationLevel) =>
      auditTransaction(await adapter.startTransaction(isolationLevel), {
        pool,
        session: createSession(session),
      }),
    executeScript: (script) => adapter.executeScript(script),
    dispose: () => adapter.dispose(),
    ...optionalMethods(adapter, ['getConnectionInfo', 'underlyingDriver']),
  }
}

interface TransactionSurroundings {
  readonly pool: AuditedPool
  readonly session: CaptureSession
}

function auditTransaction(transaction: Transaction, { pool, session }: TransactionSurroundings): Transaction {
  const ending = (end: () => Promise<void>) => () => {
    session.ended = true
    return end()
  }
  return {
    ...audited(insideTransaction(transaction, session), pool.engine),
    options: transaction.options,
    commit: ending(() => transaction.commit()),
    rollback: ending(() => transaction.rollback()),
    ...savepointMethods(transaction, session),
  }
}

const savepointVerbs = {
  createSavepoint: 'savepoint',
  rollbackToSavepoint: 'rollback to',
  releaseSavepoint: 'release',
} as const

/** The adapter's own methods, for nested transactions: their statements do not pass through us. */
function savepointMethods(transaction: Transaction, session: CaptureSession) {
  const names = Object.keys(savepointVerbs) as (keyof typeof savepointVerbs)[]
  const methods = Object.entries(optionalMethods(transaction, names)).map(([method, run]) => {
    const verb = savepointVerbs[method as keyof typeof savepointVerbs]
    const follow = (name: string) =>
      aroundSavepoint({ ledger: session.changes, verb, name: name.toLowerCase() }, async (others) => {
        if (others.before !== undefined) await runScript(transaction, others.before)
        await run?.(name)
        if (others.after !== undefined) await runScript(transaction, others.after)
      })
    return [method, follow]
  })
  return Object.fromEntries(methods)
}

function audited(connection: AuditedConnection, engine: CaptureEngine): SqlQueryable {
  const [queries, executions] = [toQueryTarget(connection), toExecuteTarget(connection)]
  return {
    provider: connection.queryable.provider,
    adapterName: connection.queryable.adapterName,
    queryRaw: (query: SqlQuery) => {
      const claim = tryTakeClaim(engine, query.sql, query.args)
      return claim === undefined ? executeCaptured(engine, queries, query) : answerClaim(claim, connection)
    },
    executeRaw: (query: SqlQuery) => executeCaptured(engine, executions, query),
  }
}

function insideTransaction(transaction: Transaction, session: CaptureSession): AuditedConnection {
  const connection: AuditedConnection = {
    queryable: transaction,
    session,
    inTransaction: true,
    audit: toAuditQueryable(transaction),
    inOneTransaction: (work) => work(connection),
  }
  return connection
}

async function inNewTransaction<Result>(
  adapter: SqlDriverAdapter,
  session: CaptureSession,
  work: (connection: AuditedConnection) => Promise<Result>,
): Promise<Result> {
  const transaction = await adapter.startTransaction()
  try {
    const result = await work(insideTransaction(transaction, createSession(session)))
    await end(transaction, 'COMMIT')
    await transaction.commit()
    return result
  } catch (error) {
    // Without this the connection would return to the pool with the transaction open.
    await end(transaction, 'ROLLBACK').catch(() => undefined)
    await transaction.rollback().catch(() => undefined)
    throw error
  }
}

/** Adapters without phantom queries leave the statement itself to their caller. */
async function end(transaction: Transaction, sql: 'COMMIT' | 'ROLLBACK'): Promise<void> {
  if (!transaction.options.usePhantomQuery) await transaction.executeRaw({ sql, args: [], argTypes: [] })
}

function optionalMethods<Subject extends object, Name extends string>(
  subject: Subject,
  names: readonly Name[],
): Pick<Subject, Extract<Name, keyof Subject>> {
  const methods = names.flatMap((name) => {
    const method = (subject as Record<string, unknown>)[name]
    return typeof method === 'function' ? [[name, method.bind(subject)]] : []
  })
  return Object.fromEntries(methods)
}
