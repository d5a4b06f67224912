import { AuditSubscriber, auditOf } from '@indelible/typeorm'
import { DataSource, type DataSourceOptions, type EntityManager } from 'typeorm'
import type { OpenOptions, OrmClient, OrmHarness, ShopSession } from '../../conformance/orm-harness.ts'
import { featureScenarios } from '../scenarios/feature-scenarios.ts'
import { queryBuilderScenarios } from '../scenarios/query-builder-scenarios.ts'
import { relationScenarios } from '../scenarios/relation-scenarios.ts'
import { repositoryScenarios } from '../scenarios/repository-scenarios.ts'
import { saveScenarios } from '../scenarios/save-scenarios.ts'
import { sqlScenarios } from '../scenarios/sql-scenarios.ts'
import { transactionScenarios } from '../scenarios/transaction-scenarios.ts'
import { treeScenarios } from '../scenarios/tree-scenarios.ts'
import { featureEntities, featureTables } from './feature-entities.ts'
import { recordingLogger, recordingSubscriber } from './recorder.ts'
import { productData } from './scenario.ts'
import { shopEntities } from './shop-entities.ts'
import { treeEntities, treeTables } from './tree-entities.ts'

/** TypeORM, for the suite that holds every ORM to the promises. */
export const harness: OrmHarness<DataSource> = {
  name: 'TypeORM',
  module: import.meta.filename,
  tables: featureTables + treeTables,
  open: openClient,
  scenarios: [
    ...saveScenarios,
    ...repositoryScenarios,
    ...queryBuilderScenarios,
    ...featureScenarios,
    ...relationScenarios,
    ...treeScenarios,
    ...sqlScenarios,
    ...transactionScenarios,
  ],
}

/** Options of a data source of the shop. Nothing is installed into its database. */
export function shopDataSource(url: string): DataSourceOptions & { type: 'postgres' } {
  const entities = [...shopEntities, ...featureEntities, ...treeEntities]
  return { type: 'postgres', url, entities, installExtensions: false, uuidExtension: 'pgcrypto' }
}

async function openClient(url: string, { audit, poolSize }: OpenOptions): Promise<OrmClient<DataSource>> {
  const seen: unknown[] = []
  const auditing = audit === false ? [] : [AuditSubscriber.with(audit)]
  const native = new DataSource({
    ...shopDataSource(url),
    subscribers: [recordingSubscriber(seen), ...auditing],
    logger: recordingLogger(seen),
    ...(poolSize !== undefined && { poolSize }),
  })
  await native.initialize()
  return {
    ...sessionOf(native.manager),
    native,
    audit: audit === false ? undefined : auditOf(native),
    seen,
    close: () => native.destroy(),
  }
}

function sessionOf(manager: EntityManager): ShopSession {
  return {
    async createProduct({ sku, stock = 0 }) {
      const { identifiers } = await manager.insert('Product', { ...productData(sku), stock })
      return Number(identifiers[0]?.['id'])
    },
    addStock: (sku, by) => manager.increment('Product', { sku }, 'stock', by),
    upsertProduct: ({ sku, stock }) => manager.upsert('Product', { ...productData(sku), stock }, ['sku']),
    deleteProduct: (sku) => manager.delete('Product', { sku }),
    sql: (text, params = []) => runSql(manager, text, params),
    transaction: (work) => manager.transaction((inside) => work(sessionOf(inside))),
  }
}

/** The structured result tells rows alike for every verb. */
async function runSql(
  { queryRunner, dataSource }: EntityManager,
  text: string,
  params: readonly unknown[],
): Promise<readonly Record<string, unknown>[]> {
  const runner = queryRunner ?? dataSource.createQueryRunner()
  try {
    return (await runner.query(text, [...params], true)).records ?? []
  } finally {
    if (queryRunner === undefined) await runner.release()
  }
}
