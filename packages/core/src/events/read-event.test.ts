import { describe, expect, test } from 'vitest'
import { readEvent } from './read-event.ts'

const cycle: Record<string, unknown> = {}
cycle['self'] = { cycle }
const needle = 'hunter2'
const hostile = new Proxy({}, { ownKeys: fail, getPrototypeOf: fail, has: fail, get: fail })
const hostileList = new Proxy([1], { get: (list, key) => (key === '0' ? fail() : Reflect.get(list, key)) })
const { proxy: revoked, revoke } = Proxy.revocable({}, {})
revoke()

/** What is refused: the field that the error names, and the rest of the event. */
const refused: readonly (readonly [field: string, event: unknown])[] = [
  ['event', null],
  ['event', 'user.login'],
  ['event', [{ action: 'x' }]],
  ['action', {}],
  ['action', { action: undefined }],
  ['action', { action: '' }],
  ['action', { action: ' \n' }],
  ['action', { action: 'x'.repeat(201) }],
  ['action', { action: 7 }],
  ['metdata', { action: 'x', metdata: {} }],
  ['["hunter2 hunter2"]', { action: 'x', 'hunter2 hunter2': 1 }],
  ['outcome', { action: 'x', outcome: needle }],
  ['outcome', { action: 'x', outcome: null }],
  ['severity', { action: 'x', severity: 'fatal' }],
  ['reason', { action: 'x', reason: '' }],
  ['reason', { action: 'x', reason: needle.repeat(300) }],
  ['resource', { action: 'x', resource: '' }],
  ['resource', { action: 'x', resource: { name: needle } }],
  ['resourceId', { action: 'x', resourceId: 7 }],
  ['resourceId', { action: 'x', resource: 'Order', resourceId: [] }],
  ['resourceId', { action: 'x', resource: 'Order', resourceId: { id: needle } }],
  ['resourceId', { action: 'x', resource: 'Order', resourceId: Number.NaN }],
  ['resourceId', { action: 'x', resource: 'Order', resourceId: 2 ** 60 }],
  ['resourceId', { action: 'x', resource: 'Order', resourceId: '漢'.repeat(634) }],
  ['actor', { action: 'x', actor: needle }],
  ['actor.id', { action: 'x', actor: { id: 7 } }],
  ['actor.id', { action: 'x', actor: {} }],
  ['actor.id', { action: 'x', actor: { id: ' ' } }],
  ['actor.type', { action: 'x', actor: { id: 'u_1', type: [needle] } }],
  ['metadata', { action: 'x', metadata: [needle] }],
  ['metadata', { action: 'x', metadata: null }],
  ['event', hostile],
  ['event', revoked],
  ['event', Object.defineProperty({}, 'action', { enumerable: true, get: fail })],
  ['event', { action: 'x', resource: 'Order', resourceId: revoked }],
  ['event', { action: 'x', resource: 'Order', resourceId: hostileList }],
  ['actor', { action: 'x', actor: hostile }],
  ['metadata', { action: 'x', metadata: hostile }],
  ['metadata', { action: 'x', metadata: { list: hostileList } }],
  ['metadata', { action: 'x', metadata: { of: { deep: revoked } } }],
  ['metadata', { action: 'x', metadata: { of: Object.defineProperty({}, 'toJSON', { get: fail }) } }],
  ['metadata.longer', { action: 'x', metadata: { longer: new Array(2 ** 32 - 1) } }],
  ['metadata', { action: 'x', metadata: new Map([[needle, 1]]) }],
  ['metadata.a[1].b', { action: 'x', metadata: { a: [1, { b: () => needle }] } }],
  ['metadata.symbol', { action: 'x', metadata: { symbol: Symbol(needle) } }],
  ['metadata.ratio', { action: 'x', metadata: { ratio: Number.POSITIVE_INFINITY } }],
  ['metadata.list[0]', { action: 'x', metadata: { list: [undefined] } }],
  ['metadata.self.cycle', { action: 'x', metadata: cycle }],
  ['metadata.set', { action: 'x', metadata: { set: new Set([needle]) } }],
  ['metadata.error', { action: 'x', metadata: { error: new Error(needle) } }],
  ['metadata.bytes', { action: 'x', metadata: { bytes: Buffer.from(needle) } }],
  ['metadata.bad', { action: 'x', metadata: { bad: { toJSON: () => fail() } } }],
  ['metadata.bad', { action: 'x', metadata: { bad: { toJSON: () => ({ cycle }) } } }],
  [
    'metadata.getter',
    { action: 'x', metadata: Object.defineProperty({}, 'getter', { get: fail, enumerable: true }) },
  ],
  ['metadata.text', { action: 'x', metadata: { text: needle.repeat(20_000) } }],
  ['metadata', { action: 'x', metadata: { text: '漢'.repeat(30_000) } }],
]

