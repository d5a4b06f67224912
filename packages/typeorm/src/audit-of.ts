import { type Audit, createAudit } from '@indelible/core'
import type { DataSource } from 'typeorm'
import { getCapturedSource } from './audit-subscriber.ts'
import { entityNames } from './entity-names.ts'
import { withinTransactionOf } from './within-transaction.ts'

/**
 * Returns the audit of an initialized data source: history, verification, sealing. It stays good when the data source is destroyed
 * and initialized again.
 *
 * @throws AuditError `AUDIT_NOT_INSTRUMENTED` when the data source has no `AuditSubscriber` or is not initialized,
 * `AUDIT_DATABASE_UNSUPPORTED` when it is not for PostgreSQL.
 *
 * @example
 * for await (const entry of auditOf(dataSource).history('Order', 42)) console.log(entry.op, entry.actorId)
 */
export function auditOf(dataSource: DataSource): Audit {
  getCapturedSource(dataSource)
  return createAudit({
    connection: () => getCapturedSource(dataSource).trail.connection(),
    names: entityNames(dataSource),
    within: withinTransactionOf(dataSource),
  })
}
