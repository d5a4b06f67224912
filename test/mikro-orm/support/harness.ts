import { AuditSubscriber, auditOf } from '@indelible/mikro-orm'
import {
  EntityCaseNamingStrategy,
  type LogContext,
  type Logger,
  MikroORM,
  type Options,
  raw,
  type SqlEntityManager,
} from '@mikro-orm/postgresql'
import type { ClientBase, Pool } from 'pg'
import type { OpenOptions, OrmClient, OrmHarness, ShopSession } from '../../conformance/orm-harness.ts'
import { EventLog } from './event-log.ts'
import { kindEntities, kindsTables } from './kinds-entities.ts'
import { scenarios } from './scenarios.ts'
import { Product, shopEntities } from './shop-entities.ts'

/** MikroORM, as test/conformance holds it to every promise. */
export const harness: OrmHarness<MikroORM> = {
  name: 'MikroORM',
  module: import.meta.filename,
  tables: kindsTables,
  open: openClient,
  scenarios,
}

/** The settings of an ORM of the shop, whose logs and events come to `seen`. */
export function shopOptions(url: string, seen: unknown[] = []): Options {
  return {
    clientUrl: url,
    entities: [...shopEntities, ...kindEntities],
    namingStrategy: EntityCaseNamingStrategy,
    loggerFactory: () => queryLog(seen),
    debug: ['query', 'query-params'],
    subscribers: [new EventLog(seen)],
  }
}

async function openClient(url: string, { audit, poolSize }: OpenOptions): Promise<OrmClient<MikroORM>> {
  const seen: unknown[] = []
  const { subscribers = [], ...options } = shopOptions(url, seen)
  const orm = await MikroORM.init({
    ...options,
    subscribers: audit === false ? subscribers : [...subscribers, new AuditSubscriber(audit)],
    driverOptions: { onPoolCreated: releaseLostClients },
    ...(poolSize !== undefined && { pool: { max: poolSize } }),
  })
  await orm.connect()
  return {
    native: orm,
    audit: audit === false ? undefined : auditOf(orm),
    seen,
    close: () => orm.close(true),
    ...sessionOf(() => orm.em.fork()),
  }
}

function sessionOf(em: () => SqlEntityManager): ShopSession {
  return {
    createProduct: ({ sku, stock = 0 }) => em().insert(Product, { sku, name: sku, price: '9.90', stock }),
    addStock: (sku, by) => em().nativeUpdate(Product, { sku }, { stock: raw<number>('stock + ?', [by]) }),
    upsertProduct: ({ sku, stock }) =>
      em().upsert(
        Product,
        { sku, name: sku, price: '9.90', stock },
        { onConflictFields: ['sku'], onConflictMergeFields: ['stock'] },
      ),
    deleteProduct: (sku) => em().nativeDelete(Product, { sku }),
    sql: (text, params = []) => em().execute(text.replace(/\$\d+/g, '?'), [...params]),
    transaction: (work) => em().transactional((inner) => work(sessionOf(() => inner))),
  }
}

/**
 * Kysely never gives back a client whose ROLLBACK fails, so that a pool of one is empty for good when a connection is lost in a
 * transaction, with and without Indelible. This gives it back.
 */
function releaseLostClients(pool: Pool): void {
  const lent = new Set<ClientBase>()
  pool.on('acquire', (client) => lent.add(client))
  pool.on('release', (_error, client) => lent.delete(client))
  pool.on('connect', (client) => client.once('end', () => lent.has(client) && client.release(true)))
}

/** Writes down what MikroORM's logger is told of statements. */
function queryLog(seen: unknown[]): Logger {
  return {
    log: () => undefined,
    error: () => undefined,
    warn: (_namespace, message) => void seen.push(`warning: ${message}`),
    logQuery: ({ query, params, results, affected, level }: LogContext) =>
      void seen.push({ query, params, results, affected, level }),
    setDebugMode: () => undefined,
    isEnabled: (namespace) => namespace.startsWith('query'),
  }
}
