import { AuditError, type AuditOptions, createAuditTrail } from '@indelible/core'
import type { EventSubscriber, FlushEventArgs, TransactionEventArgs } from '@mikro-orm/core'
import { AbstractSqlConnection } from '@mikro-orm/postgresql'
import { captureConnections } from './captured-connection.ts'
import { registerSubscriber, tryGetOrmAudit } from './orm-audit.ts'

/**
 * Audits a MikroORM: from its first statement on every INSERT, UPDATE and DELETE that it sends leaves an entry, whatever made it
 * (flush, native and upsert methods, query builder, raw SQL, Kysely, the pool itself), in the same statement and so in the same
 * transaction.
 *
 * Give it in the configuration, as an instance with options or as the class itself. Its events capture nothing: they refuse to
 * go on where nothing is captured, which is so when it was registered after the ORM was made.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` naming the option, `AUDIT_NOT_INSTRUMENTED` for a version of MikroORM that opens its
 * connections in another way. The first statement of an ORM that cannot be audited throws, too: `AUDIT_DATABASE_UNSUPPORTED`
 * for another driver, `AUDIT_NOT_INSTRUMENTED` for a Kysely dialect in `driverOptions`, `AUDIT_SCHEMA_MISSING`.
 *
 * @example
 * const orm = await MikroORM.init({ entities, clientUrl, subscribers: [new AuditSubscriber({ redact: { columns: ['iban'] } })] })
 * await runWithAuditContext({ actor: { id: 'u_42' } }, () => orm.em.fork().nativeUpdate(Order, 1, { status: 'PAID' }))
 */
export class AuditSubscriber implements EventSubscriber {
  constructor(options: AuditOptions = {}) {
    // This trail is thrown away; it checks the options here and not at the first statement.
    createAuditTrail({ options, open: async () => undefined })
    captureConnections(AbstractSqlConnection.prototype)
    registerSubscriber(this, options)
  }

  /** Refuses a flush that would not be captured. */
  beforeFlush({ em }: Pick<FlushEventArgs, 'em'>): void {
    if (tryGetOrmAudit(em.config) === undefined) throw registeredLate()
  }

  /**
   * Refuses a transaction that would not be captured. The audit schema is checked here and not by BEGIN, because Kysely gives a
   * connection whose BEGIN fails never back to the pool.
   */
  async beforeTransactionStart({ em }: Pick<TransactionEventArgs, 'em'>): Promise<void> {
    const audit = tryGetOrmAudit(em.config)
    if (audit === undefined) throw registeredLate()
    await audit.ready(em.getConnection('write'))
  }
}

function registeredLate(): AuditError {
  return new AuditError(
    'AUDIT_NOT_INSTRUMENTED',
    'The AuditSubscriber was registered after the ORM was made, so nothing is captured. Give it in `subscribers` of the configuration.',
  )
}
