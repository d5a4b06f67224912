import {
  IsolationLevel,
  type MikroORM,
  type SqlEntityManager,
  TransactionPropagation,
} from '@mikro-orm/postgresql'
import { exactly, failing } from '../../../conformance/scenario-lists.ts'
import { Product, Tag } from '../shop-entities.ts'
import { findProduct, insertProduct } from './rows.ts'

const tag = (em: SqlEntityManager, name: string) => em.insert(Tag, { name })
const message = (error: Error) => error.message

function nested(propagation: `${TransactionPropagation}`) {
  return async (orm: MikroORM) => {
    const outcome: unknown[] = []
    await orm.em.fork().transactional(async (em) => {
      await tag(em, `${propagation}-outer`)
      const fails = em.transactional(
        async (inner) => {
          inner.create(Tag, { name: `${propagation}-inner` })
          await inner.flush()
          throw new Error('inner')
        },
        { propagation },
      )
      outcome.push(await fails.catch(message))
      await tag(em, `${propagation}-after`)
    })
    return outcome
  }
}

const isolation = (isolationLevel: IsolationLevel) => (orm: MikroORM) =>
  orm.em.fork().transactional((em) => tag(em, `isolated ${isolationLevel}`), { isolationLevel })

/** Transactions of every kind. */
export const transactionScenarios = [
  ...exactly<MikroORM>(
    [
      'transactional: committed',
      (orm) =>
        orm.em.fork().transactional(async (em) => {
          em.create(Tag, { name: 'tx-1' })
          await tag(em, 'tx-2')
          await em.nativeUpdate(Tag, { name: 'tx-2' }, { name: 'tx-2!' })
          return 'done'
        }),
    ],
    ...(Object.values(TransactionPropagation) as `${TransactionPropagation}`[]).map(
      (propagation) => [`propagation ${propagation}, the inner one fails`, nested(propagation)] as const,
    ),
    [
      'propagation mandatory and never, outside a transaction',
      async (orm) => {
        const em = orm.em.fork()
        const refused = await em
          .transactional(() => tag(em, 'mandatory-alone'), { propagation: 'mandatory' })
          .catch(message)
        await em.transactional((inner) => tag(inner, 'never-alone'), { propagation: 'never' })
        await em.transactional((inner) => tag(inner, 'supports-alone'), { propagation: 'supports' })
        return refused
      },
    ],
    [
      'nested transactions, three deep, the middle one rolled back',
      (orm) =>
        orm.em.fork().transactional(async (one) => {
          await tag(one, 'deep-1')
          const failed = await one
            .transactional(async (two) => {
              await tag(two, 'deep-2')
              await two.transactional((three) => tag(three, 'deep-3'))
              throw new Error('middle')
            })
            .catch(message)
          await one.transactional((two) => tag(two, 'deep-4'))
          return failed
        }),
    ],
    [
      'em.begin, em.commit',
      async (orm) => {
        const em = orm.em.fork()
        await em.begin()
        await tag(em, 'begin-1')
        em.create(Tag, { name: 'begin-2' })
        await em.commit()
      },
    ],
    [
      'em.begin, em.rollback',
      async (orm) => {
        const em = orm.em.fork()
        await em.begin()
        await tag(em, 'begin-never')
        em.create(Tag, { name: 'begin-never-2' })
        await em.flush()
        await em.rollback()
      },
    ],
    [
      'a statement fails in a nested transaction, the outer one goes on',
      (orm) =>
        orm.em.fork().transactional(async (em) => {
          await tag(em, 'survivor')
          const failed = await em
            .transactional((inner) => tag(inner, 'survivor'))
            .catch((error) => error.code)
          await tag(em, 'survivor-2')
          return failed
        }),
    ],
    [
      'a statement fails and its transaction is committed all the same',
      (orm) =>
        orm.em.fork().transactional(async (em) => {
          await tag(em, 'doomed')
          await em.execute('select 1 / 0').catch(message)
          return em.execute('select 1').catch((error) => error.code)
        }),
    ],
    ...[IsolationLevel.READ_COMMITTED, IsolationLevel.REPEATABLE_READ, IsolationLevel.SERIALIZABLE].map(
      (level) => [`isolation level ${level}`, isolation(level)] as const,
    ),
    [
      'read-only: reads pass, writes are refused by PostgreSQL',
      async (orm) => {
        const read = await orm.em
          .fork()
          .transactional((em) => em.count(Product, { sku: 'nobody' }), { readOnly: true })
        const write = orm.em.fork().transactional((em) => tag(em, 'read-only'), { readOnly: true })
        return [read, await write.catch((error) => [error.constructor.name, error.code, error.message])]
      },
    ],
    [
      'implicit transactions off',
      async (orm) => {
        const em = orm.em.fork({ disableTransactions: true })
        em.create(Tag, { name: 'no-transaction-1' })
        em.create(Product, { sku: 'no-transaction', name: 'x', price: '1' })
        await em.flush()
      },
    ],
    [
      'pessimistic locks',
      (orm) =>
        orm.em.fork().transactional(async (em) => {
          const product = await em.findOneOrFail(Product, { sku: 'locked' }, { lockMode: 4 })
          product.stock += 1
          await em.flush()
          await em.lock(product, 2)
          return product.stock
        }),
      (orm) => insertProduct(orm, 'locked'),
    ],
    [
      'em.stream and qb.stream in a transaction, then a write',
      (orm) =>
        orm.em.fork().transactional(async (em) => {
          const names: string[] = []
          for await (const { name } of em.stream(Tag, {
            where: { name: { $like: 'deep-%' } },
            orderBy: { id: 1 },
          }))
            names.push(name)
          for await (const { name } of em.createQueryBuilder(Tag).where({ name: 'deep-1' }).stream())
            names.push(name)
          const product = await findProduct(em, 'locked')
          product.name = names.join()
          return names
        }),
    ],
  ),
  ...failing<MikroORM>([
    'transactional: rolled back',
    (orm) =>
      orm.em.fork().transactional(async (em) => {
        em.create(Tag, { name: 'tx-never' })
        await em.flush()
        await tag(em, 'tx-never-either')
        throw new Error('rolled back')
      }),
  ]),
]
