import { type AuditEvents, createAuditEvents, type RecordedEvent } from '@indelible/core'
import type { Audit } from '@indelible/prisma'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import * as v from 'valibot'
import { expectTypeOf } from 'vitest'
import { z } from 'zod'
import type { EventSchema } from '../../packages/core/src/events/event-schema.ts'

// A failure here means that our description has drifted from the standard.
expectTypeOf<StandardSchemaV1<{ id: number }, { id: string }>>().toExtend<
  EventSchema<{ id: number }, { id: string }>
>()

declare const audit: Audit

const events = createAuditEvents(audit, {
  'user.login': z.object({ method: z.enum(['password', 'passkey']), at: z.coerce.date().optional() }),
  'order.export': v.object({ rows: v.pipe(v.string(), v.transform(Number)) }),
  'order.refund': type({ amount: 'number', 'note?': 'string' }),
  'system.start': z.undefined(),
})

// The callers write no type argument, and the type of the metadata is what the validator takes, not what it makes.
expectTypeOf(
  events.record({ action: 'user.login', actor: { id: 'u_42' }, metadata: { method: 'passkey' } }),
).toEqualTypeOf<Promise<RecordedEvent>>()
events.record({ action: 'order.export', metadata: { rows: '12' }, resource: 'Order' }, { transaction: {} })
events.record({ action: 'order.refund', metadata: { amount: 9.9 }, outcome: 'denied' })
events.record({ action: 'system.start' })

// @ts-expect-error An action that nobody knows.
events.record({ action: 'user.logout', metadata: {} })
// @ts-expect-error Metadata of another action.
events.record({ action: 'order.refund', metadata: { method: 'passkey' } })
// @ts-expect-error What the validator makes is not what it takes.
events.record({ action: 'order.export', metadata: { rows: 12 } })
// @ts-expect-error Metadata that the action needs.
events.record({ action: 'user.login' })
// @ts-expect-error A misspelt field.
events.record({ action: 'system.start', outcom: 'denied' })
// @ts-expect-error An outcome that there is not.
events.record({ action: 'system.start', outcome: 'refused' })
// @ts-expect-error An event without an action.
audit.record({ resource: 'Order' })
// @ts-expect-error What is no Standard Schema.
createAuditEvents(audit, { 'user.login': { parse: () => ({}) } })

expectTypeOf(events).toExtend<AuditEvents<never> | object>()
