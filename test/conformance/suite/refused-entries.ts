import { beforeAll, beforeEach, expect, test } from 'vitest'
import type { OrmClient } from '../orm-harness.ts'
import { type OrmUnderTest, skuOf } from './orm-under-test.ts'
import { readUserRows } from './twin-databases.ts'

/** Ways in which the trail can fail: how each is brought about and mended. */
const failures: readonly [name: string, breakIt: string, mendIt: string][] = [
  [
    'a constraint of the entry table',
    'alter table indelible.entry add constraint refused check (false) not valid',
    'alter table indelible.entry drop constraint refused',
  ],
  [
    'a constraint of the queue',
    'alter table indelible.pending add constraint refused check (id < 0) not valid',
    'alter table indelible.pending drop constraint refused',
  ],
  [
    'a renamed entry table',
    'alter table indelible.entry rename to gone',
    'alter table indelible.gone rename to entry',
  ],
  [
    'a full sequence',
    "alter sequence indelible.entry_id_seq maxvalue 1000000 restart 1000000; select nextval('indelible.entry_id_seq')",
    'alter sequence indelible.entry_id_seq no maxvalue',
  ],
  [
    'missing functions',
    `alter function indelible.log rename to log_gone; alter function indelible.keep rename to keep_gone;
      alter function indelible.log_rows rename to log_rows_gone`,
    `alter function indelible.log_gone rename to log; alter function indelible.keep_gone rename to keep;
      alter function indelible.log_rows_gone rename to log_rows`,
  ],
]

const refused = { code: 'AUDIT_WRITE_FAILED' }

/** No entry, no change. */
export function describeRefusedEntries(under: OrmUnderTest): void {
  let client: OrmClient<unknown>
  let sku = ''

  beforeAll(async () => {
    client = await under.shop.open({ poolSize: 1 })
  })

  beforeEach(async () => {
    sku = skuOf('refused')
    await client.createProduct({ sku })
  })

  const whileBroken = async (breakIt: string, mendIt: string, work: () => Promise<void>) => {
    const { database } = under.shop
    await database.query(breakIt)
    try {
      const before = await readUserRows(database)
      await work()
      expect(await readUserRows(database)).toEqual(before)
    } finally {
      await database.query(mendIt)
    }
    const { entries } = await under.shop.oracle.check(() => client.addStock(sku, 1))
    expect(entries).toHaveLength(1)
  }

  test.each(failures)('%s: the write fails and is undone', async (_, breakIt, mendIt) => {
    await whileBroken(breakIt, mendIt, async () => {
      await expect(client.createProduct({ sku: skuOf('never') })).rejects.toMatchObject(refused)
      await expect(client.addStock(sku, 1)).rejects.toMatchObject(refused)
      await expect(client.upsertProduct({ sku, stock: 9 })).rejects.toMatchObject(refused)
      await expect(client.deleteProduct(sku)).rejects.toMatchObject(refused)
      await expect(
        client.sql('update "Product" set stock = $1 where sku = $2', [9, sku]),
      ).rejects.toMatchObject(refused)
      await expect(client.transaction(async (tx) => void (await tx.addStock(sku, 1)))).rejects.toMatchObject(
        refused,
      )
    })
  })

  test('a statement whose announcement cannot be written is undone', async () => {
    const [, breakIt = '', mendIt = ''] = failures[0] ?? []
    await whileBroken(breakIt, mendIt, async () => {
      await expect(client.sql('truncate "Product" cascade')).rejects.toMatchObject(refused)
    })
  })
}
