import type { DataSource } from 'typeorm'
import { exact, failureOf, productData } from '../support/scenario.ts'

const insert = (db: Pick<DataSource, 'getRepository'>, sku: string) =>
  db.getRepository('Product').insert(productData(sku))

function refuse(): never {
  throw new Error('refused by the application')
}

/** Transactions of every kind. Only what was committed is in the trail. */
export const transactionScenarios = [
  exact('transaction: several writes', (db) =>
    db.transaction(async (manager) => {
      await insert(manager, 'tx-1')
      await manager.increment('Product', { sku: 'tx-1' }, 'stock', 2)
      return manager.save('Product', productData('tx-2'))
    }),
  ),
  exact('transaction: rolled back', (db) =>
    failureOf(
      db.transaction(async (manager) => {
        await insert(manager, 'tx-3')
        await manager.save('Product', productData('tx-4'))
        refuse()
      }),
    ),
  ),
  exact('transaction: nested', (db) =>
    db.transaction(async (manager) => {
      await insert(manager, 'tx-5')
      await manager.transaction((nested) => insert(nested, 'tx-6'))
    }),
  ),
  exact('transaction: a nested one is rolled back, the outer one goes on', (db) =>
    db.transaction(async (manager) => {
      await insert(manager, 'tx-7')
      const failure = await failureOf(
        manager.transaction(async (nested) => {
          await insert(nested, 'tx-8')
          refuse()
        }),
      )
      await insert(manager, 'tx-9')
      return failure
    }),
  ),
  exact('transaction: a statement fails in a nested one', (db) =>
    db.transaction(async (manager) => {
      const failure = await failureOf(manager.transaction((nested) => insert(nested, 'tx-1')))
      await insert(manager, 'tx-10')
      return failure
    }),
  ),
  exact('transaction: a failed statement makes all later ones fail', (db) =>
    failureOf(
      db.transaction(async (manager) => [
        await failureOf(insert(manager, 'tx-1')),
        await failureOf(manager.insert('Tag', [{ name: 'tx-11' }, { name: 'tx-12' }])),
      ]),
    ),
  ),
  exact('transaction: every isolation level', async (db) => {
    const levels = ['READ UNCOMMITTED', 'READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'] as const
    for (const level of levels) {
      await db.transaction(level, (manager) => insert(manager, `tx-${level}`))
    }
  }),
  exact('transaction: by a query runner', async (db) => {
    const runner = db.createQueryRunner()
    try {
      await runner.startTransaction()
      await insert(runner.manager, 'tx-12')
      await runner.startTransaction()
      await insert(runner.manager, 'tx-13')
      await runner.rollbackTransaction()
      await runner.commitTransaction()
      await runner.startTransaction('SERIALIZABLE')
      await insert(runner.manager, 'tx-14')
      await runner.rollbackTransaction()
    } finally {
      await runner.release()
    }
  }),
  exact('transaction: BEGIN, SAVEPOINT and ROLLBACK written by hand', async (db) => {
    const runner = db.createQueryRunner()
    try {
      await runner.query('BEGIN')
      await insert(runner.manager, 'tx-15')
      await runner.query('savepoint here')
      await insert(runner.manager, 'tx-16')
      await runner.query('rollback to savepoint here')
      await runner.query('COMMIT')
      await runner.query('begin')
      await insert(runner.manager, 'tx-17')
      await runner.query('rollback')
    } finally {
      await runner.release()
    }
  }),
  exact('transaction: a read-only one that writes', (db) =>
    failureOf(
      db.transaction(async (manager) => {
        await manager.query('set transaction read only')
        await insert(manager, 'tx-18')
      }),
    ),
  ),
  exact('transaction: save inside, without one of its own', (db) =>
    db.transaction((manager) =>
      manager.save('Product', [productData('tx-19'), productData('tx-20')], { transaction: false }),
    ),
  ),
  exact('transaction: locks and reads for update', (db) =>
    db.transaction(async (manager) => {
      const product = await manager
        .getRepository<{ id: number; stock: number }>('Product')
        .findOneOrFail({ where: { sku: 'tx-1' } as never, lock: { mode: 'pessimistic_write' } })
      return manager.save('Product', { id: product.id, stock: product.stock + 1 })
    }),
  ),
]
