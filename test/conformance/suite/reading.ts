import type { Audit, NamedEntry } from '@indelible/core'
import { beforeAll, expect, test } from 'vitest'
import type { OrmClient } from '../orm-harness.ts'
import { type OrmUnderTest, skuOf } from './orm-under-test.ts'

/** The trail reads in the names of the ORM, without secrets, and proves itself. */
export function describeReading(under: OrmUnderTest): void {
  let client: OrmClient<unknown>

  // As an application opens it: nothing but defaults, the sealer included.
  beforeAll(async () => {
    client = await under.shop.open({ audit: {} })
  })

  test('history is found by the name of the entity and tells properties, not columns', async () => {
    const sku = skuOf('history')
    const id = await client.createProduct({ sku, stock: 1 })
    await client.addStock(sku, 2)
    await client.sql('update "Product" set released_at = $1 where sku = $2', ['2026-01-02T03:04:05Z', sku])
    await client.deleteProduct(sku)
    const entries = await historyOf(auditOf(client), 'Product', id)
    expect(entries.map(({ op, entity }) => `${op} ${entity}`)).toEqual([
      'insert Product',
      'update Product',
      'update Product',
      'delete Product',
    ])
    expect(entries[0]?.after).toMatchObject({ sku, stock: 1, releasedAt: null, categoryId: null })
    expect(entries[1]).toMatchObject({ before: { stock: 1 }, after: { stock: 3 } })
    expect(Object.keys(entries[2]?.after ?? {})).toEqual(['releasedAt'])
    expect(await historyOf(auditOf(client), 'public.Product', id)).toEqual([])
  })

  test('entries are found by the name of the entity', async () => {
    await client.createProduct({ sku: skuOf('found') })
    const { entries } = await auditOf(client).page({ table: 'Product', op: 'insert' }, { limit: 1 })
    expect(entries).toMatchObject([{ entity: 'Product', tableName: 'Product', op: 'insert' }])
  })

  test('a secret column is redacted before it reaches the trail', async () => {
    const email = `${skuOf('secret')}@example.com`
    const [row] = await client.sql(
      `insert into "Customer" (email, name, "passwordHash", "updatedAt") values ($1, $2, $3, now()) returning id`,
      [email, 'Ada', 'hunter2'],
    )
    await client.sql('update "Customer" set "passwordHash" = $1 where email = $2', ['hunter3', email])
    const [inserted, updated] = await historyOf(auditOf(client), 'Customer', Number(row?.['id']))
    expect(inserted?.after).toMatchObject({ email, passwordHash: '[redacted]' })
    expect(updated).toMatchObject({
      before: { passwordHash: '[redacted]' },
      after: { passwordHash: '[redacted]' },
    })
    const leaks = await under.shop.database.query(
      `select from indelible.entry e where e::text like '%hunter%'`,
    )
    expect(leaks).toEqual([])
  })

  test('the sealer inside the application chains what was written, and the chain verifies', async () => {
    const id = await client.createProduct({ sku: skuOf('sealed') })
    await expect
      .poll(async () => (await historyOf(auditOf(client), 'Product', id))[0]?.seq, { timeout: 5000 })
      .toEqual(expect.any(Number))
    await auditOf(client).seal()
    const report = await auditOf(client).verify()
    expect(report).toMatchObject({ ok: true, findings: [] })
    const [row] = await under.shop.database.query('select count(*)::int as entries from indelible.entry')
    expect(report.size).toBe(row?.['entries'])
  })

  test('an entry that somebody edits is found', async () => {
    const id = await client.createProduct({ sku: skuOf('edited') })
    await auditOf(client).seal()
    const [entry] = await historyOf(auditOf(client), 'Product', id)
    await under.shop.database.query(`alter table indelible.entry disable trigger append_only;
      update indelible.entry set actor_id = 'nobody' where id = ${entry?.id};
      alter table indelible.entry enable always trigger append_only`)
    const { ok, findings } = await auditOf(client).verify()
    expect(ok).toBe(false)
    expect(findings).toMatchObject([{ kind: 'edited', entryId: String(entry?.id) }])
  })
}

function auditOf({ audit }: OrmClient<unknown>): Audit {
  if (audit === undefined) throw new Error('the harness gave an audited client no audit')
  return audit
}

async function historyOf(audit: Audit, entity: string, key: number): Promise<NamedEntry[]> {
  const entries: NamedEntry[] = []
  for await (const entry of audit.history(entity, key)) entries.push(entry)
  return entries
}
