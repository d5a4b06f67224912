import { fromPgPool, migrate, type NamedEntry, runWithAuditContext } from '@indelible/core'
import { AuditSubscriber, auditOf } from '@indelible/typeorm'
import { DataSource } from 'typeorm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { PrismaClient } from '../../prisma/generated/client.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { shopDataSource } from '../typeorm/support/typeorm-harness.ts'
import { type EventClient, type EventOrm, eventOrms } from './support/event-orms.ts'

const exact = { redact: { defaults: false }, seal: false } as const
const claimText = 'select $1::text as "indelible"'
let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase()
  await migrate(fromPgPool(database.pool))
})

afterAll(() => database?.drop())

async function collect(entries: AsyncIterable<NamedEntry>): Promise<NamedEntry[]> {
  const found: NamedEntry[] = []
  for await (const entry of entries) found.push(entry)
  return found
}

describe.each(eventOrms)('$name', ({ open }: EventOrm) => {
  let client: EventClient

  beforeAll(async () => {
    client = await open(database.url, { audit: exact })
  })

  afterAll(() => client?.close())

  test.each([
    'a.b',
    'public.Product',
    'pg_class',
    'say "x" or \'y\'',
    '../..',
    'constructor',
    '%_',
    'Ünï 漢字',
  ])('an event about %s stands in the history of that name, and in no other', async (resource) => {
    const { id } = await client.audit.record({ action: 'named', resource, resourceId: ['"', "\\'"] })
    const history = await collect(client.audit.history(resource, ['"', "\\'"]))
    expect(history.map((entry) => entry.id)).toContain(id)
    expect(history.every(({ tableName }) => tableName === resource)).toBe(true)
  })

  test('an event in a transaction that has failed says so, leaves nothing, and the rollback works', async () => {
    const before = (await database.query('select from indelible.entry')).length
    const failed = client.transaction(async (transaction) => {
      await client.insert(transaction, 'stands twice')
      await expect(client.insert(transaction, 'stands twice')).rejects.toThrow()
      await client.audit.record({ action: 'too late' }, { transaction })
    })
    await expect(failed).rejects.toMatchObject({ code: 'AUDIT_WRITE_FAILED', facts: { sqlState: '25P02' } })
    expect((await database.query('select from indelible.entry')).length).toBe(before)
    await client.audit.record({ action: 'not too late' })
  })

  test('events that are sent at once share the transaction and keep their order', async () => {
    const recorded = await client.transaction((transaction) =>
      Promise.all(
        [...Array(10).keys()].map((number) =>
          client.audit.record({ action: 'at once', metadata: { number } }, { transaction }),
        ),
      ),
    )
    const ids = recorded.map(({ id }) => id)
    const entries = await Promise.all(ids.map((id) => client.audit.entry(id)))
    expect(new Set(entries.map(({ tx }) => tx)).size).toBe(1)
    expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    expect(entries.map(({ after }) => after?.['metadata'])).toEqual(ids.map((_, number) => ({ number })))
  })

  test('metadata of the largest size arrive whole, and what is larger leaves nothing', async () => {
    const largest = { text: 'x'.repeat(65_536 - '{"text":""}'.length) }
    const { id } = await client.audit.record({ action: 'large', metadata: largest })
    expect((await client.audit.entry(id)).after?.['metadata']).toEqual(largest)
    const tooLarge = client.audit.record({ action: 'large', metadata: { text: 'x'.repeat(2 ** 20) } })
    await expect(tooLarge).rejects.toMatchObject({ code: 'AUDIT_EVENT_INVALID' })
  })

  test('NUL and half surrogates in every text leave an entry that can be read and searched', async () => {
    const bad = 'a\u0000b\ud800c\udfff'
    const { id } = await runWithAuditContext(
      {
        correlationId: bad,
        tenant: bad,
        action: bad,
        reason: bad,
        request: { path: bad },
        metadata: { [bad]: bad },
      },
      () =>
        client.audit.record({
          action: bad,
          actor: { id: bad, type: bad, [bad]: bad },
          resource: bad,
          resourceId: bad,
          reason: bad,
          metadata: { [bad]: [bad, '\\u0000', '\\\\ud800'] },
        }),
    )
    const good = 'a\ufffdb\ufffdc\ufffd'
    const entry = await client.audit.entry(id)
    expect(entry).toMatchObject({
      tableName: good,
      rowKey: good,
      actorId: good,
      tenant: good,
      correlationId: good,
    })
    expect(entry.after).toMatchObject({ action: good, metadata: { [good]: [good, '\\u0000', '\\\\ud800'] } })
    expect(entry.context).toMatchObject({ actor: { [good]: good }, request: { path: good } })
    const [found] = await database.query(
      `select context -> 'metadata' as metadata from indelible.entry where after #>> '{metadata,0}' is null and id = $1`,
      [id],
    )
    expect(found).toEqual({ metadata: { [good]: good } })
  })
})

