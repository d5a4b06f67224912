import { type AuditWarning, runWithAuditContext } from '@indelible/core'
import { beforeAll, expect, test } from 'vitest'
import type { OrmClient } from '../orm-harness.ts'
import { exact } from './exact-options.ts'
import { nothing, type OrmUnderTest, skuOf } from './orm-under-test.ts'

/** What the options onMissingActor and onUncaptured promise. */
export function describePolicies(under: OrmUnderTest): void {
  let plain: OrmClient<unknown>
  const warnings: AuditWarning[] = []
  const onWarning = (warning: AuditWarning) => warnings.push(warning)

  beforeAll(async () => {
    plain = await under.shop.open()
  })

  const countEntries = async () => {
    const [row] = await under.shop.database.query('select count(*)::int as entries from indelible.entry')
    return row?.['entries']
  }

  test('onMissingActor: reject refuses every write before it runs, and lets reads and known actors pass', async () => {
    const strict = await under.shop.open({ audit: { ...exact, onMissingActor: 'reject' } })
    const [sku, refused] = [skuOf('strict'), { code: 'AUDIT_ACTOR_MISSING' }]
    await plain.createProduct({ sku })
    const before = await countEntries()
    await expect(strict.addStock(sku, 1)).rejects.toMatchObject(refused)
    await expect(strict.createProduct({ sku: skuOf('never') })).rejects.toMatchObject(refused)
    await expect(strict.sql('truncate "Product" cascade')).rejects.toMatchObject(refused)
    await expect(strict.transaction(async (tx) => void (await tx.deleteProduct(sku)))).rejects.toMatchObject(
      refused,
    )
    expect(await strict.sql('select stock from "Product" where sku = $1', [sku])).toEqual([{ stock: 0 }])
    expect(await countEntries()).toBe(before)
    const { entries } = await under.shop.oracle.check(() => strict.addStock(sku, 1))
    expect(entries).toHaveLength(1)
  })

  test('onMissingActor: warn reports and writes', async () => {
    warnings.length = 0
    const warned = await under.shop.open({ audit: { ...exact, onMissingActor: 'warn', onWarning } })
    await warned.createProduct({ sku: skuOf('warned') })
    await runWithAuditContext({ actor: { id: 'known' } }, () =>
      warned.createProduct({ sku: skuOf('warned') }),
    )
    expect(warnings).toMatchObject([{ code: 'AUDIT_ACTOR_MISSING' }])
  })

  test('onUncaptured: throw refuses a statement before it runs, and its transaction goes on', async () => {
    const strict = await under.shop.open({ audit: { ...exact, onUncaptured: 'throw' } })
    const [sku, refused] = [skuOf('refused'), { code: 'AUDIT_UNCAPTURED' }]
    await plain.createProduct({ sku })
    const alone = await under.shop.oracle.check(() =>
      expect(strict.sql('truncate "Product" cascade')).rejects.toMatchObject(refused),
    )
    expect(alone).toMatchObject(nothing)
    const { entries } = await under.shop.oracle.check(() =>
      strict.transaction(async (tx) => {
        await expect(tx.sql('truncate "Product" cascade')).rejects.toMatchObject(refused)
        await tx.addStock(sku, 1)
      }),
    )
    expect(entries).toMatchObject([{ before: '{"stock":0}', after: '{"stock":1}' }])
  })

  test('onUncaptured: warn reports, runs and leaves no entry', async () => {
    warnings.length = 0
    const warned = await under.shop.open({ audit: { ...exact, onUncaptured: 'warn', onWarning } })
    const { entries } = await under.shop.oracle.check(() => warned.sql('truncate "Review"'))
    expect(entries).toEqual([])
    expect(warnings).toMatchObject([{ code: 'AUDIT_UNCAPTURED', facts: { verb: 'TRUNCATE' } }])
  })
}
