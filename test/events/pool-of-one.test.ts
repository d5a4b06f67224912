import { fromPgPool, migrate } from '@indelible/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuditedClient } from '../prisma/support/audited-shop.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { eventOrms } from './support/event-orms.ts'

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await migrate(fromPgPool(database.pool))
})

afterAll(() => database?.drop())

async function countEvents(action: string): Promise<number> {
  const sql = "select from indelible.entry where op = 'event' and after ->> 'action' = $1"
  return (await database.query(sql, [action])).length
}

test.concurrent.each(eventOrms)(
  '$name: an event that waits for the connection of its own caller fails, and everything goes on',
  { timeout: 60_000 },
  async ({ name, open }) => {
    const client = await open(database.url, { audit: { seal: false }, poolSize: 1 })
    const action = `${name} alone`
    try {
      await client.transaction(async (transaction) => {
        await client.insert(transaction, action)
        await client.audit.record({ action }, { transaction })
        await expect(client.audit.record({ action })).rejects.toMatchObject({
          code: 'AUDIT_WRITE_FAILED',
          message: expect.stringContaining('No connection of the pool came free within 10 seconds'),
        })
      })
      expect(await countEvents(action)).toBe(1)
      await client.audit.record({ action })
      expect(await countEvents(action)).toBe(2)
    } finally {
      await client.close()
    }
  },
)

test.concurrent('where Prisma gives up its transaction first, the event is recorded and the transaction fails', async () => {
  const prisma = createAuditedClient(database.url, { max: 1 })
  const action = 'Prisma gave up'
  try {
    const late = prisma.$transaction(
      async (transaction) => {
        await transaction.product.create({ data: { sku: action, name: action, price: '9.90', stock: 0 } })
        await prisma.$audit.record({ action, outcome: 'failure' })
      },
      { timeout: 3000 },
    )
    await expect(late).rejects.toMatchObject({ code: 'P2028' })
    expect(await countEvents(action)).toBe(1)
    expect(await prisma.product.count({ where: { sku: action } })).toBe(0)
  } finally {
    await prisma.$disconnect()
  }
})
