/**
 * What stands in place of a secret: `mask` keeps the field and hides its value, `drop` leaves the field out,
 * `fingerprint` stores a keyed hash, so that equality shows and values do not.
 */
export type RedactStrategy = 'mask' | 'drop' | 'fingerprint'

/** Which columns and JSON keys are secret. Redaction happens before a value reaches the audit tables. */
export interface RedactOptions {
  /** Whether the built-in names (password, token, card, …) count as secret. @default true */
  readonly defaults?: boolean
  /** Further secret names, for columns of every table and for JSON keys at any depth; matched by word. */
  readonly columns?: readonly string[]
  /** Columns and context fields that are not secret although a rule above matches them. Compared whole. JSON keys inside
   * columns stay masked. */
  readonly allow?: readonly string[]
  /**
   * Rules for single columns, by table (`table` or `schema.table`) and column, as the database names them. `false`
   * says that the column is not secret. Rules of a partitioned table hold for its partitions too.
   */
  readonly tables?: Readonly<Record<string, Readonly<Record<string, RedactStrategy | false>>>>
  /** What stands in place of columns found by name. JSON keys are always masked. @default 'mask' */
  readonly strategy?: RedactStrategy
  /**
   * Secret key of `fingerprint`, at least 16 bytes. It reaches the database as a bind and is stored in no table; a server
   * that logs the binds of statements logs it too (log_statement, log_parameter_max_length).
   */
  readonly fingerprintKey?: string | Uint8Array
}
