/** The members of a client of node-postgres that capture uses. */
export interface CapturableClient {
  query(...args: never): unknown
  /** The state of its transaction as the server last told it: idle, in a transaction, in a failed one. `pg` 8.21 or later. */
  getTransactionStatus(): 'I' | 'T' | 'E' | null
  /** Whether every result comes in binary form. */
  readonly binary?: unknown
}

/** The members of a statement of the application's that are read. */
export interface PgQueryConfig {
  readonly text?: unknown
  readonly values?: unknown
  readonly name?: unknown
  readonly callback?: unknown
}

/** The members of a result of node-postgres that are read or restored. */
export interface PgResult {
  command: string | null
  rowCount: number | null
  oid: number | null
  rows: unknown[]
  fields: { readonly name: string }[]
}

/** How node-postgres calls back. */
export type PgCallback = (error: unknown, result?: unknown) => void
