import { AuditError } from '../errors.ts'
import { writerFunctions } from '../store/grants.ts'

const deniedFunction = new RegExp(
  `permission denied for function (?:${writerFunctions.join('|')}|cascade_\\w+)$`,
)

/** A key, an actor or a correlation id that is too long for the trail. */
const tooLongForIndex = /index row .* for index "entry_(?:row|actor|correlation)"$/

/**
 * Tells whether an error of a rewritten write comes from our part of it. Drivers keep no context line, so the message
 * decides: it names our schema, a function of ours or a table of ours that is not the one the user writes.
 */
export function isAuditFailure(code: string | undefined, message: string, userTable?: string): boolean {
  if (code === undefined) return false
  if (/^indelible: |(?:schema|type|function|relation) "?indelible\b/.test(message)) return true
  if (deniedFunction.test(message) || tooLongForIndex.test(message)) return true
  const [, relation] =
    /(?:relation|table|sequence) "?(entry|pending|entry_id_seq)"?(?![\w"])/.exec(message) ?? []
  return relation !== undefined && relation !== userTable
}

/** The error of a write that was refused because its entry could not be written. */
export function writeFailed(
  cause: unknown,
  { code, message }: { readonly code?: string | undefined; readonly message: string },
): AuditError {
  return new AuditError(
    'AUDIT_WRITE_FAILED',
    `The audit entry could not be written, so the write was refused: ${message}`,
    { cause, facts: { sqlState: code } },
  )
}
