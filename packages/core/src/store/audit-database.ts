/** A value on its way to or from the audit tables: text as PostgreSQL writes it, or null. */
export type SqlText = string | null

/** One row, by column name, every value as text. */
export type TextRow = Readonly<Record<string, SqlText>>

/** Runs statements. Every parameter and every result value travels as text, so that no driver's parser can lose digits. */
export interface AuditQueryable {
  query(sql: string, params?: readonly SqlText[]): Promise<readonly TextRow[]>
}

/** One open transaction. */
export interface AuditTransaction extends AuditQueryable {
  /** Runs a text of several statements, without parameters. */
  script(sql: string): Promise<void>
}

/** The port through which sealer, verifier and queries reach a database. Adapters and the command line supply it. */
export interface AuditDatabase extends AuditQueryable {
  /** Runs `work` in a READ COMMITTED transaction: commits when it resolves, rolls back when it rejects. */
  transaction<T>(work: (tx: AuditTransaction) => Promise<T>): Promise<T>
  /**
   * Runs `work` on a connection of its own, every statement of which commits by itself. Absent where a database has only one.
   *
   * @param patience How long it waits for a connection, in milliseconds.
   * @throws AuditError `AUDIT_WRITE_FAILED` when none came free in time.
   */
  lend?<T>(work: (connection: AuditQueryable) => Promise<T>, patience: number): Promise<T>
  /**
   * Waits for what runs now, for a few seconds at most: then it closes the connections, and what runs on them rejects. Absent where
   * nothing can run behind the caller's back.
   */
  recall?(): Promise<void>
}
