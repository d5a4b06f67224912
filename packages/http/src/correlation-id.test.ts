import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { resolveCorrelationId } from './correlation-id.ts'

const trace = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', parentId: '00f067aa0ba902b7' }
const traceparent = `00-${trace.traceId}-${trace.parentId}-01`
const generate = () => 'new'
const find = (headers: Record<string, string | string[]>, options = {}) =>
  resolveCorrelationId({ headers }, { generate, ...options })

describe('the order', () => {
  test('traceparent comes first, and its trace is told', () => {
    expect(find({ traceparent, 'x-request-id': 'r' })).toEqual({ correlationId: trace.traceId, trace })
  })

  test('then x-request-id, then x-correlation-id', () => {
    expect(find({ 'x-correlation-id': 'c', 'x-request-id': 'r' })).toEqual({ correlationId: 'r' })
    expect(find({ 'x-correlation-id': 'c' })).toEqual({ correlationId: 'c' })
  })

  test('own headers replace these, in any case, and the trace is told though another id wins', () => {
    expect(find({ 'x-request-id': 'r', 'x-job': 'j' }, { headers: ['X-Job'] })).toEqual({
      correlationId: 'j',
    })
    expect(find({ 'x-job': 'j', traceparent }, { headers: ['x-job', 'traceparent'] })).toEqual({
      correlationId: 'j',
      trace,
    })
  })

  test('without trust each request has a new id', () => {
    expect(find({ traceparent, 'x-request-id': 'r' }, { trust: false })).toEqual({ correlationId: 'new' })
  })

  test('a new id is a UUID unless told otherwise', () => {
    const ids = [1, 2].map(() => resolveCorrelationId({ headers: {} }).correlationId)
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    expect(ids[0]).not.toBe(ids[1])
  })
})

test.each([
  'a',
  'x'.repeat(128),
  '7f2c1e0a-1b1c-4d5e-8f90-123456789abc',
  'Root=1-67891233-abcdef012345678912345678',
  'req:7/a+b@c.d~e_f',
])('an id is believed: %s', (id) => expect(find({ 'x-request-id': id }).correlationId).toBe(id))

test.each([
  '',
  ' ',
  'x'.repeat(129),
  'a b',
  'a,b',
  'a\r\nset-cookie: a=b',
  'a\n',
  'a\u0000',
  'a\tb',
  'é',
  'a\u202eb',
  '<script>',
  '"quoted"',
  "a'b",
  '$(id)',
  '%0d%0a',
  'a;b',
])('what is no id is not believed: %j', (id) => {
  expect(find({ 'x-request-id': id }).correlationId).toBe('new')
  expect(find({ 'x-request-id': id, 'x-correlation-id': 'c' }).correlationId).toBe('c')
})

test('several values are not believed, a list of one is', () => {
  expect(find({ 'x-request-id': ['a', 'b'], traceparent: [traceparent, traceparent] })).toEqual({
    correlationId: 'new',
  })
  expect(find({ 'x-request-id': ['a'] }).correlationId).toBe('a')
})

test.each([
  `ff-${trace.traceId}-${trace.parentId}-01`,
  `00-${'0'.repeat(32)}-${trace.parentId}-01`,
  `00-${trace.traceId}-${'0'.repeat(16)}-01`,
  `00-${trace.traceId.toUpperCase()}-${trace.parentId}-01`,
  `00-${trace.traceId}-${trace.parentId}-01-extra`,
  `00-${trace.traceId}-${trace.parentId}-1`,
  `00-${trace.traceId}-${trace.parentId}`,
  `0-${trace.traceId}-${trace.parentId}-01`,
  `00-${trace.traceId.slice(1)}-${trace.parentId}-01`,
  `01-${trace.traceId}-${trace.parentId}-01more`,
  `${traceparent} `,
  `${traceparent}\n`,
  `${traceparent},${traceparent}`,
])('a malformed traceparent is no trace: %j', (value) => {
  expect(find({ traceparent: value })).toEqual({ correlationId: 'new' })
})

test('a traceparent of a later version may have more fields', () => {
  expect(find({ traceparent: `01-${trace.traceId}-${trace.parentId}-01-more` }).trace).toEqual(trace)
})

test('whatever the headers hold, the id is safe to send back', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ maxLength: 300 }))
  fc.assert(
    fc.property(text, text, text, (a, b, c) => {
      const { correlationId } = find({ traceparent: a, 'x-request-id': b, 'x-correlation-id': [c] })
      expect(correlationId).toMatch(/^[\w.:@/+=~-]{1,128}$/)
    }),
  )
})

test('a token in the header of an id is no id', () => {
  for (const token of [
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
    'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.',
  ])
    expect(find({ 'x-request-id': token })).toEqual({ correlationId: 'new' })
  expect(find({ 'x-request-id': 'eyJ-7' })).toEqual({ correlationId: 'eyJ-7' })
})
