import { type AuditContext, getAuditContext, runWithAuditContext } from '@indelible/core'
import { expect, test } from 'vitest'
import type { JobContextOptions, JobRunOptions } from './job-context-options.ts'
import { type JobFacts, runInJobContext } from './run-in-job-context.ts'
import { writeJobContext } from './write-job-context.ts'

const request: AuditContext = { actor: { id: 'u_42', type: 'user' }, correlationId: 'req-7', tenant: 'acme' }
const job = { queue: 'mail', name: 'welcome', id: '7' }
const key = 'a key of sixteen or more'

const write = (context: AuditContext = request, options: JobContextOptions = {}) =>
  runWithAuditContext(context, () => writeJobContext(job, options))
const contextIn = (facts: Partial<JobFacts>, options: JobRunOptions = {}) =>
  runInJobContext({ ...job, ...facts }, getAuditContext, options)
function cycle(): Readonly<Record<string, unknown>> {
  const metadata: Record<string, unknown> = {}
  return Object.assign(metadata, { metadata })
}

const snapshot = (fields: object) => `1..${JSON.stringify({ version: 1, ...fields })}`

test('the context of a request arrives, with what the job is, and nothing of where it runs', () => {
  const context = write({ ...request, metadata: { cart: 3, queue: 'mine' } })
  const inside = runWithAuditContext({ actor: { id: 'boot' }, reason: 'boot' }, () =>
    contextIn({ context, attempt: 2 }),
  )
  expect(inside).toEqual({
    ...request,
    metadata: { cart: 3, source: 'job', queue: 'mail', job: '7', jobName: 'welcome', attempt: 2 },
  })
})

test('outside a context nothing is carried, and the job is nobody’s', () => {
  expect(writeJobContext(job)).toBeUndefined()
  expect(contextIn({})).toEqual({ correlationId: 'mail:7', metadata: expect.objectContaining({ job: '7' }) })
})

test('an anonymous request stays anonymous: the given actor is for what nobody asked for', () => {
  const actor = { id: 'service' }
  expect(contextIn({ context: write({ tenant: 'acme' }) }, { actor }).actor).toBeUndefined()
  expect(contextIn({}, { actor }).actor).toEqual(actor)
  const scheduled = snapshot({ schedule: 'nightly', context: {} })
  expect(contextIn({ context: scheduled }, { actor }).actor).toEqual(actor)
  expect(contextIn({ context: scheduled }).actor).toEqual({ id: 'mail', type: 'service' })
})

test('a missing context is refused where it is asked for, before the work begins', () => {
  let ran = false
  const work = () => {
    ran = true
  }
  expect(() => runInJobContext(job, work, { onMissingContext: 'reject' })).toThrow(
    expect.objectContaining({ code: 'AUDIT_CONTEXT_MISSING' }),
  )
  expect(ran).toBe(false)
})

test.each([
  ['no text', { version: 1, context: request }],
  ['null', null],
  ['empty', ''],
  ['another version', `2..${JSON.stringify({ version: 1, context: request })}`],
  ['another version inside', snapshot({ version: 2, context: request })],
  ['no JSON', '1..{"version":1,}'],
  ['no context', snapshot({})],
  ['an actor without an id', snapshot({ context: { actor: { name: 'root' } } })],
  ['an actor that is no object', snapshot({ context: { actor: 'root' } })],
  ['a tenant that is no text', snapshot({ context: { tenant: { id: 1 } } })],
  ['metadata that is no object', snapshot({ context: { metadata: [1] } })],
  ['a schedule that is no text', snapshot({ context: {}, schedule: {} })],
  ['too long', snapshot({ context: { tenant: 'x'.repeat(20_000) } })],
  ['too deep', snapshot({ context: { metadata: { a: JSON.parse('['.repeat(99) + ']'.repeat(99)) } } })],
])('a malformed context fails the job, or leaves it anonymous: %s', (_, context) => {
  expect(() => contextIn({ context })).toThrow(expect.objectContaining({ code: 'AUDIT_CONTEXT_INVALID' }))
  const anonymous = contextIn({ context }, { onInvalidContext: 'anonymous', actor: { id: 'service' } })
  expect(anonymous).not.toHaveProperty('actor')
  expect(anonymous.metadata).toMatchObject({ invalidContext: expect.any(String), source: 'job' })
  expect(JSON.stringify(anonymous)).not.toContain('root')
})

test('a forged context reaches no prototype', () => {
  const context = `1..{"version":1,"context":{"metadata":{"__proto__":{"admin":true}},"__proto__":{"actor":{"id":"root"}}}}`
  const inside = contextIn({ context })
  expect(inside.actor).toBeUndefined()
  expect(Reflect.get(inside.metadata ?? {}, 'admin')).toBeUndefined()
  expect(Reflect.get({}, 'admin')).toBeUndefined()
})