test("the stand-in's text with a parameter of the application's is an ordinary statement", async () => {
  const [prisma, , , pg] = await Promise.all(
    eventOrms.map(({ open }) => open(database.url, { audit: exact })),
  )
  try {
    const native = prisma?.noTransaction as PrismaClient
    expect(await native.$queryRawUnsafe(claimText, 'mine')).toEqual([{ indelible: 'mine' }])
    const pool = pg?.noTransaction as import('pg').Pool
    expect((await pool.query(claimText, ['mine'])).rows).toEqual([{ indelible: 'mine' }])
  } finally {
    await Promise.all([prisma?.close(), pg?.close()])
  }
})

test('a batch of Prisma takes no event, and nothing of the batch is written', async () => {
  const [prisma] = await Promise.all(
    eventOrms.slice(0, 1).map(({ open }) => open(database.url, { audit: exact })),
  )
  if (prisma === undefined) throw new Error('there is a Prisma')
  try {
    const native = prisma.noTransaction as PrismaClient
    const create = native.product.create({ data: { sku: 'batch', name: 'batch', price: '1', stock: 0 } })
    const event = prisma.audit.record({ action: 'in a batch' })
    // One-line bridge: the types of Prisma refuse it, too.
    const batch = async () => native.$transaction([create, event] as never)
    await expect(batch()).rejects.toThrow('need to be Prisma Client promises')
    await event
    expect(await native.product.count({ where: { sku: 'batch' } })).toBe(0)
  } finally {
    await prisma.close()
  }
})

describe('TypeORM', () => {
  const options = { ...shopDataSource('') }

  test('a query runner is a transaction from its begin to its end, on the primary and on a replica', async () => {
    const { url: _, ...others } = options
    const dataSource = new DataSource({
      ...others,
      subscribers: [AuditSubscriber.with(exact)],
      replication: { master: { url: database.url }, slaves: [{ url: database.url }] },
    })
    await dataSource.initialize()
    const audit = auditOf(dataSource)
    const ended = { code: 'AUDIT_TRANSACTION_INVALID' }
    try {
      for (const mode of ['master', 'slave'] as const) {
        const runner = dataSource.createQueryRunner(mode)
        const record = () => audit.record({ action: `on a ${mode}` }, { transaction: runner })
        await expect(record()).rejects.toMatchObject(ended)
        await runner.connect()
        await expect(record()).rejects.toMatchObject(ended)
        await runner.startTransaction()
        await record()
        await runner.rollbackTransaction()
        await expect(record()).rejects.toMatchObject(ended)
        await runner.startTransaction()
        const { id } = await record()
        await runner.commitTransaction()
        expect(await audit.entry(id)).toMatchObject({ op: 'event' })
        await runner.release()
        await expect(record()).rejects.toMatchObject(ended)
      }
    } finally {
      await dataSource.destroy()
    }
  })
})
