import { throughHandle, transactionInvalid, type WithinTransaction } from '@indelible/core'

/** The client of an interactive transaction: the member that is used. */
interface TransactionClientLike {
  $queryRawUnsafe(query: string, ...values: unknown[]): PromiseLike<unknown>
}

/**
 * Finds where an event is written inside an interactive transaction. Prisma shows its connection to nobody, so a stand-in is sent
 * through the client, by public API; {@link throughHandle} tells how.
 */
export const withinTransaction: WithinTransaction = (transaction, { engine }) => {
  if (!isTransactionClient(transaction))
    throw transactionInvalid('is not the client of an interactive transaction')
  return throughHandle(engine, (text, parameter) => transaction.$queryRawUnsafe(text, parameter))
}

function isTransactionClient(value: unknown): value is TransactionClientLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    '$queryRawUnsafe' in value &&
    typeof value.$queryRawUnsafe === 'function'
  )
}
