import { type AuditOptions, createAuditTrail, fromPgPool, instrumentPgPool, migrate } from '@indelible/core'
import pg from 'pg'
import { createRowOracle, type RowOracle } from '../conformance/row-oracle.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

/** A database with the audit schema, and pools on it. */
export interface PoolDatabase {
  readonly database: TestDatabase
  readonly oracle: RowOracle
  /** A pool whose statements are captured, everything in clear and without a sealer unless told otherwise. */
  audited(config?: pg.PoolConfig, options?: AuditOptions): pg.Pool
  /** A pool as node-postgres makes it. */
  plain(config?: pg.PoolConfig): pg.Pool
  readonly close: () => Promise<void>
}

/** Creates a database for the tests of a file; `sql` makes its tables. */
export async function createPoolDatabase(sql: string): Promise<PoolDatabase> {
  const database = await createDatabase({ template: 'empty' })
  await database.query(sql)
  await migrate(fromPgPool(database.pool))
  const oracle = await createRowOracle(database)
  const pools: pg.Pool[] = []
  const plain = (config: pg.PoolConfig = {}) => {
    const pool = new pg.Pool({ connectionString: database.url, ...config })
    pools.push(pool)
    return pool
  }
  return {
    database,
    oracle,
    plain,
    audited: (config, options) => instrument(plain(config), options),
    close: async () => {
      await Promise.all(pools.filter((pool) => !pool.ending).map((pool) => pool.end()))
      await database.drop()
    },
  }
}

/** Captures a pool. */
export function instrument(pool: pg.Pool, options: AuditOptions = {}): pg.Pool {
  const instrumented = instrumentPgPool(pool, {
    trail: createAuditTrail({
      options: { redact: { defaults: false }, seal: false, ...options },
      open: () => instrumented.ready(),
    }),
  })
  return pool
}
