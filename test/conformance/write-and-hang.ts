// Writes inside a transaction by the ORM of a harness, and waits to be killed. Arguments: the harness's module, the database.
import { setTimeout as sleep } from 'node:timers/promises'
import { runWithAuditContext } from '@indelible/core'
import { exact } from './suite/exact-options.ts'
import type { OpenableOrm } from './suite/orm-under-test.ts'

const [module = '', url = '', sku = ''] = process.argv.slice(2)
const { harness } = (await import(module)) as { readonly harness: OpenableOrm }
const client = await harness.open(url, { audit: exact, poolSize: 1 })

await runWithAuditContext({ actor: { id: 'doomed' } }, () =>
  client.transaction(async (tx) => {
    await tx.createProduct({ sku: `${sku} too` })
    await tx.addStock(sku, 1)
    await tx.sql('update "Product" set name = $1 where sku = $2', ['doomed', sku])
    console.log('written, not committed')
    await sleep(60_000)
  }),
)
