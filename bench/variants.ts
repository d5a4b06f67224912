import { auditExtension, runWithAuditContext } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { type Prisma, PrismaClient } from '../prisma/generated/client.ts'
import type { BenchDatabase } from './bench-database.ts'
import { countContextFields, rowTriggers, triggerContext } from './row-triggers.ts'

/** The ways to write that are compared. All ratios are to `plain`. */
export const variantNames = [
  'plain',
  'plain named',
  'audited',
  'audited unnamed',
  'trigger',
  'sealing',
] as const

/** One of {@link variantNames}. */
export type VariantName = (typeof variantNames)[number]

/** A Prisma client, with what its variant adds around a write. */
export interface BenchClient {
  /** For reads, which no variant treats otherwise. */
  readonly shop: PrismaClient
  /** Runs one operation that writes. */
  write(work: (shop: PrismaClient) => Prisma.PrismaPromise<unknown>): Promise<unknown>
  /** Runs an interactive transaction. */
  transaction(work: (tx: Prisma.TransactionClient) => Promise<unknown>): Promise<unknown>
  /** Ends a batch: work that was put off, and is to be counted. */
  finish(): Promise<void>
  close(): Promise<void>
}

/** Opens the client of a variant on a database of its own. */
export async function openVariant(name: VariantName, { url, pool }: BenchDatabase): Promise<BenchClient> {
  if (name === 'plain') return plainClient(new PrismaClient({ adapter: openAdapter(url) }))
  if (name === 'plain named') return plainClient(new PrismaClient({ adapter: openAdapter(url, nameAll()) }))
  if (name === 'audited') return auditedClient(url, { seal: false })
  if (name === 'audited unnamed') return auditedClient(url, { seal: false, nameStatements: false })
  if (name === 'sealing') return auditedClient(url, { seal: { interval: 50 } })
  await pool.query(rowTriggers)
  const { rows } = await pool.query<{ fields: number }>(countContextFields)
  return triggerClient(new PrismaClient({ adapter: openAdapter(url) }), rows[0]?.fields ?? 5)
}

// As many sessions as clients, kept for the whole bench: a session opened inside a batch would be counted with it.
function openAdapter(connectionString: string, options: PrismaPgOptions = {}): PrismaPg {
  return new PrismaPg({ connectionString, max: 8, idleTimeoutMillis: 0 }, options)
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

function plainClient(shop: PrismaClient): BenchClient {
  return {
    shop,
    write: async (work) => await work(shop),
    transaction: (work) => shop.$transaction(work),
    finish: async () => {},
    close: () => shop.$disconnect(),
  }
}

function auditedClient(url: string, options: Parameters<typeof auditExtension>[0]): BenchClient {
  const extended = new PrismaClient({ adapter: openAdapter(url) }).$extends(auditExtension(options))
  // One-line bridge: an extended client has all members of a plain one that the operations use.
  const client = plainClient(extended as unknown as PrismaClient)
  return {
    ...client,
    write: (work) => runWithAuditContext(nextContext(), () => client.write(work)),
    transaction: (work) => runWithAuditContext(nextContext(), () => client.transaction(work)),
    finish: async () => {
      if (options?.seal !== false) await extended.$audit.seal()
    },
  }
}

/** A setting lasts for a transaction: a write outside one needs one of its own to carry the context. */
function triggerClient(shop: PrismaClient, fields: number): BenchClient {
  const setContext = (client: Prisma.TransactionClient) => {
    const { actor, correlationId } = nextContext()
    const context = triggerContext(actor.id, correlationId, fields)
    return client.$executeRaw`select set_config('indelible.context', ${context}, true)`
  }
  return {
    ...plainClient(shop),
    write: (work) => shop.$transaction([setContext(shop), work(shop)]),
    transaction: (work) =>
      shop.$transaction(async (tx) => {
        await setContext(tx)
        return await work(tx)
      }),
  }
}

let requests = 0

function nextContext() {
  requests += 1
  return { actor: { id: `user-${requests % 50}`, type: 'user' }, correlationId: `request-${requests}` }
}
