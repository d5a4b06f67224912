/** Stable codes of every error that Indelible throws. They never change meaning between releases. */
export type AuditErrorCode =
  | 'AUDIT_OPTION_INVALID'
  | 'AUDIT_CONTEXT_MISSING'
  | 'AUDIT_CONTEXT_INVALID'
  | 'AUDIT_ACTOR_MISSING'
  | 'AUDIT_REASON_MISSING'
  | 'AUDIT_EVENT_INVALID'
  | 'AUDIT_TRANSACTION_INVALID'
  | 'AUDIT_SCHEMA_MISSING'
  | 'AUDIT_SCHEMA_ALTERED'
  | 'AUDIT_SCHEMA_NEWER'
  | 'AUDIT_WRITE_FAILED'
  | 'AUDIT_UNCAPTURED'
  | 'AUDIT_NOT_INSTRUMENTED'
  | 'AUDIT_KEY_INVALID'
  | 'AUDIT_IDENTITY_UNAVAILABLE'
  | 'AUDIT_NOTE_INVALID'
  | 'AUDIT_ENTRY_NOT_FOUND'
  | 'AUDIT_DATABASE_UNSUPPORTED'
  | 'AUDIT_CORE_DUPLICATED'

/** What every {@link AuditError} may carry beside its message. */
export interface AuditErrorOptions {
  /** The error underneath, kept whole. */
  readonly cause?: unknown
  /** The facts of the failure, as data. They never hold row values or bound parameters. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** The one class of every error that Indelible throws, told apart by `code`. */
export class AuditError extends Error {
  override readonly name = 'AuditError'
  readonly code: AuditErrorCode
  readonly facts: Readonly<Record<string, unknown>>

  constructor(code: AuditErrorCode, message: string, { cause, facts = {} }: AuditErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.facts = facts
  }
}
