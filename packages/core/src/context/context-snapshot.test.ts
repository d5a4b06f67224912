import { expect, test } from 'vitest'
import { runWithAuditContext, tryGetAuditContext } from './audit-context.ts'
import { captureAuditContext, restoreAuditContext } from './context-snapshot.ts'

const full = {
  actor: { id: 'u_42', type: 'user', authMethod: 'jwt', roles: ['admin'] },
  correlationId: 'req-7',
  tenant: 'acme',
  action: 'order.refund',
  reason: 'because',
  request: { method: 'POST', query: { page: '2' } },
  metadata: { depth: { a: [1, null, true] } },
}
const invalid = expect.objectContaining({ name: 'AuditError', code: 'AUDIT_CONTEXT_INVALID' })
const capture = (context: object) => runWithAuditContext(context, () => captureAuditContext())
const restore = (snapshot: unknown) => restoreAuditContext(snapshot, () => tryGetAuditContext())
const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

test('a context comes back as it was, through JSON', () => {
  const snapshot = capture(full)
  expect(snapshot).toEqual({ version: 1, context: full })
  expect(restore(throughJson(snapshot))).toEqual(full)
  expect(restore(structuredClone(snapshot))).toEqual(full)
})

test('outside any context there is nothing to take along, and restoring that runs without one', () => {
  expect(captureAuditContext()).toBeUndefined()
  expect(runWithAuditContext(full, () => restore(undefined))).toBeUndefined()
})

test('the restored context inherits nothing from the running one, and ends with its scope', () => {
  const snapshot = capture({ actor: { id: 'of the request' } })
  void runWithAuditContext({ tenant: 'of the worker', metadata: { worker: 1 } }, () => {
    expect(restore(snapshot)).toEqual({ actor: { id: 'of the request' } })
    expect(tryGetAuditContext()).toEqual({ tenant: 'of the worker', metadata: { worker: 1 } })
  })
})

test('inside a restored context others nest as ever', () => {
  const inner = restoreAuditContext(capture(full), () =>
    runWithAuditContext({ metadata: { queue: 'mail' } }, () => tryGetAuditContext()),
  )
  expect(inner).toEqual({ ...full, metadata: { ...full.metadata, queue: 'mail' } })
})

test('a lazy promise is started inside the restored context', async () => {
  let seen: unknown
  const lazy = {
    // biome-ignore lint/suspicious/noThenProperty: this is what a lazy promise is.
    then: (done: (value: string) => void) => {
      seen = tryGetAuditContext()
      done('done')
    },
  }
  expect(await restoreAuditContext(capture(full), () => lazy as PromiseLike<string>)).toBe('done')
  expect(seen).toEqual(full)
})

test('secrets are masked before they leave the process', () => {
  const request = { headers: { authorization: 'Bearer s3cr3t' }, body: { card: { number: 's3cr3t' } } }
  const metadata = { password: 's3cr3t', list: [{ apiKey: 's3cr3t' }], iban: 'DE-s3cr3t' }
  const taken = runWithAuditContext({ actor: { id: 'u', token: 's3cr3t' }, request, metadata }, () =>
    captureAuditContext({ redact: { columns: ['iban'] } }),
  )
  expect(JSON.stringify(taken)).not.toContain('s3cr3t')
  expect(taken?.context.metadata).toEqual({
    password: '[redacted]',
    list: [{ apiKey: '[redacted]' }],
    iban: '[redacted]',
  })
})

test('what JSON cannot say becomes what an entry would hold', () => {
  const metadata = { big: 2n ** 70n, at: new Date(0), nothing: undefined, f: () => 1, nan: Number.NaN }
  expect(capture({ metadata })?.context.metadata).toEqual({
    big: '1180591620717411303424',
    at: '1970-01-01T00:00:00.000Z',
    nan: null,
  })
})

