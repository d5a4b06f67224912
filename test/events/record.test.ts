import { type AuditOptions, fromPgPool, migrate, type NamedEntry, runWithAuditContext } from '@indelible/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { type EventClient, type EventOrm, eventOrms } from './support/event-orms.ts'

const secret = 'hunter2'

describe.each(eventOrms)('$name', ({ open }: EventOrm) => {
  let database: TestDatabase
  const clients: EventClient[] = []

  beforeAll(async () => {
    database = await createDatabase()
    await migrate(fromPgPool(database.pool))
  })

  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()))
  })

  afterAll(() => database?.drop())

  async function openClient(audit: AuditOptions = {}, poolSize?: number): Promise<EventClient> {
    const client = await open(database.url, {
      audit: { seal: false, ...audit },
      ...(poolSize && { poolSize }),
    })
    clients.push(client)
    return client
  }

  const count = async () => (await database.query('select from indelible.entry')).length

  test('an event holds what was done, and the context of the scope with its own action, actor and reason', async () => {
    const { audit } = await openClient()
    const context = {
      actor: { id: 'u_1', type: 'user', authMethod: 'jwt' },
      correlationId: 'req-7',
      tenant: 'acme',
      action: 'http.request',
      metadata: { route: '/refund' },
    }
    const { id } = await runWithAuditContext(context, () =>
      audit.record({
        action: 'order.refund',
        actor: { id: 'service-9', type: 'service' },
        resource: 'Order',
        resourceId: ['eu', 7],
        outcome: 'failure',
        reason: 'ticket 4711',
        metadata: { amount: '9.90', big: 2n ** 70n },
      }),
    )
    expect(await audit.entry(id)).toMatchObject({
      op: 'event',
      tableSchema: 'public',
      tableName: 'Order',
      rowKey: '["eu","7"]',
      before: null,
      after: {
        action: 'order.refund',
        outcome: 'failure',
        severity: 'error',
        reason: 'ticket 4711',
        resource: 'Order',
        metadata: { amount: '9.90', big: '1180591620717411303424' },
      },
      actorId: 'service-9',
      actorType: 'service',
      tenant: 'acme',
      correlationId: 'req-7',
      context: {
        actor: { id: 'service-9', type: 'service' },
        action: 'order.refund',
        reason: 'ticket 4711',
        metadata: { route: '/refund' },
      },
    })
  })

  test('an event of its own needs neither context nor resource', async () => {
    const { audit } = await openClient()
    const { id } = await audit.record({ action: 'system.start' })
    expect(await audit.entry(id)).toMatchObject({
      tableSchema: null,
      tableName: null,
      rowKey: null,
      actorId: null,
      after: { action: 'system.start', outcome: 'success', severity: 'success' },
      context: { action: 'system.start' },
    })
  })

  test('what is no table has its events under its own name, and one of a table is found by that', async () => {
    const { audit } = await openClient()
    const report = await audit.record({ action: 'report.export', resource: 'report', resourceId: '2026-11' })
    const product = await audit.record({ action: 'product.view', resource: 'Product', resourceId: 4711 })
    const read = async (name: string, key: string | number) => {
      const entries: NamedEntry[] = []
      for await (const entry of audit.history(name, key)) entries.push(entry)
      return entries
    }
    expect(await read('report', '2026-11')).toMatchObject([
      { id: report.id, tableSchema: null, tableName: 'report' },
    ])
    expect(await read('Product', 4711)).toMatchObject([{ id: product.id, tableSchema: 'public' }])
    const { entries } = await audit.page({ table: { schema: 'public', name: 'Product' }, key: 4711 })
    expect(entries).toMatchObject([{ id: product.id }])
  })

  test('secrets in metadata, actor and context reach no table', async () => {
    const { audit } = await openClient({ redact: { columns: ['iban'] } })
    const { id } = await runWithAuditContext({ request: { headers: { authorization: secret } } }, () =>
      audit.record({
        action: 'user.login',
        actor: { id: 'u_1', apiKey: secret },
        metadata: { password: secret, deep: [{ iban: secret, user: 'ada' }] },
      }),
    )
    const [row] = await database.query('select e::text as row from indelible.entry e where id = $1', [id])
    expect(row?.['row']).not.toContain(secret)
    expect((await audit.entry(id)).after?.['metadata']).toEqual({
      password: '[redacted]',
      deep: [{ iban: '[redacted]', user: 'ada' }],
    })
  })

  test('without an actor or a reason that the options want, nothing is written', async () => {
    const { audit, transaction } = await openClient({
      onMissingActor: 'reject',
      requireReason: { actions: ['order.refund'] },
    })
    const before = await count()
    const actor = { id: 'u_1' }
    const noReason = { code: 'AUDIT_REASON_MISSING', facts: { action: 'order.refund' } }
    await expect(audit.record({ action: 'user.login' })).rejects.toMatchObject({
      code: 'AUDIT_ACTOR_MISSING',
    })
    await expect(audit.record({ action: 'order.refund', actor })).rejects.toMatchObject(noReason)
    await runWithAuditContext({ actor }, () =>
      transaction((handle) =>
        expect(audit.record({ action: 'order.refund' }, { transaction: handle })).rejects.toMatchObject(
          noReason,
        ),
      ),
    )
    expect(await count()).toBe(before)
    await audit.record({ action: 'order.refund', actor, reason: 'ticket 4711' })
    await runWithAuditContext({ actor }, () =>
      audit.withReason('ticket 4712', () => audit.record({ action: 'order.refund' })),
    )
    expect(await count()).toBe(before + 2)
  })

  test('what was denied or has failed is recorded without an actor or a reason, also where a success must have them', async () => {
    const { audit, transaction } = await openClient({
      onMissingActor: 'reject',
      requireReason: { actions: ['order.refund'] },
    })
    for (const outcome of ['denied', 'failure'] as const) {
      const event = { action: 'order.refund', outcome }
      const { id } = await audit.record(event)
      const inside = await transaction((handle) => audit.record(event, { transaction: handle }))
      const told = { actorId: null, reason: null, after: event }
      expect(await audit.entry(id)).toMatchObject(told)
      expect(await audit.entry(inside.id)).toMatchObject(told)
    }
    const success = { action: 'order.refund', outcome: 'success' } as const
    await expect(audit.record(success)).rejects.toMatchObject({ code: 'AUDIT_ACTOR_MISSING' })
    const named = { ...success, actor: { id: 'u_1' } }
    await expect(audit.record(named)).rejects.toMatchObject({ code: 'AUDIT_REASON_MISSING' })
  })

  test('an event wakes the sealer, which chains it', async () => {
    const { audit } = await openClient({ seal: { interval: 20 } })
    const { id } = await audit.record({ action: 'sealed.soon' })
    await expect.poll(async () => (await audit.entry(id)).seq).toBeGreaterThan(0)
  })

  test('characters that PostgreSQL cannot hold do not keep an event out', async () => {
    const { audit } = await openClient()
    const { id } = await audit.record({
      action: 'a\u0000b',
      metadata: { 'k\u0000': 'v\ud800', path: 'c:\\u0000' },
    })
    expect((await audit.entry(id)).after).toMatchObject({
      action: 'a\ufffdb',
      metadata: { 'k\ufffd': 'v\ufffd', path: 'c:\\u0000' },
    })
  })
})
