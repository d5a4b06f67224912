import { runWithAuditContext, tryGetAuditContext } from '@indelible/core'
import { recordActiveSpans } from '@indelible/core/opentelemetry'
import { context, trace } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { getWrittenContext } from '../../packages/core/src/context/written-context.ts'
import type { OrmClient, OrmHarness } from '../conformance/orm-harness.ts'
import { createOrmDatabase, type OrmDatabase } from '../conformance/suite/twin-databases.ts'
import { harness as mikroOrm } from '../mikro-orm/support/harness.ts'
import { harness as prisma } from '../prisma/support/prisma-harness.ts'
import { harness as typeorm } from '../typeorm/support/typeorm-harness.ts'

const tracer = new BasicTracerProvider().getTracer('test')
let stop: () => void

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable())
})

beforeEach(() => {
  stop = recordActiveSpans()
})

afterEach(() => stop())
afterAll(() => context.disable())

/** Runs work in a span of its own, and returns what identifies that. */
async function inSpan(work: () => unknown): Promise<{ traceId: string; spanId: string }> {
  const span = tracer.startSpan('work')
  await context.with(trace.setSpan(context.active(), span), async () => await work())
  span.end()
  const { traceId, spanId } = span.spanContext()
  return { traceId, spanId }
}

describe.each<OrmHarness<unknown>>([prisma, typeorm, mikroOrm] as OrmHarness<unknown>[])(
  'the writes of $name',
  (harness) => {
    let shop: OrmDatabase<unknown>
    let client: OrmClient<unknown>

    beforeAll(async () => {
      shop = await createOrmDatabase(harness)
      client = await shop.open()
    })

    afterAll(() => shop.close())

    const lastContext = async () => {
      const [row] = await shop.database.query('select context from indelible.entry order by id desc limit 1')
      return row?.['context']
    }

    test('carry the span that is active when they run, inside a context and outside', async () => {
      const sku = `traced by ${harness.name}`
      const outside = await inSpan(() => client.createProduct({ sku }))
      expect(await lastContext()).toEqual({ trace: outside })
      const inside = await inSpan(() =>
        runWithAuditContext({ actor: { id: 'ada' } }, () => client.addStock(sku, 1)),
      )
      expect(await lastContext()).toEqual({ actor: { id: 'ada' }, trace: inside })
      await runWithAuditContext({ tenant: 'acme' }, async () => {
        const begun = await inSpan(() => client.transaction((tx) => Promise.resolve(tx.addStock(sku, 1))))
        expect(await lastContext()).toEqual({ tenant: 'acme', trace: begun })
        await client.addStock(sku, 1)
        expect(await lastContext()).toEqual({ tenant: 'acme' })
      })
      await client.addStock(sku, 1)
      expect(await lastContext()).toBeNull()
    })

    test('of fifty spans at once never mix', async () => {
      const spans = await Promise.all(
        Array.from({ length: 50 }, async (_, at) => {
          const sku = `span ${at} of ${harness.name}`
          return { sku, ...(await inSpan(() => client.createProduct({ sku }))) }
        }),
      )
      const rows = await shop.database.query<{ sku: string; traceId: string; spanId: string }>(
        `select after ->> 'sku' as sku, context -> 'trace' ->> 'traceId' as "traceId",
          context -> 'trace' ->> 'spanId' as "spanId" from indelible.entry where after ->> 'sku' like 'span %'`,
      )
      const bySku = (one: { sku: string }, other: { sku: string }) => (one.sku < other.sku ? -1 : 1)
      expect(rows.sort(bySku)).toEqual(spans.sort(bySku))
    })
  },
)

test('the same span and context make the same object, so that its text is made once', async () => {
  await inSpan(() => {
    expect(getWrittenContext()).toBe(getWrittenContext())
    runWithAuditContext({ tenant: 'acme' }, () => expect(getWrittenContext()).toBe(getWrittenContext()))
  })
})

test('a span that is none, as without an SDK, leaves the context as it is', async () => {
  const invalid = trace.wrapSpanContext({ traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 0 })
  context.with(trace.setSpan(context.active(), invalid), () => {
    expect(getWrittenContext()).toBeUndefined()
    runWithAuditContext({ tenant: 'acme' }, () => expect(getWrittenContext()).toBe(tryGetAuditContext()))
  })
})

test('it ends where it is told to', async () => {
  stop()
  await inSpan(() => expect(getWrittenContext()).toBeUndefined())
})
