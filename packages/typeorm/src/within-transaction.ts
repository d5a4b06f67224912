import { transactionInvalid, type WithinTransaction, withinPgClient } from '@indelible/core'
import type { DataSource } from 'typeorm'

/** A query runner: the members that are used. */
export interface QueryRunnerLike {
  readonly dataSource: unknown
  readonly isReleased: boolean
  readonly isTransactionActive: boolean
  connect(): Promise<unknown>
}

/** Makes what finds where an event is written inside a transaction of a data source: below TypeORM, so its loggers see nothing. */
export function withinTransactionOf(dataSource: DataSource): WithinTransaction {
  return (transaction, connection) => {
    const runner = runnerOf(transaction)
    if (runner === undefined)
      throw transactionInvalid('is no entity manager or query runner of a transaction')
    if (runner.dataSource !== dataSource) throw transactionInvalid('is one of another data source')
    requireActive(runner)
    return {
      async query(sql, params) {
        const client = await runner.connect()
        requireActive(runner)
        return await withinPgClient(client, connection).query(sql, params)
      },
    }
  }
}

function requireActive({ isReleased, isTransactionActive }: QueryRunnerLike): void {
  if (isReleased || !isTransactionActive) throw transactionInvalid('has not begun, or has ended')
}

/** An entity manager inside a transaction has a runner of its own. */
function runnerOf(transaction: unknown): QueryRunnerLike | undefined {
  if (isQueryRunner(transaction)) return transaction
  if (typeof transaction !== 'object' || transaction === null || !('queryRunner' in transaction))
    return undefined
  return isQueryRunner(transaction.queryRunner) ? transaction.queryRunner : undefined
}

function isQueryRunner(value: unknown): value is QueryRunnerLike {
  return typeof value === 'object' && value !== null && 'isTransactionActive' in value && 'connect' in value
}
