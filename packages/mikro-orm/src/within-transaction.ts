import { throughHandle, transactionInvalid, type WithinTransaction } from '@indelible/core'

/** An entity manager: the member that is used. */
export interface EntityManagerLike {
  getTransactionContext(): unknown
}

/** What MikroORM keeps of a transaction: Kysely's. */
export interface TransactionContextLike {
  executeQuery(query: CompiledQueryLike): Promise<unknown>
}

/** Kysely's `CompiledQuery`, in the form of `CompiledQuery.raw`, which MikroORM does not pass on. */
export interface CompiledQueryLike {
  readonly query: {
    readonly kind: 'RawNode'
    readonly sqlFragments: readonly string[]
    readonly parameters: readonly never[]
  }
  readonly queryId: { readonly queryId: string }
  readonly sql: string
  readonly parameters: readonly string[]
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

function compiledQuery(sql: string, parameter: string): CompiledQueryLike {
  const query = { kind: 'RawNode', sqlFragments: [sql], parameters: [] } as const
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
