import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { type Prisma, PrismaClient } from '../../prisma/generated/client.ts'
import type { BenchDatabase } from '../bench-database.ts'
import {
  auditOptionsOf,
  type BenchOrm,
  type Calls,
  type OrmClient,
  sessions,
  type Turn,
  variantNames,
} from '../bench-orm.ts'
import { nextContext } from '../request-context.ts'
import { countContextFields, rowTriggers, triggerContext } from '../row-triggers.ts'
import {
  changes,
  knownProduct,
  newProduct,
  newProducts,
  ownCustomer,
  ownProduct,
  ownProducts,
} from '../shop-data.ts'

/** Prisma, with row triggers and with statements named by Prisma besides. */
export const prisma: BenchOrm = { name: 'prisma', title: 'Prisma', variants: variantNames, open }

async function open(variant: BenchOrm['variants'][number], database: BenchDatabase): Promise<OrmClient> {
  const { url } = database
  const named = variant === 'plain named' ? nameAll() : {}
  const adapter = new PrismaPg({ connectionString: url, max: sessions, idleTimeoutMillis: 0 }, named)
  const shop = new PrismaClient({ adapter })
  const close = () => shop.$disconnect()
  const options = auditOptionsOf(variant)
  if (options !== undefined) {
    const audited = shop.$extends(auditExtension(options))
    // One-line bridge: an extended client has all members of a plain one that the calls use.
    return { calls: callsOf(asItIs(audited as unknown as PrismaClient)), audit: audited.$audit, close }
  }
  const writer = variant === 'trigger' ? await withTriggers(shop, database) : asItIs(shop)
  return { calls: callsOf(writer), audit: undefined, close }
}

type PrismaPgOptions = NonNullable<ConstructorParameters<typeof PrismaPg>[1]>

/** Names every statement with parameters, so that plain is at its best too. */
function nameAll(): PrismaPgOptions {
  const names = new Map<string, string>()
  const statementNameGenerator = ({
    sql,
    args,
  }: {
    readonly sql: string
    readonly args: readonly unknown[]
  }) => {
    if (args.length === 0) return undefined
    const name = names.get(sql) ?? `plain_${names.size + 1}`
    names.set(sql, name)
    return name
  }
  // One-line bridge: the option's type demands a string, the adapter also takes undefined for "unnamed".
  return { statementNameGenerator } as PrismaPgOptions
}

/** A client, with what its variant adds around a write. */
interface Writer {
  readonly shop: PrismaClient
  write(work: (shop: PrismaClient) => Prisma.PrismaPromise<unknown>): Promise<unknown>
  transaction(work: (tx: Prisma.TransactionClient) => Promise<unknown>): Promise<unknown>
}

function asItIs(shop: PrismaClient): Writer {
  return {
    shop,
    write: async (work) => await work(shop),
    transaction: (work) => shop.$transaction(work),
  }
}

/** A setting lasts for a transaction: a write outside one needs one of its own to carry the context. */
async function withTriggers(shop: PrismaClient, { pool }: BenchDatabase): Promise<Writer> {
  await pool.query(rowTriggers)
  const { rows } = await pool.query<{ fields: number }>(countContextFields)
  const fields = rows[0]?.fields ?? 5
  const setContext = (client: Prisma.TransactionClient) => {
    const { actor, correlationId } = nextContext()
    const context = triggerContext(actor.id, correlationId, fields)
    return client.$executeRaw`select set_config('indelible.context', ${context}, true)`
  }
  return {
    shop,
    write: (work) => shop.$transaction([setContext(shop), work(shop)]),
    transaction: (work) =>
      shop.$transaction(async (tx) => {
        await setContext(tx)
        return await work(tx)
      }),
  }
}

function callsOf({ shop, write, transaction }: Writer): Calls {
  const byKey = (turn: Turn) => ({ where: { id: ownProduct(turn) } })
  return {
    read: (turn) => shop.product.findUnique(byKey(turn)),
    insert: (turn) => write((it) => it.product.create({ data: newProduct(turn) })),
    update: (turn) => write((it) => it.product.update({ ...byKey(turn), data: changes(turn) })),
    upsert: (turn) => write((it) => it.product.upsert(upsertOf(turn))),
    remove: ({ spare: id }) => write((it) => it.product.delete({ where: { id } })),
    save: async (turn) => {
      await shop.product.findUnique(byKey(turn))
      return await write((it) => it.product.update({ ...byKey(turn), data: changes(turn) }))
    },
    transaction: (turn) => transaction((tx) => placeOrder(tx, turn)),
    insertMany: (turn) => write((it) => it.product.createMany({ data: newProducts(turn) })),
    updateMany: (turn) => write((it) => it.product.updateMany(updateOfMany(turn))),
  }
}

function upsertOf(turn: Turn) {
  const { sku, ...data } = knownProduct(turn)
  return { where: { sku }, create: { sku, ...data }, update: data }
}

async function placeOrder(tx: Prisma.TransactionClient, turn: Turn): Promise<void> {
  const [id, customerId] = [ownProduct(turn), ownCustomer(turn)]
  const order = await tx.order.create({ data: { customerId, total: '12.5' } })
  await tx.product.update({ where: { id }, data: { stock: { decrement: 1 } } })
  await tx.product.update({ where: { id }, data: { price: turn.number % 100 } })
  await tx.customer.update({ where: { id: customerId }, data: { vip: turn.number % 2 === 0 } })
  await tx.order.update({ where: { id: order.id }, data: { status: 'PAID', note: 'paid' } })
}

function updateOfMany(turn: Turn): Prisma.ProductUpdateManyArgs {
  const [gte, lte] = ownProducts(turn)
  return { where: { id: { gte, lte } }, data: { stock: { increment: 1 }, active: false } }
}
