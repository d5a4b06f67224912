import { type Audit, AuditError, createAudit } from '@indelible/core'
import type { Configuration, MetadataStorage } from '@mikro-orm/core'
import { entityNames } from './entity-names.ts'
import { tryGetOrmAudit } from './orm-audit.ts'
import { withinTransaction } from './within-transaction.ts'

/** A MikroORM: the members that are used. */
export interface OrmLike {
  readonly config: Configuration
  getMetadata(): MetadataStorage
}

/**
 * Returns the audit of an ORM with an {@link AuditSubscriber}: history, verification, sealing. It connects when it is first asked.
 *
 * @throws AuditError `AUDIT_NOT_INSTRUMENTED` when the ORM was made without the subscriber, `AUDIT_DATABASE_UNSUPPORTED` when
 * its driver is not that of PostgreSQL.
 *
 * @example
 * for await (const entry of auditOf(orm).history('Order', 1)) console.log(entry.op, entry.before, entry.after)
 */
export function auditOf(orm: OrmLike): Audit {
  const audit = tryGetOrmAudit(orm.config)
  if (audit === undefined) {
    throw new AuditError(
      'AUDIT_NOT_INSTRUMENTED',
      'This ORM was made without an AuditSubscriber: give it in `subscribers` of the configuration.',
    )
  }
  return createAudit({
    connection: audit.trail.connection,
    names: entityNames(orm.getMetadata(), orm.config.getSchema()),
    within: withinTransaction,
  })
}