test.each([
  ['a text', '{"version":1}'],
  ['null', null],
  ['a list', [1]],
  ['a context without its version', full],
  ['a version of later', { version: 2, context: full }],
  ['a version as text', { version: '1', context: full }],
  ['no context', { version: 1 }],
  ['a context that is a list', { version: 1, context: [] }],
  ['an actor that is a text', { version: 1, context: { actor: 'u_42' } }],
  ['an actor without an id', { version: 1, context: { actor: { type: 'user' } } }],
  ['an actor id that is a number', { version: 1, context: { actor: { id: 42 } } }],
  ['a tenant that is an object', { version: 1, context: { tenant: { id: 1 } } }],
  ['metadata that is a text', { version: 1, context: { metadata: 'x' } }],
  ['a request that is a list', { version: 1, context: { request: [] } }],
  ['a function', { version: 1, context: { metadata: { f: () => 1 } } }],
  ['a Map', { version: 1, context: { metadata: new Map() } }],
  ['a number that JSON has not', { version: 1, context: { metadata: { n: Number.NaN } } }],
])('%s is refused, and nothing runs', (_, snapshot) => {
  let ran = false
  const run = () => restoreAuditContext(snapshot, () => (ran = true))
  expect(run).toThrow(invalid)
  expect(ran).toBe(false)
})

test('a snapshot that is too large or too deep is refused on both sides, without repeating it', () => {
  const nested = (levels: number) => JSON.parse(`${'{"s3cr3t":'.repeat(levels)}1${'}'.repeat(levels)}`)
  for (const metadata of [{ text: 's3cr3t'.repeat(50_000) }, { list: Array(300_000).fill(1) }, nested(100)]) {
    expect(() => capture({ metadata })).toThrow(invalid)
    expect(() => restore({ version: 1, context: { metadata } })).toThrow(invalid)
    expect(() => restore({ version: 1, context: { metadata } })).not.toThrow(/s3cr3t/)
  }
  expect(() => restore({ version: 1, context: { metadata: nested(5000) } })).toThrow(invalid)
  expect(restore(capture({ metadata: { text: 'x'.repeat(250_000) } }))).toBeDefined()
})

test.each([
  ['a getter that throws', Object.defineProperty({}, 'detail', { enumerable: true, get: fail })],
  ['a proxy that throws', new Proxy({}, { ownKeys: fail })],
  ['an array that claims to be longer than memory', new Array(2 ** 32 - 1)],
  ['an array with holes', Object.assign([], { 1: 1 })],
])('a snapshot with %s is refused before work runs', (_, metadata) => {
  const work = () => expect.unreachable()
  const snapshot = { version: 1, context: { metadata: { metadata } } }
  expect(() => restoreAuditContext(snapshot, work)).toThrow(
    expect.objectContaining({
      code: 'AUDIT_CONTEXT_INVALID',
      message: expect.not.stringContaining('hunter2'),
    }),
  )
})

function fail(): never {
  throw new Error('hunter2')
}

test('a context with a cycle is refused when it is to leave', () => {
  const metadata: Record<string, unknown> = {}
  metadata['self'] = metadata
  expect(() => capture({ metadata })).toThrow(invalid)
})

test('keys that name a prototype stay plain data', () => {
  const text =
    '{"version":1,"context":{"__proto__":{"polluted":1},"constructor":"x","metadata":{"__proto__":{"polluted":1}}}}'
  const context = restore(JSON.parse(text))
  const merged = restoreAuditContext(JSON.parse(text), () =>
    runWithAuditContext({ metadata: { a: 1 } }, () => captureAuditContext()?.context),
  )
  for (const found of [context, merged]) {
    expect(found).not.toHaveProperty('polluted')
    expect(Object.getPrototypeOf(found?.metadata)).toBe(Object.prototype)
    expect(found?.metadata).not.toHaveProperty('polluted')
    expect(JSON.stringify(found)).toContain('"__proto__":{"polluted":1}')
  }
  expect({}).not.toHaveProperty('polluted')
})

test('what is restored can be changed by nobody', () => {
  const snapshot = { version: 1, context: { actor: { id: 'u' }, metadata: { list: [1] } } }
  const context = restore(snapshot)
  snapshot.context.actor.id = 'forged'
  expect(context?.actor?.id).toBe('u')
  expect(Object.isFrozen(context?.metadata)).toBe(true)
})
