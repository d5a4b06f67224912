import { type AuditOptions, type AuditWarning, runWithAuditContext, withReason } from '@indelible/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OrmClient, OrmHarness } from '../conformance/orm-harness.ts'
import { exact } from '../conformance/suite/exact-options.ts'
import { createOrmDatabase, type OrmDatabase } from '../conformance/suite/twin-databases.ts'
import { harness as mikroOrm } from '../mikro-orm/support/harness.ts'
import { harness as prisma } from '../prisma/support/prisma-harness.ts'
import { harness as typeorm } from '../typeorm/support/typeorm-harness.ts'

const actor = { id: 'ada' }
let count = 0
const skuOf = () => `reasoned ${++count}`

describeReasons(prisma)
describeReasons(typeorm)
describeReasons(mikroOrm)

function describeReasons<Native>(harness: OrmHarness<Native>): void {
  describe(`requireReason with ${harness.name}`, () => {
    let shop: OrmDatabase<Native>
    let plain: OrmClient<Native>

    beforeAll(async () => {
      shop = await createOrmDatabase(harness)
      plain = await shop.open()
    })

    afterAll(() => shop.close())

    const open = (requireReason: AuditOptions['requireReason'] & object) =>
      shop.open({ audit: { ...exact, requireReason } })

    const countEntries = async () => {
      const [row] = await shop.database.query<{ n: number }>('select count(*)::int as n from indelible.entry')
      return row?.n ?? 0
    }

    test('a write to such a table is refused before it runs, and one with a reason leaves it in its entry', async () => {
      const client = await open({ tables: ['Product'] })
      const sku = skuOf()
      await plain.createProduct({ sku })
      const before = await countEntries()
      const refused = {
        code: 'AUDIT_REASON_MISSING',
        message: expect.stringContaining('A write to public.Product needs a reason'),
      }
      await runWithAuditContext({ actor, action: 'count' }, async () => {
        await expect(client.addStock(sku, 1)).rejects.toMatchObject(refused)
        await expect(client.createProduct({ sku: skuOf() })).rejects.toMatchObject(refused)
        await expect(client.deleteProduct(sku)).rejects.toMatchObject(refused)
        await expect(client.sql('update "Product" set stock = 9')).rejects.toMatchObject(refused)
        await expect(
          client.transaction(async (tx) => void (await tx.addStock(sku, 1))),
        ).rejects.toMatchObject(refused)
      })
      await expect(runWithAuditContext({ reason: ' ' }, () => client.addStock(sku, 1))).rejects.toMatchObject(
        refused,
      )
      expect(await countEntries()).toBe(before)
      await withReason('recount of May', () => client.addStock(sku, 1))
      await withReason('recount of June', () =>
        client.transaction((tx) => Promise.resolve(tx.addStock(sku, 1))),
      )
      const reasons = await shop.database.query<{ reason: string; stock: number }>(
        `select context ->> 'reason' as reason, (after ->> 'stock')::int as stock from indelible.entry
          order by id desc limit 2`,
      )
      expect(reasons).toEqual([
        { reason: 'recount of June', stock: 2 },
        { reason: 'recount of May', stock: 1 },
      ])
    })

    test('other tables, and reads of such a table, need none', async () => {
      const client = await open({ tables: ['order_line', 'public.Customer'] })
      const sku = skuOf()
      await client.createProduct({ sku })
      await client.addStock(sku, 1)
      expect(await client.sql('select name from "Customer" where id = -1')).toEqual([])
    })

    test('what foreign keys would delete counts', async () => {
      const client = await open({ tables: ['public.Review'] })
      const sku = skuOf()
      await client.createProduct({ sku })
      await client.addStock(sku, 1)
      await expect(client.deleteProduct(sku)).rejects.toMatchObject({
        code: 'AUDIT_REASON_MISSING',
        message: expect.stringContaining('public.Review'),
      })
      await withReason('never sold', () => client.deleteProduct(sku))
    })

    test('every write inside such an action must say why, and no other', async () => {
      const client = await open({ actions: ['stock.correct'] })
      const sku = skuOf()
      await runWithAuditContext({ action: 'stock.count' }, () => client.createProduct({ sku }))
      const correct = { action: 'stock.correct' }
      await expect(runWithAuditContext(correct, () => client.addStock(sku, 1))).rejects.toMatchObject({
        code: 'AUDIT_REASON_MISSING',
        message: expect.stringContaining('The action stock.correct needs a reason'),
      })
      expect(await runWithAuditContext(correct, () => client.sql('select 1 as one'))).toEqual([{ one: 1 }])
      await runWithAuditContext({ ...correct, reason: 'broken' }, () => client.addStock(sku, 1))
      const entries = client.audit?.entries({ action: 'stock.correct' }, { order: 'oldest' }) ?? []
      const found = []
      for await (const { op, action, reason } of entries) found.push({ op, action, reason })
      expect(found).toEqual([{ op: 'update', action: 'stock.correct', reason: 'broken' }])
    })

    test('a statement that cannot be captured is refused by what its text names, or may hide', async () => {
      const client = await open({ tables: ['Product'] })
      const refused = { code: 'AUDIT_REASON_MISSING' }
      const merge = `merge into "Product" p using (select 1) s on p.id = -1 when matched then delete`
      const hidden = [
        merge,
        'truncate "Product" cascade',
        'truncate "Customer" cascade',
        'do $$ begin end $$',
      ]
      const withWord = 'with gone as (delete from "Product" where id = -1 returning id) select id from gone'
      for (const text of [...hidden, withWord]) {
        await expect(client.sql(text)).rejects.toMatchObject(refused)
      }
      await client.sql('truncate "Review"')
      await client.sql('create table if not exists made_here (id int)')
      await withReason('rows that are not there', () => client.sql(merge))
    })

    test('audit.withReason is the same', async () => {
      const client = await open({ tables: ['Product'] })
      const sku = skuOf()
      await client.audit?.withReason('new', () => client.createProduct({ sku }))
      const [row] = await shop.database.query(
        `select context ->> 'reason' as reason from indelible.entry order by id desc limit 1`,
      )
      expect(row).toEqual({ reason: 'new' })
    })

    test('a table that there is not is named in a warning, since its rule protects nothing', async () => {
      const warnings: AuditWarning[] = []
      const onWarning = (warning: AuditWarning) => warnings.push(warning)
      const requireReason = { tables: ['Products', 'public.Product', 'Tag'] }
      const client = await shop.open({ audit: { ...exact, onWarning, requireReason } })
      await client.sql('select 1 as one')
      expect(warnings).toMatchObject([{ code: 'AUDIT_TABLE_UNKNOWN', facts: { table: 'Products' } }])
    })
  })
}
