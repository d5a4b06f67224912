import {
  AuditError,
  type AuditOptions,
  type AuditTrail,
  createAuditTrail,
  type InstrumentablePool,
  type InstrumentedPool,
  instrumentPgPool,
} from '@indelible/core'
import type { Configuration } from '@mikro-orm/core'
import { PostgreSqlConnection } from '@mikro-orm/postgresql'

/** The audit of one ORM, which is to say of one of its configurations. */
export interface OrmAudit {
  readonly trail: AuditTrail
  /** Captures the pool that a connection of this ORM has just made. */
  capture(connection: object, pool: InstrumentablePool): void
  /**
   * Checks the audit schema over the pool of a connection, once.
   *
   * @throws AuditError `AUDIT_NOT_INSTRUMENTED` when the pool was made in a way that passed us by, `AUDIT_SCHEMA_MISSING`.
   */
  ready(connection: object): Promise<void>
}

const subscriberOptions = new WeakMap<object, AuditOptions>()
const audits = new WeakMap<Configuration, OrmAudit>()

/** Makes a subscriber one of ours: an ORM that has it in its configuration is audited. */
export function registerSubscriber(subscriber: object, options: AuditOptions): void {
  subscriberOptions.set(subscriber, options)
}

/**
 * Returns the audit of the ORM with this configuration, if one of our subscribers is in it.
 *
 * @throws AuditError `AUDIT_DATABASE_UNSUPPORTED` when its driver is not that of PostgreSQL, `AUDIT_OPTION_INVALID` when two
 * subscribers bring options.
 */
export function tryGetOrmAudit(config: Configuration): OrmAudit | undefined {
  const known = audits.get(config)
  if (known !== undefined) return known
  const options = tryFindOptions(config)
  if (options === undefined) return undefined
  const audit = createOrmAudit(config, options)
  audits.set(config, audit)
  return audit
}

function tryFindOptions(config: Configuration): AuditOptions | undefined {
  const all = [...config.get('subscribers')].flatMap((subscriber) => subscriberOptions.get(subscriber) ?? [])
  const [given = all[0], ...more] = new Set(all.filter((options) => Object.keys(options).length > 0))
  if (more.length === 0) return given
  throw new AuditError(
    'AUDIT_OPTION_INVALID',
    'This ORM has several AuditSubscribers: give the options once.',
  )
}

function createOrmAudit(config: Configuration, options: AuditOptions): OrmAudit {
  const primary = requirePostgres(config)
  keepAuditSchema(config)
  const pools = new WeakMap<
    object,
    { readonly pool: InstrumentablePool; readonly instrumented: InstrumentedPool }
  >()
  const trail = createAuditTrail({
    options,
    open: async () => {
      await primary.ensureConnection()
      await ready(primary)
    },
  })

  async function ready(connection: object): Promise<void> {
    const made = pools.get(connection)
    if (made === undefined) throw notCaptured()
    await made.instrumented.ready()
  }

  return {
    trail,
    ready,
    capture(connection, pool) {
      const whereTrailLives = connection === primary ? {} : { primary: poolOfPrimary() }
      pools.set(connection, { pool, instrumented: instrumentPgPool(pool, { trail, ...whereTrailLives }) })
    },
  }

  /** A replica may be asked before anything is written: then this makes the pool of the primary, and connects nothing. */
  function poolOfPrimary(): InstrumentablePool {
    primary.getClient()
    const made = pools.get(primary)
    if (made === undefined) throw notCaptured()
    return made.pool
  }
}

/** `orm.schema.update()` drops every schema that no entity is in, unless it is told to leave it. */
function keepAuditSchema(config: Configuration): void {
  const options = config.get('schemaGenerator')
  options.ignoreSchema = [...(options.ignoreSchema ?? []), 'indelible']
}

function requirePostgres(config: Configuration): PostgreSqlConnection {
  const driver = config.getDriver()
  const connection = driver.getConnection('write')
  if (connection instanceof PostgreSqlConnection) return connection
  const { name } = driver.constructor
  throw new AuditError(
    'AUDIT_DATABASE_UNSUPPORTED',
    `Indelible audits PostgreSQL, through the driver of @mikro-orm/postgresql; this ORM has ${name}. Remove the AuditSubscriber from it.`,
    { facts: { driver: name } },
  )
}

/** What is thrown where MikroORM has opened a connection in a way that passes us by. */
export function notCaptured(): AuditError {
  return new AuditError(
    'AUDIT_NOT_INSTRUMENTED',
    'This version of MikroORM opens its connections in another way, so nothing is captured: @indelible/mikro-orm supports 7.2 to 7.x.',
  )
}
