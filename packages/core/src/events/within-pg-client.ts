import type { CaptureEngine } from '../capture/capture-engine.ts'
import { tryGetOwnStatements } from '../pg/capture-client.ts'
import type { AuditQueryable } from '../store/audit-database.ts'
import { isNone, transactionInvalid } from './transaction-invalid.ts'

/**
 * Finds where an event is written on a captured client of node-postgres. It takes its place behind what was sent before, and is refused
 * when the client is in no transaction by then.
 *
 * @throws AuditError `AUDIT_TRANSACTION_INVALID` when it is none, or one of another trail.
 */
export function withinPgClient(
  client: unknown,
  { engine }: { readonly engine: CaptureEngine },
): AuditQueryable {
  const own = tryGetOwnStatements(client)
  if (own === undefined || own.engine() !== engine) throw transactionInvalid(isNone)
  return own
}
