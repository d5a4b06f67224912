import { runWithAuditContext } from '@indelible/core'
import { expect, test } from 'vitest'
import { readCarriedContext, writePublished, writeSchedule } from './carried-context.ts'
import { resolveContextOptions } from './job-context-options.ts'

const options = resolveContextOptions({ signingKey: 'a key of sixteen or more' })
const actor = { id: 'u_42' }
const invalid = expect.objectContaining({ code: 'AUDIT_CONTEXT_INVALID' })

test('what is signed for an event is good in every queue that has subscribed, and for no other event', () => {
  const carried = runWithAuditContext({ actor }, () => writePublished('order.paid', options)) ?? ''
  for (const queue of ['mail', 'stock']) {
    expect(readCarriedContext(carried, [{ queue }], options)).toMatchObject({
      event: 'order.paid',
      context: { actor },
    })
  }
  const renamed = carried.replace('order.paid', 'order.sent')
  expect(() => readCarriedContext(renamed, [{ queue: 'mail' }], options)).toThrow(invalid)
})

test('what is signed for a schedule is good in its queue only, and names who made it in place of an actor', () => {
  const audience = { queue: 'mail', name: 'digest' }
  const carried = runWithAuditContext({ actor, tenant: 'acme', correlationId: 'req-7' }, () =>
    writeSchedule('nightly', audience, options),
  )
  expect(readCarriedContext(carried, [audience], options)).toEqual({
    version: 1,
    schedule: 'nightly',
    context: { tenant: 'acme', metadata: { scheduledBy: actor } },
  })
  expect(() => readCarriedContext(carried, [{ ...audience, queue: 'payments' }], options)).toThrow(invalid)
})