function fail(): never {
  throw new Error(needle)
}

describe('an event that cannot be recorded as it is', () => {
  test.each(refused)(
    'is refused by the name of its field, %s, and its value is not repeated',
    (field, event) => {
      const error = errorOf(() => readEvent(event))
      expect(error).toMatchObject({ code: 'AUDIT_EVENT_INVALID', facts: { field } })
      // An unknown key is a name, and told.
      if (!field.startsWith('['))
        expect(JSON.stringify([error.message, error.facts, error.cause])).not.toContain(needle)
    },
  )

  test('is refused where it is nested without end, before the stack is', () => {
    let metadata: Record<string, unknown> = {}
    for (let depth = 0; depth < 100_000; depth += 1) metadata = { inner: metadata }
    expect(errorOf(() => readEvent({ action: 'x', metadata }))).toMatchObject({ code: 'AUDIT_EVENT_INVALID' })
  })
})

describe('an event that can be recorded', () => {
  test('has an outcome, and a severity that follows from it', () => {
    expect(readEvent({ action: 'x' })).toEqual({ action: 'x', outcome: 'success', severity: 'success' })
    expect(readEvent({ action: 'x', outcome: 'failure' })).toMatchObject({ severity: 'error' })
    expect(readEvent({ action: 'x', outcome: 'denied' })).toMatchObject({ severity: 'warning' })
    expect(readEvent({ action: 'x', outcome: 'denied', severity: 'info' })).toMatchObject({
      severity: 'info',
    })
  })

  test.each([
    [7, '7'],
    [2n ** 60n, '1152921504606846976'],
    ['a', 'a'],
    [['eu', 7], '["eu","7"]'],
    [[7], '7'],
  ])('has the key %s as entries hold it: %s', (resourceId, rowKey) => {
    expect(readEvent({ action: 'x', resource: 'Order', resourceId })).toMatchObject({ rowKey })
  })

  test('has metadata as JSON says them: dates and decimals as text, bigints by their digits, undefined left out', () => {
    const at = new Date('2026-11-22T10:00:00Z')
    const metadata = {
      at,
      big: 2n ** 70n,
      nothing: undefined,
      none: null,
      price: { toJSON: () => '9.90' },
      twice: [at, at],
    }
    expect(readEvent({ action: 'x', metadata }).metadata).toEqual({
      at: '2026-11-22T10:00:00.000Z',
      big: '1180591620717411303424',
      none: null,
      price: '9.90',
      twice: ['2026-11-22T10:00:00.000Z', '2026-11-22T10:00:00.000Z'],
    })
  })

  test('is a copy: later changes of the original change nothing', () => {
    const metadata = { list: [1] }
    const read = readEvent({ action: 'x', metadata })
    metadata.list.push(2)
    expect(read.metadata).toEqual({ list: [1] })
  })

  test('keeps __proto__ and constructor as the keys that they are, and no prototype changes', () => {
    const metadata = JSON.parse('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}')
    const read = readEvent({ action: 'x', metadata })
    expect(JSON.stringify(read.metadata)).toBe(JSON.stringify(metadata))
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined()
    expect((read.metadata as { isAdmin?: boolean }).isAdmin).toBeUndefined()
  })

  test('has no character that PostgreSQL cannot store', () => {
    const read = readEvent({
      action: 'a\u0000b',
      reason: '\ud800',
      resource: 'r\u0000',
      resourceId: '\udfff',
    })
    expect(read).toMatchObject({
      action: 'a\ufffdb',
      reason: '\ufffd',
      resource: 'r\ufffd',
      rowKey: '\ufffd',
    })
  })
})

function errorOf(work: () => unknown): Error & { readonly facts?: unknown } {
  try {
    work()
  } catch (error) {
    if (error instanceof Error) return error
  }
  throw new Error('nothing was thrown')
}
