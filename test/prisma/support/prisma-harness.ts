import type { Audit, AuditOptions } from '@indelible/core'
import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { type Prisma, PrismaClient } from '../../../prisma/generated/client.ts'
import type { OpenOptions, OrmClient, OrmHarness, ShopSession } from '../../conformance/orm-harness.ts'
import { errorScenarios } from './scenarios/errors.ts'
import { modelScenarios } from './scenarios/models.ts'
import { nestedScenarios } from './scenarios/nested-writes.ts'
import { rawScenarios } from './scenarios/raw-sql.ts'
import { rawTables } from './scenarios/raw-statements.ts'
import { failedTransactions, transactionScenarios } from './scenarios/transactions.ts'
import { uncapturedScenarios, uncapturedTables } from './scenarios/uncaptured.ts'

/** Prisma, for the suite that every ORM passes. */
export const harness: OrmHarness<PrismaClient> = {
  name: 'Prisma',
  module: import.meta.filename,
  tables: rawTables + uncapturedTables,
  open: openClient,
  scenarios: [
    ...modelScenarios,
    ...nestedScenarios,
    ...transactionScenarios,
    ...failedTransactions,
    ...rawScenarios,
    ...uncapturedScenarios,
    ...errorScenarios,
  ],
}

async function openClient(url: string, { audit, poolSize }: OpenOptions): Promise<OrmClient<PrismaClient>> {
  const adapter = new PrismaPg({ connectionString: url, ...(poolSize && { max: poolSize }) })
  const log: Prisma.LogDefinition[] = levels.map((level) => ({ emit: 'event', level }))
  const plain = new PrismaClient({ adapter, log, transactionOptions: { timeout: 120_000, maxWait: 60_000 } })
  const seen: unknown[] = []
  plain.$on('query' as never, ({ query, params, target }: Prisma.QueryEvent) =>
    seen.push({ query, params, target }),
  )
  for (const level of levels.slice(1)) {
    plain.$on(level as never, ({ message, target }: Prisma.LogEvent) => seen.push({ level, message, target }))
  }
  const { native, $audit } = extend(plain, audit)
  await native.$connect()
  return { ...sessionOf(native), native, audit: $audit, seen, close: () => native.$disconnect() }
}

const levels = ['query', 'info', 'warn', 'error'] as const

function extend(
  plain: PrismaClient,
  options: AuditOptions | false,
): { native: PrismaClient; $audit?: Audit } {
  if (options === false) return { native: plain }
  const audited = plain.$extends(auditExtension(options))
  // One-line bridge: $extends returns a type of its own, and scenarios call what both types have.
  return { native: audited as unknown as PrismaClient, $audit: audited.$audit }
}

function sessionOf(prisma: PrismaClient | Prisma.TransactionClient): ShopSession {
  return {
    createProduct: async ({ sku, stock = 0 }) => {
      const { id } = await prisma.product.create({ data: { sku, name: sku, price: '9.90', stock } })
      return id
    },
    addStock: (sku, by) => prisma.product.update({ where: { sku }, data: { stock: { increment: by } } }),
    upsertProduct: ({ sku, stock }) =>
      prisma.product.upsert({
        where: { sku },
        create: { sku, name: sku, price: '9.90', stock },
        update: { stock },
      }),
    deleteProduct: (sku) => prisma.product.delete({ where: { sku } }),
    sql: (text, params = []) => prisma.$queryRawUnsafe(text, ...params),
    transaction: (work) => prisma.$transaction((tx) => work(sessionOf(tx))),
  }
}
