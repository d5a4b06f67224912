import { type Audit, createAuditEvents, type EventSchema, fromPgPool, migrate } from '@indelible/core'
import { type } from 'arktype'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createAuditedClient } from '../prisma/support/audited-shop.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

const secret = 'hunter2'
let database: TestDatabase
let prisma: ReturnType<typeof createAuditedClient>
let audit: Audit

beforeAll(async () => {
  database = await createDatabase()
  await migrate(fromPgPool(database.pool))
  prisma = createAuditedClient(database.url)
  audit = prisma.$audit
})

afterAll(async () => {
  await prisma?.$disconnect()
  await database?.drop()
})

const count = async () => (await database.query('select from indelible.entry')).length

const schemas = {
  zod: z.object({ rows: z.string().transform(Number), nested: z.object({ amounts: z.array(z.number()) }) }),
  valibot: v.object({
    rows: v.pipe(v.string(), v.transform(Number)),
    nested: v.object({ amounts: v.array(v.number()) }),
  }),
  arktype: type({ rows: 'string.numeric.parse', nested: { amounts: 'number[]' } }),
}

describe.each(['zod', 'valibot', 'arktype'] as const)('a schema of %s', (library) => {
  const events = () => createAuditEvents(audit, { 'order.export': schemas[library] })

  test('has what it makes of the metadata recorded', async () => {
    const { id } = await events().record({
      action: 'order.export',
      metadata: { rows: '12', nested: { amounts: [1.5] } },
    })
    expect((await audit.entry(id)).after).toMatchObject({
      metadata: { rows: 12, nested: { amounts: [1.5] } },
    })
  })

  test('refuses what does not fit by its path, without the value, and nothing is written', async () => {
    const before = await count()
    const bad = { rows: '12', nested: { amounts: [1, secret] } }
    const error = await events()
      // @ts-expect-error The value is of the wrong type: that is what is tested.
      .record({ action: 'order.export', metadata: bad })
      .then(
        () => undefined,
        (thrown) => thrown,
      )
    expect(error).toMatchObject({
      code: 'AUDIT_EVENT_INVALID',
      facts: { field: 'metadata.nested.amounts[1]' },
    })
    expect(`${error.stack}${error.cause}${JSON.stringify(error)}`).not.toContain(secret)
    expect(await count()).toBe(before)
  })
})

/** A validator by hand. */
function schemaOf<Value>(validate: EventSchema<Value>['~standard']['validate']): EventSchema<Value> {
  return { '~standard': { version: 1, vendor: 'test', validate } }
}

describe('typed events', () => {
  test('wait for a validator that takes its time, and live and die with a transaction', async () => {
    const events = createAuditEvents(audit, {
      slow: schemaOf<{ n: number }>(async () => ({ value: { n: 2 } })),
    })
    const before = await count()
    const undone = prisma.$transaction(async (transaction) => {
      await events.record({ action: 'slow', metadata: { n: 1 } }, { transaction })
      throw new Error('undone')
    })
    await expect(undone).rejects.toThrow('undone')
    expect(await count()).toBe(before)
    const { id } = await events.record({ action: 'slow', metadata: { n: 1 } })
    expect((await audit.entry(id)).after?.['metadata']).toEqual({ n: 2 })
  })

  test.each(['unknown', 'toString', '__proto__', '', undefined, 7])(
    'refuse the action %j',
    async (action) => {
      // One-line bridge: what the compiler would refuse.
      const event = { action } as unknown as { action: 'known' }
      await expect(createAuditEvents(audit, { known: z.undefined() }).record(event)).rejects.toMatchObject({
        code: 'AUDIT_EVENT_INVALID',
        facts: { field: 'action' },
      })
    },
  )

  test('refuse by a validator that throws, and do not repeat what it said', async () => {
    const events = createAuditEvents(audit, {
      throwing: schemaOf<object>(() => {
        throw new Error(secret)
      }),
      rejecting: schemaOf<object>(() => Promise.reject(new Error(secret))),
    })
    for (const action of ['throwing', 'rejecting'] as const) {
      const error = await events.record({ action, metadata: {} }).then(
        () => undefined,
        (thrown) => thrown,
      )
      expect(error).toMatchObject({ code: 'AUDIT_EVENT_INVALID', facts: { field: 'metadata' } })
      expect(`${error.stack}${error.cause}`).not.toContain(secret)
    }
  })

  test('name ten paths and how many more there are', async () => {
    const issues = Array.from({ length: 30 }, (_, at) => ({ message: secret, path: [{ key: 'list' }, at] }))
    const events = createAuditEvents(audit, { many: schemaOf<object>(() => ({ issues })) })
    await expect(events.record({ action: 'many', metadata: {} })).rejects.toThrow(/list\[9\] and 20 more/)
  })

  test('refuse what a validator makes and JSON cannot say', async () => {
    const events = createAuditEvents(audit, { map: z.object({}).transform(() => ({ map: new Map() })) })
    await expect(events.record({ action: 'map', metadata: {} })).rejects.toMatchObject({
      facts: { field: 'metadata.map' },
    })
  })

  test.each([null, {}, { '~standard': { version: 2 } }, 'zod'])(
    'refuse at once what is no schema: %j',
    (schema) => {
      expect(() => createAuditEvents(audit, { bad: schema as unknown as EventSchema })).toThrow(
        expect.objectContaining({ code: 'AUDIT_OPTION_INVALID', facts: { action: 'bad' } }),
      )
    },
  )

  test('have their other fields checked as ever', async () => {
    const events = createAuditEvents(audit, { known: z.undefined() })
    // One-line bridge: what the compiler would refuse.
    const misspelt = { action: 'known', resorce: 'Order' } as { action: 'known' }
    await expect(events.record(misspelt)).rejects.toMatchObject({
      facts: { field: 'resorce' },
    })
  })
})
