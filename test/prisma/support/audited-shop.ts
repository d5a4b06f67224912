import { fromPgPool, migrate } from '@indelible/core'
import { type AuditOptions, auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../prisma/generated/client.ts'
import { createRowOracle, type RowOracle } from '../../conformance/row-oracle.ts'
import { createDatabase, type TestDatabase } from '../../support/fresh-database.ts'

/** Everything in clear, so that images can be compared with the rows; no sealer, so that nothing else runs. */
export const exactOptions = { redact: { defaults: false }, seal: false } satisfies AuditOptions

/** What a client of a test may choose. */
export interface ShopClientOptions extends AuditOptions {
  readonly url?: string
  /** Connections of its pool. */
  readonly max?: number
  /** The one that Prisma writes in front of its tables. @default public */
  readonly schema?: string
}

/** A Prisma client of the shop with its audit. */
export type AuditedClient = ReturnType<typeof createAuditedClient>

/** Makes an audited client of the shop at an address. */
export function createAuditedClient(url: string, given: ShopClientOptions = {}) {
  const { max = 10, schema, ...options } = given
  const adapter = new PrismaPg({ connectionString: url, max }, schema === undefined ? undefined : { schema })
  return new PrismaClient({ adapter }).$extends(auditExtension({ ...exactOptions, ...options }))
}

/** A database with the shop, the audit schema and the oracle, and a client that is audited. */
export interface AuditedShop {
  readonly database: TestDatabase
  readonly oracle: RowOracle
  readonly prisma: AuditedClient
  /** Another client of the same database. */
  client(options?: ShopClientOptions): AuditedClient
  /** Makes tables by SQL and puts the oracle on them. The prisma client learns of them by itself. */
  create(sql: string): Promise<void>
  /** Disconnects all clients and drops the database. */
  readonly close: () => Promise<void>
}

/** Creates an audited shop of its own for a test file. */
export async function createAuditedShop(options: ShopClientOptions = {}): Promise<AuditedShop> {
  const database = await createDatabase()
  await migrate(fromPgPool(database.pool))
  const oracle = await createRowOracle(database)
  const clients: AuditedClient[] = []
  const client = ({ url = database.url, ...others }: ShopClientOptions = {}) => {
    const made = createAuditedClient(url, others)
    clients.push(made)
    return made
  }
  return {
    database,
    oracle,
    prisma: client(options),
    client,
    create: async (sql) => {
      await database.query(sql)
      await oracle.watch()
    },
    close: async () => {
      await Promise.all(clients.map((each) => each.$disconnect()))
      await database.drop()
    },
  }
}
