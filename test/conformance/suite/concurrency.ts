import { beforeAll, expect, test } from 'vitest'
import type { ObservedEntry } from '../observed.ts'
import type { OrmClient } from '../orm-harness.ts'
import { type OrmUnderTest, skuOf } from './orm-under-test.ts'
import { expectUnbroken } from './unbroken.ts'

const WRITERS = 8
const ROUNDS = 25

/** Writers that race leave the true images, in the true order. */
export function describeConcurrency(under: OrmUnderTest): void {
  let client: OrmClient<unknown>

  beforeAll(async () => {
    client = await under.shop.open({ poolSize: WRITERS })
  })

  const stockOf = async (sku: string) => {
    const [row] = await under.shop.database.query('select stock from "Product" where sku = $1', [sku])
    return row?.['stock']
  }

  /** The sealer is to link the entries of a row in the order in which they were written. */
  const inOrderOfLinks = async (entries: readonly ObservedEntry[]) => {
    await client.audit?.seal()
    const links = await under.shop.database.query(
      'select entry_id::text as id from indelible.link order by seq',
    )
    const places = new Map(links.map(({ id }, at) => [id, at]))
    expect(entries.filter(({ id }) => !places.has(id))).toEqual([])
    return entries.toSorted((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0))
  }

  test('eight writers incrementing one row leave an unbroken chain of images', async () => {
    const sku = skuOf('counter')
    await client.createProduct({ sku })
    const { entries } = await under.shop.oracle.check(() => everyWriter(() => client.addStock(sku, 1)))
    expect(entries.map(({ after }) => after)).toEqual(
      Array.from({ length: WRITERS * ROUNDS }, (_, at) => `{"stock":${at + 1}}`),
    )
    expectUnbroken(entries)
    expectUnbroken(await inOrderOfLinks(entries))
    expect(await stockOf(sku)).toBe(WRITERS * ROUNDS)
  })

  test('eight writers incrementing two rows in transactions leave unbroken chains of images', async () => {
    const [first, second] = [skuOf('first'), skuOf('second')]
    await client.createProduct({ sku: first })
    await client.createProduct({ sku: second })
    const { entries } = await under.shop.oracle.check(() =>
      everyWriter(() =>
        client.transaction(async (tx) => {
          await tx.addStock(first, 1)
          await tx.addStock(second, 2)
        }),
      ),
    )
    expect(entries).toHaveLength(2 * WRITERS * ROUNDS)
    expectUnbroken(entries)
    expectUnbroken(await inOrderOfLinks(entries))
    expect([await stockOf(first), await stockOf(second)]).toEqual([WRITERS * ROUNDS, 2 * WRITERS * ROUNDS])
  })

  test('eight writers upserting the same keys insert each once and leave unbroken chains of images', async () => {
    const keys = [skuOf('key'), skuOf('key'), skuOf('key')]
    const { entries } = await under.shop.oracle.check(() =>
      everyWriter((writer, round) => {
        const sku = keys[(writer + round) % keys.length] ?? ''
        return client.upsertProduct({ sku, stock: writer * 100 + round })
      }),
    )
    expect(entries.filter(({ op }) => op === 'insert')).toHaveLength(keys.length)
    expectUnbroken(entries)
    expectUnbroken(await inOrderOfLinks(entries))
  })

  test('upserts and deletes racing for one key leave the true images', async () => {
    const sku = skuOf('racing')
    const { entries } = await under.shop.oracle.check(() =>
      everyWriter((writer, round) =>
        writer % 4 === 3
          ? client.sql('delete from "Product" where sku = $1', [sku])
          : client.upsertProduct({ sku, stock: writer * 100 + round }),
      ),
    )
    expectUnbroken(entries)
    expect(entries.filter(({ op }) => op === 'delete').length).toBeGreaterThan(0)
  })
}

/** Runs 25 rounds of each of eight writers, the rounds of one after each other. */
async function everyWriter(work: (writer: number, round: number) => PromiseLike<unknown>): Promise<void> {
  const writers = Array.from({ length: WRITERS }, async (_, writer) => {
    for (let round = 0; round < ROUNDS; round += 1) await work(writer, round)
  })
  await Promise.all(writers)
}
