import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { OrmClient, ShopSession } from '../orm-harness.ts'
import { expectComplete } from '../row-oracle.ts'
import { failure, nothing, type OrmUnderTest, skuOf } from './orm-under-test.ts'

/** A change and its entry live and die together. */
export function describeAtomicity(under: OrmUnderTest): void {
  let client: OrmClient<unknown>
  let sku = ''

  // A pool of one connection: a transaction left open would be the next statement's.
  beforeAll(async () => {
    client = await under.shop.open({ poolSize: 1 })
    await under.shop.database.query(`create table deferred (
      id int primary key, of int references "Product" deferrable initially deferred)`)
    await under.shop.oracle.watch()
  })

  beforeEach(async () => {
    sku = skuOf('atomic')
    await client.createProduct({ sku, stock: 5 })
  })

  /** The connection of the pool is in no transaction and takes a write, whose entry commits. */
  const expectUsablePool = async () => {
    const { entries } = await under.shop.oracle.check(() => client.createProduct({ sku: skuOf('usable') }))
    expect(entries).toHaveLength(1)
    const open = await under.shop.database.query(`select pid from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'`)
    expect(open).toEqual([])
  }

  test('a rolled-back transaction leaves neither row nor entry', async () => {
    const observed = await under.shop.oracle.check(() =>
      expect(
        client.transaction(async (tx) => {
          await writeInEveryWay(tx, sku)
          throw failure
        }),
      ).rejects.toBe(failure),
    )
    expect(observed).toMatchObject(nothing)
    await expectUsablePool()
  })

  test('a rolled-back nested transaction takes its entries with it, and only those', async () => {
    const { entries } = await under.shop.oracle.check(() =>
      client.transaction(async (tx) => {
        await tx.addStock(sku, 1)
        const nested = tx.transaction(async (inner) => {
          await writeInEveryWay(inner, sku)
          throw failure
        })
        await expect(nested).rejects.toBe(failure)
        await tx.transaction(async (inner) => void (await inner.addStock(sku, 3)))
        await tx.addStock(sku, 7)
      }),
    )
    const stocks = entries.map(({ before, after }) => [before, after])
    expect(stocks).toEqual([
      ['{"stock":5}', '{"stock":6}'],
      ['{"stock":6}', '{"stock":9}'],
      ['{"stock":9}', '{"stock":16}'],
    ])
    await expectUsablePool()
  })

  test('savepoints written by hand roll their entries back', async () => {
    const { entries } = await under.shop.oracle.check(() =>
      client.transaction(async (tx) => {
        await tx.sql('savepoint here')
        await tx.addStock(sku, 1)
        await tx.sql('rollback to savepoint here')
        await tx.addStock(sku, 2)
        await tx.sql('release savepoint here')
      }),
    )
    expect(entries).toMatchObject([{ after: '{"stock":7}' }])
  })

  test('a statement that fails undoes its transaction, entries and all', async () => {
    const observed = await under.shop.oracle.check(() =>
      expect(
        client.transaction(async (tx) => {
          await tx.addStock(sku, 1)
          await tx.createProduct({ sku })
        }),
      ).rejects.toThrow(),
    )
    expect(observed).toMatchObject(nothing)
    await expectUsablePool()
  })

  test('a statement that fails in a nested transaction leaves the outer one to go on', async () => {
    const { entries } = await under.shop.oracle.check(() =>
      client.transaction(async (tx) => {
        await tx.addStock(sku, 1)
        await expect(tx.transaction(async (inner) => await inner.createProduct({ sku }))).rejects.toThrow()
        await tx.addStock(sku, 2)
      }),
    )
    expect(entries).toHaveLength(2)
  })

  test('a COMMIT that fails on a deferred constraint leaves nothing', async () => {
    const insert = 'insert into deferred values ($1, $2)'
    const observed = await under.shop.oracle.check(async () => {
      const transaction = client.transaction(async (tx) => {
        await tx.addStock(sku, 1)
        await tx.sql(insert, [1, 999_999])
      })
      await expect(transaction).rejects.toThrow()
      await expect(client.sql(insert, [2, 999_999])).rejects.toThrow()
    })
    expect(observed).toMatchObject(nothing)
    await expectUsablePool()
  })

  test('a connection lost in a transaction leaves nothing, and the pool opens another', async () => {
    const observed = await under.shop.oracle.check(() =>
      expect(
        client.transaction(async (tx) => {
          await writeInEveryWay(tx, sku)
          const [session] = await tx.sql('select pg_backend_pid() as pid')
          await under.shop.database.query('select pg_terminate_backend($1)', [session?.['pid']])
          await sleep(100)
          await tx.addStock(sku, 1)
        }),
      ).rejects.toThrow(),
    )
    expect(observed).toMatchObject(nothing)
    await expectUsablePool()
  })

  test('with one connection, statements that are announced run inside and outside of transactions', async () => {
    const removal = `with gone as (delete from "Product" where sku = $1 returning id) select * from gone`
    const twin = skuOf('twin')
    await client.createProduct({ sku: twin })
    const observation = await under.shop.oracle.observe(async () => {
      await client.transaction(async (tx) => {
        await tx.addStock(twin, 1)
        expect(await tx.sql(removal, [sku])).toHaveLength(1)
        await tx.transaction(async (inner) => await inner.createProduct({ sku }))
      })
      expect(await client.sql(removal, [sku])).toHaveLength(1)
    })
    expectComplete(observation, ['statement WITH Product', 'statement WITH Product'])
    await expectUsablePool()
  })

  test('an entry is visible to others when its row is, and not before', async () => {
    const watcher = new pg.Client(under.shop.database.url)
    await watcher.connect()
    const visible = skuOf('visible')
    const look = async () => {
      const { rows } = await watcher.query(
        `select (select count(*) from "Product" where sku = $1)::int as rows,
          (select count(*) from indelible.entry where after ->> 'sku' = $1)::int as entries`,
        [visible],
      )
      return rows[0]
    }
    await client.transaction(async (tx) => {
      await tx.createProduct({ sku: visible })
      expect(await look()).toEqual({ rows: 0, entries: 0 })
    })
    expect(await look()).toEqual({ rows: 1, entries: 1 })
    await watcher.end()
  })
}

/** Leaves an insert, an update, an upsert, a delete and raw SQL behind. */
async function writeInEveryWay(session: ShopSession, sku: string): Promise<void> {
  await session.createProduct({ sku: `${sku} too` })
  await session.addStock(sku, 1)
  await session.upsertProduct({ sku, stock: 50 })
  await session.deleteProduct(`${sku} too`)
  await session.sql('update "Product" set name = $1 where sku = $2', ['by hand', sku])
}
