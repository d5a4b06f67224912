import type { PrismaClient } from '../../../../prisma/generated/client.ts'
import { exactly, failing } from '../../../conformance/scenario-lists.ts'
import { failure, product } from './rows.ts'

const tag = (name: string) => ({ data: { name } })

/** Prisma's transactions in all their forms. */
export const transactionScenarios = exactly<PrismaClient>(
  [
    'batch',
    (p) =>
      p.$transaction([
        p.tag.create(tag('b1')),
        p.tag.createMany({ data: [{ name: 'b2' }, { name: 'b3' }] }),
        p.tag.count(),
        p.$executeRaw`insert into "Tag" (name) values (${'b4'})`,
      ]),
  ],
  [
    'batch that writes one row twice',
    (p) =>
      p.$transaction([1, 2].map((stock) => p.product.update({ where: { sku: 'twice' }, data: { stock } }))),
    (p) => p.product.create({ data: product('twice') }),
  ],
  [
    'interactive, with statements of every kind',
    (p) =>
      p.$transaction(async (tx) => {
        const { id } = await tx.product.create({ data: product('inter') })
        await tx.product.update({ where: { id }, data: { stock: 1 } })
        await tx.product.updateMany({ where: { id }, data: { stock: 2 } })
        await tx.$executeRaw`update "Product" set stock = stock + ${1} where id = ${id}`
        return await tx.listPrice.create({ data: { productId: id, currency: 'EUR', amount: 1 } })
      }),
  ],
  [
    'nested transactions, one rolled back',
    (p) =>
      p.$transaction(async (tx) => {
        await tx.tag.create(tag('outer'))
        await tx
          .$transaction(async (inner) => {
            await inner.tag.create(tag('lost'))
            throw failure
          })
          .catch(() => undefined)
        return await tx.$transaction((inner) => inner.tag.create(tag('inner')))
      }),
  ],
  [
    'nested transaction whose statement fails',
    (p) =>
      p.$transaction(async (tx) => {
        await tx.tag.create(tag('once'))
        await tx.$transaction((inner) => inner.tag.create(tag('once'))).catch(() => undefined)
        return await tx.tag.create(tag('after'))
      }),
  ],
  [
    'savepoints written by hand',
    (p) =>
      p.$transaction(async (tx) => {
        await tx.$executeRaw`savepoint here`
        await tx.tag.create(tag('lost'))
        await tx.$executeRaw`rollback to savepoint here`
        await tx.tag.create(tag('kept'))
        await tx.$executeRaw`release savepoint here`
      }),
  ],
  ...(['ReadCommitted', 'RepeatableRead', 'Serializable'] as const).map(
    (isolationLevel) =>
      [
        `transaction that is ${isolationLevel}`,
        (p: PrismaClient) =>
          p.$transaction(
            async (tx) => {
              const name = isolationLevel
              await tx.product.create({ data: product(isolationLevel) })
              await tx.product.update({ where: { sku: isolationLevel }, data: { stock: { increment: 1 } } })
              return await tx.tag.upsert({ where: { name }, create: { name }, update: {} })
            },
            { isolationLevel },
          ),
      ] as const,
  ),
)

/** Transactions that do not commit. */
export const failedTransactions = failing<PrismaClient>(
  ['batch that fails', (p) => p.$transaction([p.tag.create(tag('b5')), p.tag.create(tag('b5'))])],
  [
    'interactive that rolls back',
    (p) =>
      p.$transaction(async (tx) => {
        await tx.tag.create(tag('lost'))
        throw failure
      }),
  ],
  [
    'statement after a failed one',
    (p) =>
      p.$transaction(async (tx) => {
        await tx.tag.create(tag('lost'))
        await tx.$executeRaw`select 1 / 0`.catch(() => 0)
        return await tx.tag.create(tag('late'))
      }),
  ],
)
