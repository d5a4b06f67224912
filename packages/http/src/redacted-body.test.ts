import { Readable } from 'node:stream'
import { createRedaction } from '@indelible/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactBody } from './redacted-body.ts'

const { isSecret } = createRedaction()
const take = (body: unknown, options = {}) => {
  const taken = redactBody(body, { isSecret, ...options })
  return taken === undefined ? undefined : JSON.parse(JSON.stringify(taken))
}

test('a JSON body is copied', () => {
  const body = { a: 1, b: [true, null, 'text', { c: -1.5 }], d: {} }
  expect(take(body)).toEqual(body)
  expect(take([1, 2])).toEqual([1, 2])
  expect(take({ big: 5n, none: undefined, nan: Number.NaN })).toEqual({
    big: '5',
    none: '[left out]',
    nan: null,
  })
})

test('secrets are masked at any depth, by name, and where they show themselves', () => {
  const body = {
    password: 'hunter2',
    user: { apiKey: { id: 'hunter2' }, tokens: ['hunter2'], token: null },
    list: [{ cvv: 123_456_789 }],
    note: 'see https://u:hunter2@host/?token=hunter2',
    json: '{"password":"hunter2","open":"shown"}',
    deep: '[{"json":"{\\"secret\\":\\"hunter2\\"}"}]',
    'password=hunter2': 1,
    broken: '{"password":"hunter2"',
  }
  const text = JSON.stringify(take(body))
  expect(text).not.toMatch(/hunter2|123456789/)
  expect(take(body)).toMatchObject({
    user: { apiKey: '[redacted]', tokens: '[redacted]', token: null },
    json: '{"password":"[redacted]","open":"shown"}',
  })
})

class Upload {
  data = Buffer.from('x')
}

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a text', '{"a":1}'],
  ['a number', 5],
  ['a buffer', Buffer.from('a')],
  ['bytes', new Uint8Array(3)],
  ['a stream', Readable.from(['a'])],
  ['a web stream', new ReadableStream()],
  ['a form', new FormData()],
  ['a file', new Blob(['a'])],
  ['a map', new Map([['a', 1]])],
  ['a date', new Date(0)],
  ['an instance', new Upload()],
  ['a proxy', new Proxy({}, {})],
  ['a function', () => 1],
])('%s is no body to keep, and is left out inside of one', (_, value) => {
  expect(take(value)).toBeUndefined()
  if (typeof value === 'object' && value !== null) expect(take({ value })).toEqual({ value: '[left out]' })
})

test('no getter and no toJSON of the body runs', () => {
  let runs = 0
  const run = () => {
    runs += 1
    return 'ran'
  }
  const body = Object.defineProperty(
    { toJSON: run, list: Object.defineProperty([0], 0, { get: run }) },
    'trap',
    {
      get: run,
      enumerable: true,
    },
  )
  expect(take(body)).toEqual({ toJSON: '[left out]', list: ['[left out]'], trap: '[left out]' })
  expect(runs).toBe(0)
})

test('a body cannot reach the prototype of anything', () => {
  const body = JSON.parse(
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":[{"__proto__":[]}]}',
  )
  const taken = redactBody(body, { isSecret })
  expect(Object.keys(taken as object)).toEqual(['__proto__', 'constructor', 'a'])
  expect(Object.getPrototypeOf(taken)).toBeNull()
  expect({}).not.toHaveProperty('polluted')
  expect(JSON.stringify(taken)).toBe(JSON.stringify(body))
})

test('cycles and depth end', () => {
  const body: Record<string, unknown> = { a: 1 }
  body['self'] = { body }
  expect(take(body)).toEqual({ a: 1, self: { body: '[left out]' } })
  let deep: unknown = 'end'
  for (let level = 0; level < 100_000; level += 1) deep = [deep]
  expect(JSON.stringify(take(deep))).toBe('[[[[[[[[[["[left out]"]]]]]]]]]]')
  const shared = { b: 1 }
  expect(take({ one: shared, two: shared })).toEqual({ one: { b: 1 }, two: { b: 1 } })
})

test('a huge body is cut early, and it is said', () => {
  const started = performance.now()
  const huge = { items: Array.from({ length: 1_000_000 }, () => ({ text: 'x'.repeat(10) })), text: 'y' }
  const built = performance.now()
  expect(JSON.stringify(take(huge, { maxBytes: 200 }))).toMatch(/\[left out\]/)
  expect(JSON.stringify(take({ text: 'x'.repeat(10_000_000), b: 1 }))).toMatch(/^\{"text":"x+…".{0,25}\}$/)
  expect(JSON.stringify(take({ text: `{${'x'.repeat(10_000_000)}` }))).toBe('{"text":"[left out]"}')
  expect(performance.now() - built).toBeLessThan(1000 + built - started)
})

test('no body is longer than its limit, and none holds a secret (property)', () => {
  const secret = 'hunter2'
  const value = fc.letrec((tie) => ({
    any: fc.oneof(fc.jsonValue(), fc.constant({ password: secret }), tie('list'), tie('record')),
    list: fc.array(tie('any'), { maxLength: 5 }),
    record: fc.dictionary(fc.oneof(fc.string(), fc.constant('__proto__')), tie('any'), { maxKeys: 5 }),
  }))
  fc.assert(
    fc.property(fc.oneof(value.list, value.record), fc.integer({ min: 64, max: 400 }), (body, maxBytes) => {
      const text = JSON.stringify(redactBody(body, { isSecret, maxBytes }))
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes)
      expect(text).not.toContain(secret)
    }),
  )
})

test('the value of a pair that names a secret is masked', () => {
  const body = [
    { name: 'password', value: 'hunter2' },
    { key: 'apiKey', values: ['hunter2'] },
    { op: 'replace', path: '/user/password', value: 'hunter2' },
    { field: 'token', value: null },
    { name: 'colour', value: 'red', path: '/colours/1' },
    { name: 'password', label: 'Password' },
  ]
  expect(take(body)).toEqual([
    { name: 'password', value: '[redacted]' },
    { key: 'apiKey', values: '[redacted]' },
    { op: 'replace', path: '/user/password', value: '[redacted]' },
    ...body.slice(3),
  ])
})
