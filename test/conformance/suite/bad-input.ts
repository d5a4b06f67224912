import { afterAll, beforeAll, expect, test } from 'vitest'
import { exact } from './exact-options.ts'
import type { OrmUnderTest } from './orm-under-test.ts'
import { createOrmDatabase, type OrmDatabase } from './twin-databases.ts'

const wrongOptions: readonly [name: string, options: object][] = [
  ['an unknown option', { onMisingActor: 'reject' }],
  ['an unknown choice', { onUncaptured: 'ignore' }],
  ['an unknown option of redaction', { redact: { column: ['iban'] } }],
  ['a fingerprint without its key', { redact: { strategy: 'fingerprint' } }],
  ['a wrong number', { seal: { interval: -1 } }],
]

/** Mistakes of set-up are told at the start, and nothing is written unaudited meanwhile. */
export function describeBadInput(under: OrmUnderTest): void {
  let bare: OrmDatabase<unknown>

  beforeAll(async () => {
    bare = await createOrmDatabase(under.orm, { withAudit: false })
  })

  afterAll(() => bare?.close())

  test.each(wrongOptions)('%s is refused when the client is opened', async (_, options) => {
    await expect(under.shop.open({ audit: options as never })).rejects.toMatchObject({
      code: 'AUDIT_OPTION_INVALID',
    })
  })

  test('without the audit schema the client is refused at its first statement at the latest, and nothing is written', async () => {
    const missing = { code: 'AUDIT_SCHEMA_MISSING' }
    const write = async () => {
      const client = await bare.open({ audit: exact })
      await client.createProduct({ sku: 'unaudited' })
    }
    await expect(write()).rejects.toMatchObject(missing)
    expect(await bare.database.query('select from "Product"')).toEqual([])
  })
}
