import { AuditError, type PgPoolLike } from '@indelible/core'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'

/**
 * Checks that a value is the driver adapter of a PostgreSQL database.
 *
 * @throws AuditError `AUDIT_DATABASE_UNSUPPORTED` for another database, `AUDIT_NOT_INSTRUMENTED` for anything else.
 */
export function requirePostgresFactory(value: unknown): SqlDriverAdapterFactory {
  if (!isFactory(value)) {
    throw new AuditError(
      'AUDIT_NOT_INSTRUMENTED',
      'No driver adapter found to instrument. Indelible needs a Prisma client made with `new PrismaClient({ adapter })`; clients of Accelerate have none.',
    )
  }
  if (value.provider !== 'postgres') {
    throw new AuditError(
      'AUDIT_DATABASE_UNSUPPORTED',
      `Indelible supports PostgreSQL through @prisma/adapter-pg; this adapter is for ${value.provider}.`,
      { facts: { provider: value.provider, adapter: value.adapterName } },
    )
  }
  return value
}

function isFactory(value: unknown): value is SqlDriverAdapterFactory {
  return value !== null && typeof value === 'object' && 'connect' in value && 'provider' in value
}

/**
 * Returns the node-postgres pool under a connected adapter, which `@prisma/adapter-pg` shows by `underlyingDriver()`.
 *
 * @throws AuditError `AUDIT_NOT_INSTRUMENTED` when the adapter has none.
 */
export function requirePool(adapter: object): PgPoolLike {
  const pool: unknown =
    'underlyingDriver' in adapter && typeof adapter.underlyingDriver === 'function'
      ? adapter.underlyingDriver()
      : undefined
  if (!isPool(pool)) {
    throw new AuditError(
      'AUDIT_NOT_INSTRUMENTED',
      'The driver adapter does not show its node-postgres pool. Indelible needs @prisma/adapter-pg 7.6 or newer.',
    )
  }
  return pool
}

function isPool(value: unknown): value is PgPoolLike {
  return value !== null && typeof value === 'object' && 'query' in value && 'connect' in value
}
