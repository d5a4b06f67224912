import { AuditError } from '../errors.ts'

/** The error of a handle that an event cannot be recorded in. */
export function transactionInvalid(fault: string, cause?: unknown): AuditError {
  return new AuditError(
    'AUDIT_TRANSACTION_INVALID',
    `The audit event was not recorded: the transaction given ${fault}.`,
    cause === undefined ? {} : { cause },
  )
}

/** What is said of one that was committed or rolled back. */
export const hasEnded = 'has not begun, or has ended'

/** What is said of something else, or of one of another database. */
export const isNone = 'is not one of this audited client'