test('a signed context is good with its key, for its queue and its kind of job', () => {
  const context = write(request, { signingKey: key }) ?? ''
  const options = { signingKey: key }
  expect(contextIn({ context }, options).actor).toEqual(request.actor)
  expect(contextIn({ context }).actor).toEqual(request.actor)
  expect(contextIn({ context, queue: 'dead', earlierQueues: ['mail'] }, options).actor).toEqual(request.actor)
  const [version, signature, ...text] = context.split('.')
  for (const forged of [
    { context: write() },
    { context: context.replace('u_42', 'u_43') },
    { context: [version, '', ...text].join('.') },
    { context: [version, signature?.slice(1), ...text].join('.') },
    { context: write(request, { signingKey: key.toUpperCase() }) },
    { context, queue: 'payments' },
    { context, name: 'goodbye' },
    { context, name: undefined },
  ]) {
    expect(() => contextIn(forged, options), JSON.stringify(forged)).toThrow(
      expect.objectContaining({ code: 'AUDIT_CONTEXT_INVALID' }),
    )
  }
})

test('keys are changed one by one: the first signs, each verifies', () => {
  const [old, fresh] = [key, `${key}, newer`]
  const both = { signingKey: [fresh, old] }
  expect(contextIn({ context: write(request, { signingKey: old }) }, both).actor).toEqual(request.actor)
  expect(contextIn({ context: write(request, both) }, { signingKey: fresh }).actor).toEqual(request.actor)
  expect(() => contextIn({ context: write(request, both) }, { signingKey: old })).toThrow(
    /not signed by a key of ours/,
  )
})

test('a context that is too long loses what is said beside it, never who and for whom', () => {
  const long = { ...request, metadata: { note: 'x'.repeat(20_000) }, request: { path: '/' } }
  const inside = contextIn({ context: write(long) })
  expect(inside).toMatchObject({
    ...request,
    metadata: { leftOut: expect.stringMatching(/request and metadata/) },
  })
  expect(inside).not.toHaveProperty('request')
  expect(() => write({ ...request, reason: 'x'.repeat(20_000) })).toThrow(
    expect.objectContaining({ code: 'AUDIT_CONTEXT_INVALID' }),
  )
})

test.each([
  ['long', { note: 'x'.repeat(300_000) }],
  ['deep', JSON.parse(`${'{"a":'.repeat(70)}1${'}'.repeat(70)}`)],
  ['cyclic', cycle()],
])('metadata too %s for any snapshot stay behind, and who and for whom travel', (_, metadata) => {
  const inside = contextIn({ context: write({ ...request, metadata, request: { path: '/' } }) })
  expect(inside).toMatchObject({
    ...request,
    metadata: { leftOut: expect.stringMatching(/request and metadata/) },
  })
  expect(inside).not.toHaveProperty('request')
  const tooLong = { ...request, reason: 'x'.repeat(300_000), metadata }
  expect(() => write(tooLong)).toThrow(expect.objectContaining({ code: 'AUDIT_CONTEXT_INVALID' }))
})

test('secrets are masked before they travel, by names of one’s own as well', () => {
  const context = { metadata: { password: 'hunter2', shoeSize: '43' } }
  expect(write(context)).not.toContain('hunter2')
  expect(write(context, { redact: { columns: ['shoeSize'] } })).not.toContain('43')
})

test.each([
  [{ signingkey: key }, 'signingkey'],
  [{ signingKey: 'short' }, 'signingKey'],
  [{ signingKey: [key, 5] }, 'signingKey'],
  [{ signingKey: [] }, 'signingKey'],
  [{ signingKey: '' }, 'signingKey'],
  [{ signingKey: null }, 'signingKey'],
  [{ redact: { column: ['shoeSize'] } }, 'redact.column'],
  [{ redact: { columns: 'shoeSize' } }, 'redact.columns'],
  [{ longestContext: 0 }, 'longestContext'],
  [{ onMissingContext: 'throw' }, 'onMissingContext'],
  [{ onInvalidContext: 'allow' }, 'onInvalidContext'],
  [{ actor: 'service' }, 'actor'],
  [{ actor: { id: ' ' } }, 'actor'],
])('a wrong option is named: %j', (options, option) => {
  expect(() => contextIn({}, options as JobRunOptions)).toThrow(
    expect.objectContaining({ code: 'AUDIT_OPTION_INVALID', facts: { option } }),
  )
})
