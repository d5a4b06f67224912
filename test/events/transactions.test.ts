import { fromPgPool, migrate, type NamedEntry, runWithAuditContext } from '@indelible/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { type EventClient, type EventOrm, eventOrms } from './support/event-orms.ts'

const failure = new Error('the application changed its mind')
const exact = { redact: { defaults: false }, seal: false } as const

describe.each(eventOrms)('$name', ({ open }: EventOrm) => {
  let database: TestDatabase
  let client: EventClient

  beforeAll(async () => {
    database = await createDatabase()
    await migrate(fromPgPool(database.pool))
    client = await open(database.url, { audit: exact })
  })

  afterAll(async () => {
    await client?.close()
    await database?.drop()
  })

  async function eventsOf(action: string): Promise<NamedEntry[]> {
    const entries: NamedEntry[] = []
    for await (const entry of client.audit.entries({ op: 'event' }, { order: 'oldest' })) {
      if (entry.after?.['action'] === action) entries.push(entry)
    }
    return entries
  }

  test('an event in a transaction that commits is committed with it, in the same transaction', async () => {
    const { id, row } = await client.transaction(async (transaction) => {
      const row = await client.insert(transaction, 'committed')
      const { id } = await client.audit.record(
        { action: 'product.approve', resource: 'Product', resourceId: row },
        { transaction },
      )
      expect(await eventsOf('product.approve'), 'nobody sees it before the commit').toEqual([])
      return { id, row }
    })
    const history: NamedEntry[] = []
    for await (const entry of client.audit.history('Product', row)) history.push(entry)
    expect(history).toMatchObject([
      { op: 'insert', tableSchema: 'public', tableName: 'Product', rowKey: `${row}` },
      { op: 'event', id, tableSchema: 'public', tableName: 'Product', rowKey: `${row}`, tx: history[0]?.tx },
    ])
  })

  test('an event in a transaction that rolls back leaves nothing', async () => {
    const refused = client.transaction(async (transaction) => {
      await client.audit.record({ action: 'product.undo' }, { transaction })
      throw failure
    })
    await expect(refused).rejects.toBe(failure)
    expect(await eventsOf('product.undo')).toEqual([])
  })

  test('an event behind a savepoint goes with it, and the ones around it stay', async () => {
    await client.transaction(async (transaction) => {
      await client.audit.record({ action: 'savepoint', metadata: { part: 'before' } }, { transaction })
      const inner = client.nested(transaction, async (nested) => {
        await client.audit.record(
          { action: 'savepoint', metadata: { part: 'inside' } },
          { transaction: nested },
        )
        throw failure
      })
      await expect(inner).rejects.toBe(failure)
      await client.nested(transaction, (nested) =>
        client.audit.record({ action: 'savepoint', metadata: { part: 'released' } }, { transaction: nested }),
      )
      await client.audit.record({ action: 'savepoint', metadata: { part: 'after' } }, { transaction })
    })
    expect((await eventsOf('savepoint')).map(({ after }) => after?.['metadata'])).toEqual([
      { part: 'before' },
      { part: 'released' },
      { part: 'after' },
    ])
  })

  test('an event without a transaction survives the rollback around it', async () => {
    const refused = client.transaction(async (transaction) => {
      const row = await client.insert(transaction, 'rolled back')
      const event = {
        action: 'product.forbid',
        resource: 'Product',
        resourceId: row,
        outcome: 'denied',
      } as const
      await client.audit.record(event)
      throw failure
    })
    await expect(refused).rejects.toBe(failure)
    expect(await eventsOf('product.forbid')).toMatchObject([
      {
        op: 'event',
        entity: client.seen.length > 0 ? 'Product' : null,
        after: { outcome: 'denied', severity: 'warning' },
      },
    ])
  })

  test('a handle that is no transaction, or none any more, is refused and nothing is written', async () => {
    const ended = await client.transaction(async (transaction) => transaction)
    const other = await open(database.url, { audit: exact })
    try {
      for (const transaction of [client.noTransaction, ended, {}, 'transaction', 42, () => undefined]) {
        await expect(
          client.audit.record({ action: 'refused' }, { transaction }),
          String(transaction),
        ).rejects.toMatchObject({ code: 'AUDIT_TRANSACTION_INVALID' })
      }
      await other.transaction((transaction) =>
        expect(client.audit.record({ action: 'refused' }, { transaction })).rejects.toMatchObject({
          code: 'AUDIT_TRANSACTION_INVALID',
        }),
      )
    } finally {
      await other.close()
    }
    for (const transaction of [undefined, null]) {
      await expect(client.audit.record({ action: 'refused' }, { transaction })).rejects.toMatchObject({
        code: 'AUDIT_EVENT_INVALID',
      })
    }
    expect(await eventsOf('refused')).toEqual([])
  })

  test('a transaction whose event was refused for its fields goes on', async () => {
    const row = await client.transaction(async (transaction) => {
      const bad = client.audit.record({ action: '' }, { transaction })
      await expect(bad).rejects.toMatchObject({ code: 'AUDIT_EVENT_INVALID', facts: { field: 'action' } })
      return await client.insert(transaction, 'goes on')
    })
    expect(row).toBeGreaterThan(0)
  })

  test("the ORM's logger is not shown what is recorded", async () => {
    await client.transaction((transaction) =>
      client.audit.record({ action: 'unlogged', metadata: { note: 'needle' } }, { transaction }),
    )
    await client.audit.record({ action: 'unlogged', metadata: { note: 'needle' } })
    expect(await eventsOf('unlogged')).toHaveLength(2)
    expect(JSON.stringify(client.seen)).not.toContain('needle')
  })

  test('eight writers at once, in transactions and outside, leave every event with its own actor, and a sound chain', async () => {
    const writers = [...Array(8).keys()]
    await Promise.all(
      writers.map((writer) =>
        runWithAuditContext({ actor: { id: `writer-${writer}` } }, async () => {
          for (let round = 0; round < 5; round += 1) {
            const metadata = { writer: `writer-${writer}` }
            await client.transaction((transaction) =>
              client.audit.record({ action: 'many', metadata }, { transaction }),
            )
            await client.audit.record({ action: 'many', metadata })
          }
        }),
      ),
    )
    const events = await eventsOf('many')
    expect(events).toHaveLength(80)
    for (const { actorId, after } of events) expect(after?.['metadata']).toEqual({ writer: actorId })
    await client.audit.seal()
    expect(await client.audit.verify()).toMatchObject({ ok: true, findings: [] })
  })
})
