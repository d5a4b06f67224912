import { throughHandle, transactionInvalid, type WithinTransaction } from '@indelible/core'

/** An entity manager: the member that is used. */
interface EntityManagerLike {
  getTransactionContext(): unknown
}

/** What MikroORM keeps of a transaction: Kysely's. */
interface TransactionContextLike {
  executeQuery(query: unknown): Promise<unknown>
}

/**
 * Finds where an event is written inside the transaction of an entity manager. Kysely shows its connection to nobody, so a stand-in
 * is sent through it, below MikroORM's logger; {@link throughHandle} tells how.
 */
export const withinTransaction: WithinTransaction = (transaction, { engine }) => {
  if (!isEntityManager(transaction)) throw transactionInvalid('is no entity manager')
  const context = transaction.getTransactionContext()
  if (!isTransactionContext(context)) throw transactionInvalid('has not begun, or has ended')
  return throughHandle(engine, (text, parameter) => context.executeQuery(compiledQuery(text, parameter)))
}

/** Kysely's `CompiledQuery`, in the form of `CompiledQuery.raw`, which MikroORM does not pass on. */
function compiledQuery(sql: string, parameter: string) {
  const query = { kind: 'RawNode', sqlFragments: [sql], parameters: [] }
  return { query, queryId: { queryId: parameter }, sql, parameters: [parameter] }
}

function isEntityManager(value: unknown): value is EntityManagerLike {
  return (
    typeof value === 'object' &&
    value !== null &&
    'getTransactionContext' in value &&
    typeof value.getTransactionContext === 'function'
  )
}

function isTransactionContext(value: unknown): value is TransactionContextLike {
  return typeof value === 'object' && value !== null && 'executeQuery' in value
}
