import {
  type Audit,
  type AuditOptions,
  createAudit,
  createAuditTrail,
  instrumentPgPool,
} from '@indelible/core'
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql'
import pg from 'pg'
import type { DataSource, EntityManager } from 'typeorm'
import type { Prisma, PrismaClient } from '../../../prisma/generated/client.ts'
import { harness as mikroOrm } from '../../mikro-orm/support/harness.ts'
import { Product } from '../../mikro-orm/support/shop-entities.ts'
import { harness as prisma } from '../../prisma/support/prisma-harness.ts'
import { productData } from '../../typeorm/support/scenario.ts'
import { harness as typeorm } from '../../typeorm/support/typeorm-harness.ts'

/** How a client of a test is made. */
export interface EventClientOptions {
  readonly audit: AuditOptions
  readonly poolSize?: number
}

/** What the tests of events need of an ORM. Handles are what a user gives as `transaction`. */
export interface EventClient {
  readonly audit: Audit
  /** What its logger has shown the application. */
  readonly seen: readonly unknown[]
  /** What a user might give in place of a transaction. */
  readonly noTransaction: unknown
  /** Inserts a product and returns its id. */
  insert(handle: unknown, sku: string): Promise<number>
  transaction<Result>(work: (handle: unknown) => Promise<Result>): Promise<Result>
  /** A transaction inside one: a savepoint. */
  nested<Result>(handle: unknown, work: (handle: unknown) => Promise<Result>): Promise<Result>
  close(): Promise<void>
}

/** An ORM, or the driver alone. */
export interface EventOrm {
  readonly name: string
  open(url: string, options: EventClientOptions): Promise<EventClient>
}

/** All that events can be recorded through. */
export const eventOrms: readonly EventOrm[] = [
  { name: 'Prisma', open: openPrisma },
  { name: 'TypeORM', open: openTypeOrm },
  { name: 'MikroORM', open: openMikroOrm },
  { name: 'node-postgres', open: openPg },
]

function auditOf({ audit }: { readonly audit: Audit | undefined }): Audit {
  if (audit === undefined) throw new Error('an audited client has an audit')
  return audit
}

async function openPrisma(url: string, options: EventClientOptions): Promise<EventClient> {
  const opened = await prisma.open(url, options)
  const { native, seen, close } = opened
  // One-line bridges: a handle is what this ORM has handed out.
  const to = (handle: unknown) => handle as PrismaClient
  const begin = <Result>(client: PrismaClient, work: (handle: unknown) => Promise<Result>) =>
    client.$transaction((tx: Prisma.TransactionClient) => work(tx))
  return {
    audit: auditOf(opened),
    seen,
    noTransaction: native,
    close,
    insert: async (handle, sku) =>
      (await to(handle).product.create({ data: { sku, name: sku, price: '9.90', stock: 0 } })).id,
    transaction: (work) => begin(native, work),
    nested: (handle, work) => begin(to(handle), work),
  }
}

async function openTypeOrm(url: string, options: EventClientOptions): Promise<EventClient> {
  const opened = await typeorm.open(url, options)
  const { seen, close } = opened
  const native: DataSource = opened.native
  const to = (handle: unknown) => handle as EntityManager
  return {
    audit: auditOf(opened),
    seen,
    noTransaction: native.manager,
    close,
    insert: async (handle, sku) =>
      Number((await to(handle).insert('Product', productData(sku))).identifiers[0]?.['id']),
    transaction: (work) => native.transaction(work),
    nested: (handle, work) => to(handle).transaction(work),
  }
}

async function openMikroOrm(url: string, options: EventClientOptions): Promise<EventClient> {
  const opened = await mikroOrm.open(url, options)
  const { seen, close } = opened
  const native: MikroORM = opened.native
  const to = (handle: unknown) => handle as SqlEntityManager
  return {
    audit: auditOf(opened),
    seen,
    noTransaction: native.em.fork(),
    close,
    insert: (handle, sku) => to(handle).insert(Product, { sku, name: sku, price: '9.90', stock: 0 }),
    transaction: (work) => native.em.fork().transactional(work),
    nested: (handle, work) => to(handle).transactional(work),
  }
}

async function openPg(url: string, { audit: options, poolSize }: EventClientOptions): Promise<EventClient> {
  const pool = new pg.Pool({ connectionString: url, ...(poolSize && { max: poolSize }) })
  const trail = createAuditTrail({ options, open: () => instrumented.ready() })
  const instrumented = instrumentPgPool(pool, { trail })
  const to = (handle: unknown) => handle as pg.PoolClient
  return {
    audit: createAudit({ connection: trail.connection }),
    seen: [],
    noTransaction: pool,
    close: () => pool.end(),
    insert: async (handle, sku) => (await to(handle).query(insertProduct, [sku])).rows[0].id,
    transaction: (work) => inTransaction(pool, work),
    nested: (handle, work) => behindSavepoint(to(handle), work),
  }
}

const insertProduct = 'insert into "Product" (sku, name, price, stock) values ($1, $1, 9.90, 0) returning id'

async function inTransaction<Result>(
  pool: pg.Pool,
  work: (handle: unknown) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const result = await work(client)
    await client.query('commit')
    return result
  } catch (error) {
    await client.query('rollback')
    throw error
  } finally {
    client.release()
  }
}

async function behindSavepoint<Result>(
  client: pg.PoolClient,
  work: (handle: unknown) => Promise<Result>,
): Promise<Result> {
  await client.query('savepoint inner_part')
  try {
    return await work(client)
  } catch (error) {
    await client.query('rollback to savepoint inner_part')
    throw error
  } finally {
    await client.query('release savepoint inner_part')
  }
}
