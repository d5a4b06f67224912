import { type AuditOptions, fromPgPool, migrate } from '@indelible/core'
import { AuditSubscriber } from '@indelible/typeorm'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { createRowOracle, type RowOracle } from '../../conformance/row-oracle.ts'
import { createDatabase, type TestDatabase } from '../../support/fresh-database.ts'
import { featureTables } from './feature-entities.ts'
import { treeTables } from './tree-entities.ts'
import { shopDataSource } from './typeorm-harness.ts'

type PostgresOptions = Extract<DataSourceOptions, { type: 'postgres' }>

/** Everything in clear, so that images can be compared with the rows; no sealer, so that nothing else runs. */
export const exactOptions = { redact: { defaults: false }, seal: false } satisfies AuditOptions

/** A database with the tables of all entities, the audit schema and the oracle. */
export interface AuditedShop {
  readonly database: TestDatabase
  readonly oracle: RowOracle
  /** Makes a data source, audited unless told otherwise, not initialized. It is destroyed by `close`. */
  dataSource(options?: Partial<PostgresOptions>): DataSource
  /** The same, initialized. */
  open(options?: Partial<PostgresOptions>): Promise<DataSource>
  readonly close: () => Promise<void>
}

/** Creates a shop of its own for a test file. */
export async function createAuditedShop({ withAudit = true } = {}): Promise<AuditedShop> {
  const database = await createDatabase()
  await database.query(featureTables + treeTables)
  if (withAudit) await migrate(fromPgPool(database.pool))
  const oracle = await createRowOracle(database)
  const made: DataSource[] = []
  const dataSource = (options: Partial<PostgresOptions> = {}) => {
    const subscribers = [AuditSubscriber.with(exactOptions)]
    const source = new DataSource({ ...shopDataSource(database.url), subscribers, ...options })
    made.push(source)
    return source
  }
  return {
    database,
    oracle,
    dataSource,
    open: (options) => dataSource(options).initialize(),
    close: async () => {
      const open = made.filter(({ isInitialized }) => isInitialized)
      await Promise.all(open.map((source) => source.destroy()))
      await database.drop()
    },
  }
}
