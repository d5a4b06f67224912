import {
  type Audit,
  auditExtension,
  auditOf,
  type DriverAdapterFactoryLike,
  type NamedEntry,
  runWithAuditContext,
  withAudit,
} from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { expectTypeOf } from 'vitest'
import { type Order, type Prisma, PrismaClient } from '../../prisma/generated/client.ts'

// A failure here means that auditing a client has changed what its user's compiler knows.
const adapter = new PrismaPg({ connectionString: '' })
const prisma = new PrismaClient({ adapter }).$extends(auditExtension({ redact: { columns: ['iban'] } }))

expectTypeOf(prisma.$audit).toEqualTypeOf<Audit>()
expectTypeOf(prisma.$audit.history('Order', 1)).toEqualTypeOf<AsyncIterable<NamedEntry>>()

export async function models(): Promise<void> {
  expectTypeOf(await prisma.order.findUniqueOrThrow({ where: { id: 1 } })).toEqualTypeOf<Order>()
  expectTypeOf(await prisma.order.findUnique({ where: { id: 1 } })).toEqualTypeOf<Order | null>()
  expectTypeOf(await prisma.order.create({ data: { customerId: 1 }, select: { id: true } })).toEqualTypeOf<{
    id: number
  }>()
  expectTypeOf(await prisma.tag.create({ data: { name: 'x' }, omit: { id: true } })).toEqualTypeOf<{
    name: string
  }>()
  const order = await prisma.order.findFirstOrThrow({ include: { lines: { include: { product: true } } } })
  expectTypeOf(order.lines[0]?.product.price).toEqualTypeOf<Prisma.Decimal | undefined>()
  expectTypeOf(await prisma.tag.createMany({ data: [] })).toEqualTypeOf<Prisma.BatchPayload>()
  // @ts-expect-error: an unknown field stays an error
  await prisma.order.create({ data: { customerId: 1, nope: 1 } })
  // @ts-expect-error: an unknown model stays an error
  prisma.nope
}

export async function transactions(): Promise<void> {
  const [orders, count] = await prisma.$transaction([prisma.order.findMany(), prisma.order.count()])
  expectTypeOf(orders).toEqualTypeOf<Order[]>()
  expectTypeOf(count).toEqualTypeOf<number>()
  const result = await prisma.$transaction(
    async (tx) => {
      expectTypeOf(tx.$audit).toEqualTypeOf<Audit>()
      return await tx.order.count()
    },
    { isolationLevel: 'Serializable' },
  )
  expectTypeOf(result).toEqualTypeOf<number>()
  expectTypeOf(await prisma.$queryRaw<{ a: number }[]>`select 1 as a`).toEqualTypeOf<{ a: number }[]>()
}

export async function contexts(): Promise<void> {
  const context = { actor: { id: 'u_1' } }
  expectTypeOf(await runWithAuditContext(context, () => prisma.order.count())).toEqualTypeOf<number>()
  expectTypeOf(runWithAuditContext(context, () => 5)).toEqualTypeOf<number>()
  expectTypeOf(runWithAuditContext(context, async () => 'x')).toEqualTypeOf<Promise<string>>()
  // @ts-expect-error: an actor has an id
  runWithAuditContext({ actor: { type: 'user' } }, () => 5)
}

export function options(): void {
  // @ts-expect-error: a typo in an option is an error
  auditExtension({ redakt: {} })
  // @ts-expect-error: a choice that does not exist is an error
  auditExtension({ onUncaptured: 'explode' })
}

// The real adapter is what we take it for, and stays what it was.
expectTypeOf<PrismaPg>().toExtend<DriverAdapterFactoryLike>()
expectTypeOf<SqlDriverAdapterFactory>().toExtend<DriverAdapterFactoryLike>()
expectTypeOf(withAudit(adapter)).toEqualTypeOf<PrismaPg>()
expectTypeOf(auditOf(adapter)).toEqualTypeOf<Audit>()
expectTypeOf(new PrismaClient({ adapter: withAudit(adapter) }).order).toEqualTypeOf<PrismaClient['order']>()

const extended = prisma.$extends({ name: 'more', client: { $more: 1 } })
expectTypeOf(extended.$audit).toEqualTypeOf<Audit>()
expectTypeOf(extended.$more).toEqualTypeOf<number>()
