import { AuditError, type InstrumentablePool } from '@indelible/core'
import type { Configuration } from '@mikro-orm/core'
import { Kysely } from '@mikro-orm/postgresql'

import { notCaptured, type OrmAudit, tryGetOrmAudit } from './orm-audit.ts'

/** The members of MikroORM's `AbstractSqlConnection` that are used. `config` and `options` are protected in TypeScript. */
export interface ConnectionInternals {
  readonly config: Configuration
  readonly options: { driverOptions?: unknown }
  createKysely(): unknown
}

/** The settings of a pool. MikroORM hands the pool that it makes of them to `onPoolCreated`, before it is used. */
interface PoolSettings {
  readonly onPoolCreated?: (pool: InstrumentablePool) => unknown
}

const wrapped = new WeakSet<object>()

/**
 * Makes every SQL connection look for our subscriber in its configuration when it makes its client, which it does before its
 * first statement. One that finds none goes on as before. Done once, however often it is called.
 *
 * `onPoolCreated` would be public without this, but no event reaches a subscriber before an `em.insert()` that comes first.
 *
 * @throws AuditError `AUDIT_NOT_INSTRUMENTED` when MikroORM has no such method.
 */
export function captureConnections(prototype: object): void {
  if (wrapped.has(prototype)) return
  const connection = prototype as Partial<ConnectionInternals>
  const { createKysely } = connection
  if (typeof createKysely !== 'function') throw notCaptured()
  connection.createKysely = function (this: ConnectionInternals): unknown {
    const audit = tryGetOrmAudit(this.config)
    return audit === undefined
      ? createKysely.call(this)
      : createCaptured(this, audit, () => createKysely.call(this))
  }
  wrapped.add(prototype)
}

function createCaptured(connection: ConnectionInternals, audit: OrmAudit, create: () => unknown): unknown {
  const { driverOptions: given } = connection.options
  const settings = poolSettings(given ?? connection.config.get('driverOptions'))
  let isCaptured = false
  const onPoolCreated = (pool: InstrumentablePool) => {
    audit.capture(connection, pool)
    isCaptured = true
    return settings.onPoolCreated?.(pool)
  }
  connection.options.driverOptions = { ...settings, onPoolCreated }
  try {
    const created = create()
    if (!isCaptured) throw notCaptured()
    return created
  } finally {
    connection.options.driverOptions = given
  }
}

function poolSettings(given: unknown): PoolSettings {
  const driverOptions: unknown = typeof given === 'function' ? given() : given
  const isObject = typeof driverOptions === 'object' && driverOptions !== null
  if (!isObject || driverOptions instanceof Kysely || 'createDriver' in driverOptions) throw ownDialect()
  return driverOptions
}

function ownDialect(): AuditError {
  return new AuditError(
    'AUDIT_NOT_INSTRUMENTED',
    'driverOptions holds a Kysely dialect or instance, whose connections Indelible cannot capture. ' +
      'Give MikroORM the settings of the connection instead (clientUrl, pool, driverOptions of node-postgres).',
  )
}
