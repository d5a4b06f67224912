import { setTimeout as sleep } from 'node:timers/promises'
import { runWithAuditContext } from '@indelible/core'
import { beforeAll, expect, test } from 'vitest'
import type { OrmClient } from '../orm-harness.ts'
import { type OrmUnderTest, skuOf } from './orm-under-test.ts'

const REQUESTS = 50
const actor = (id: string) => ({ actor: { id }, correlationId: `request of ${id}` })

/** An entry names the actor of its own write, whatever else the process does meanwhile. */
export function describeContexts(under: OrmUnderTest): void {
  let client: OrmClient<unknown>

  beforeAll(async () => {
    client = await under.shop.open()
  })

  /** Who wrote the entries of a product, in order. */
  const actorsOf = async (sku: string) => {
    const rows = await under.shop.database.query<{ actor: string | null; correlation: string | null }>(
      `select actor_id as actor, correlation_id as correlation from indelible.entry
        where table_name = 'Product' and row_key = (select id::text from "Product" where sku = $1) order by id`,
      [sku],
    )
    for (const { actor: id, correlation } of rows) {
      expect(correlation).toBe(id === null ? null : `request of ${id}`)
    }
    return rows.map((row) => row.actor)
  }

  test('fifty requests at once, each in its own context, never mix', async () => {
    const requests = Array.from({ length: REQUESTS }, (_, at) => ({
      id: `actor ${at}`,
      sku: skuOf('request'),
    }))
    await Promise.all(
      requests.map(({ id, sku }) => runWithAuditContext(actor(id), () => serveRequest(client, sku))),
    )
    for (const { id, sku } of requests) expect(await actorsOf(sku)).toEqual(Array(6).fill(id))
  })

  test('a promise that is returned without await keeps the actor', async () => {
    const sku = skuOf('lazy')
    await client.createProduct({ sku })
    await runWithAuditContext(actor('lazy'), () => client.addStock(sku, 1))
    await runWithAuditContext(actor('lazier'), () => client.upsertProduct({ sku, stock: 9 }))
    const { started } = runWithAuditContext(actor('started'), () => ({
      started: client.addStock(sku, 1).then(() => 'done'),
    }))
    await started
    expect(await actorsOf(sku)).toEqual([null, 'lazy', 'lazier', 'started'])
  })

  test('a context opened inside a transaction counts for the writes inside it', async () => {
    const sku = skuOf('inside')
    await client.transaction(async (tx) => {
      await runWithAuditContext(actor('one'), () => tx.createProduct({ sku }))
      await runWithAuditContext(actor('two'), () => tx.addStock(sku, 1))
      await tx.addStock(sku, 1)
    })
    expect(await actorsOf(sku)).toEqual(['one', 'two', null])
  })

  test('nested transactions and raw SQL keep the actor', async () => {
    const sku = skuOf('nested')
    await runWithAuditContext(actor('nested'), () =>
      client.transaction(async (tx) => {
        await tx.createProduct({ sku })
        await tx.transaction(async (inner) => {
          await inner.addStock(sku, 1)
          await inner.sql('update "Product" set stock = 7 where sku = $1', [sku])
        })
      }),
    )
    expect(await actorsOf(sku)).toEqual(['nested', 'nested', 'nested'])
  })
}

/** Six changes of one product, with pauses, in and out of a transaction. */
async function serveRequest(client: OrmClient<unknown>, sku: string): Promise<void> {
  const pause = () => sleep(Math.random() * 5)
  await pause()
  await client.createProduct({ sku })
  await pause()
  await client.addStock(sku, 1)
  await client.transaction(async (tx) => {
    await tx.addStock(sku, 2)
    await pause()
    await tx.sql('update "Product" set name = $1 where sku = $2', ['by hand', sku])
    await tx.transaction(async (inner) => void (await inner.addStock(sku, 3)))
  })
  await pause()
  await client.upsertProduct({ sku, stock: 99 })
}
