import { type AuditContext, getAuditContext, runWithAuditContext } from '@indelible/core'
import { expect, test } from 'vitest'
import { auditFlowProducer, auditQueue } from './audit-queue.ts'
import type { JobContextOptions } from './job-context-options.ts'
import { runInJobContext } from './run-in-job-context.ts'

const signingKey = 'a key of sixteen or more'
const refused = (option: string) =>
  expect.objectContaining({ code: 'AUDIT_OPTION_INVALID', facts: { option } })

type Audit = (queue: ReturnType<typeof createQueue>, options?: JobContextOptions) => typeof queue

/** What any queue of BullMQ has; it tells the options that reach it. */
function createQueue() {
  const add = async (_name: string, _data: unknown, opts?: object) => opts
  return { name: 'mail', add, addBulk: async () => undefined }
}

async function repeatedOn(queue: ReturnType<typeof createQueue>): Promise<AuditContext> {
  const opts = await runWithAuditContext({ actor: { id: 'u_42' } }, () =>
    auditQueue(queue).add('digest', {}, { repeat: { every: 1000 } }),
  )
  const context: unknown = Reflect.get(opts ?? {}, 'indelible')
  return runInJobContext({ context, queue: 'mail', name: 'digest' }, getAuditContext)
}

test('a job with `repeat` acts as the service where it repeats, in BullMQ 5, and else as who added it', async () => {
  expect(await repeatedOn(Object.assign(createQueue(), { repeat: {} }))).toMatchObject({
    actor: { id: 'mail', type: 'service' },
    metadata: { schedule: 'digest', scheduledBy: { id: 'u_42' } },
  })
  const once = await repeatedOn(createQueue())
  expect(once.actor).toEqual({ id: 'u_42' })
  expect(once.metadata).not.toHaveProperty('schedule')
})

test('audited again with the same options it is left alone, with others it is refused: a key must not get lost', () => {
  for (const audit of [auditQueue, auditFlowProducer] as readonly Audit[]) {
    const unsigned = createQueue()
    expect(audit(unsigned)).toBe(unsigned)
    expect(audit(unsigned, {})).toBe(unsigned)
    expect(() => audit(unsigned, { signingKey })).toThrow(refused('options'))
    const signed = audit(createQueue(), { signingKey: [signingKey], redact: { columns: ['iban'] } })
    expect(audit(signed, { signingKey: [signingKey], redact: { columns: ['iban'] } })).toBe(signed)
    expect(() => audit(signed)).toThrow(refused('options'))
  }
})

test.each([
  [{ redact: { column: ['iban'] } }, 'redact.column'],
  [{ signingKey: [] }, 'signingKey'],
])('a wrong option fails before anything is added: %j', (options, option) => {
  expect(() => auditQueue(createQueue(), options as JobContextOptions)).toThrow(refused(option))
})
