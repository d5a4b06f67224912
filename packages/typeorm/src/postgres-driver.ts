import { AuditError, type InstrumentablePool } from '@indelible/core'
import type { DataSource } from 'typeorm'

/** The pools of TypeORM's driver for PostgreSQL. They live from `initialize` to `destroy`. */
export interface PostgresDriverLike {
  readonly master: InstrumentablePool
  /** Of the read replicas, where `replication` is configured. */
  readonly slaves: readonly InstrumentablePool[]
}

/**
 * Returns the driver of a data source that is initialized.
 *
 * @throws AuditError `AUDIT_DATABASE_UNSUPPORTED` for another database, `AUDIT_NOT_INSTRUMENTED` when it is not initialized.
 */
export function requirePostgresDriver({ driver, options }: DataSource): PostgresDriverLike {
  if (options.type !== 'postgres') {
    throw new AuditError(
      'AUDIT_DATABASE_UNSUPPORTED',
      `Indelible supports PostgreSQL through data sources of type "postgres"; this one is of type "${options.type}".`,
      { facts: { type: options.type } },
    )
  }
  // TypeORM's type of a driver names what all databases have in common. A type test holds the description.
  const { master, slaves } = driver as unknown as Partial<PostgresDriverLike>
  if (master === undefined) {
    throw new AuditError('AUDIT_NOT_INSTRUMENTED', 'The data source is not initialized: initialize it first.')
  }
  return { master, slaves: slaves ?? [] }
}
