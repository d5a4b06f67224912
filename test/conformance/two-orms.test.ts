import { type Audit, fromPgPool, migrate, runWithAuditContext } from '@indelible/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { harness as mikroOrm } from '../mikro-orm/support/harness.ts'
import { harness as prisma } from '../prisma/support/prisma-harness.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { harness as typeorm } from '../typeorm/support/typeorm-harness.ts'
import type { OrmClient } from './orm-harness.ts'
import { createRowOracle, type RowOracle } from './row-oracle.ts'
import { exact } from './suite/exact-options.ts'
import { type OpenableOrm, skuOf } from './suite/orm-under-test.ts'
import { expectUnbroken } from './suite/unbroken.ts'

const harnesses: readonly OpenableOrm[] = [prisma, typeorm, mikroOrm]

let database: TestDatabase
let oracle: RowOracle
/** One application for each ORM, each with a sealer of its own. */
let clients: { readonly name: string; readonly client: OrmClient<unknown>; readonly audit: Audit }[]

beforeAll(async () => {
  database = await createDatabase()
  await migrate(fromPgPool(database.pool))
  oracle = await createRowOracle(database)
  clients = await Promise.all(harnesses.map(openSealing))
})

afterAll(async () => {
  await Promise.all((clients ?? []).map(({ client }) => client.close()))
  await database?.drop()
})

async function openSealing({ name, open }: OpenableOrm) {
  const seal = { interval: 20 }
  const client = await open(database.url, { audit: { ...exact, seal }, poolSize: 4 })
  if (client.audit === undefined) throw new Error(`${name}: an audited client has no audit`)
  return { name, client, audit: client.audit }
}

/** Seals what waits, and fails unless every ORM finds the same sound chain over all entries. */
async function expectOneSoundChain(): Promise<void> {
  await Promise.all(clients.map(({ audit }) => audit.seal()))
  const [row] = await database.query('select count(*)::int as entries from indelible.entry')
  const reports = await Promise.all(clients.map(({ audit }) => audit.verify()))
  for (const report of reports) {
    expect(report).toMatchObject({ ok: true, findings: [], size: row?.['entries'] })
    expect(report.head).toEqual(reports[0]?.head)
  }
}

test('ORMs that write one row in turn leave one trail, which each of them reads', async () => {
  const sku = skuOf('in turn')
  const [first] = clients
  const id = await first?.client.createProduct({ sku })
  for (const { name, client } of clients) {
    await runWithAuditContext({ actor: { id: name } }, async () => {
      await client.addStock(sku, 1)
      await client.upsertProduct({ sku, stock: 10 })
      await client.transaction(async (tx) => void (await tx.addStock(sku, 5)))
    })
  }
  await expectOneSoundChain()
  const trails = []
  for (const { audit } of clients) {
    const trail = []
    for await (const entry of audit.history('Product', Number(id))) trail.push(entry)
    trails.push(trail)
  }
  for (const trail of trails) {
    expect(trail.map(({ actorId }) => actorId)).toEqual([
      null,
      ...clients.flatMap(({ name }) => Array(3).fill(name)),
    ])
    expect(trail).toEqual(trails[0])
  }
})

test('ORMs that race for the same rows under several sealers leave true images and one sound chain', async () => {
  const skus = [skuOf('raced'), skuOf('raced')]
  const { entries } = await oracle.check(() =>
    Promise.all(
      clients.flatMap(({ client }) =>
        [0, 1, 2, 3].map(async (writer) => {
          for (let round = 0; round < 10; round += 1) {
            const sku = skus[(writer + round) % 2] ?? ''
            await client.upsertProduct({ sku, stock: round })
            await client.transaction(async (tx) => void (await tx.addStock(sku, 1)))
          }
        }),
      ),
    ),
  )
  expect(entries.length).toBeGreaterThan(clients.length * 40)
  expectUnbroken(entries)
  await expectOneSoundChain()
})
