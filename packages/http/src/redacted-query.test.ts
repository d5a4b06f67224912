import { createRedaction } from '@indelible/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactPath, redactQuery } from './redacted-query.ts'

const names = createRedaction({ columns: ['plate'] })
const read = (query: string, limits = {}) => {
  const parsed = redactQuery(`/orders?${query}`, names, limits)
  return parsed === undefined ? undefined : JSON.parse(JSON.stringify(parsed))
}

test.each([
  ['page=2&sort=name', { page: '2', sort: 'name' }],
  ['tag=a&tag=b&tag=c', { tag: ['a', 'b', 'c'] }],
  ['q=a+b%20c&flag&empty=&x=1=2', { q: 'a b c', flag: '', empty: '', x: '1=2' }],
  ['&&a=1&', { a: '1' }],
  ['a=1#token=hunter2', { a: '1' }],
])('a query is read as forms write it: %s', (query, expected) => expect(read(query)).toEqual(expected))

test('there may be none', () => {
  expect(['/', '/?', '/?#a=1', '', '/#?a=1'].map((url) => redactQuery(url, names))).toEqual(
    Array(5).fill(undefined),
  )
})

test.each([
  'token=hunter2',
  'access_token=hunter2',
  'Api-Key=hunter2',
  'pass%77ord=hunter2',
  'user[password]=hunter2',
  'filter.passwordHash=hunter2',
  'numberPlate=hunter2',
  'page=1&token=a&token=hunter2',
  'next=%2Flogin%3Ftoken%3Dhunter2',
  'next=%252Flogin%253Ftoken%253Dhunter2',
  'url=https%3A%2F%2Fu%3Ahunter2%40host%2F',
  'token=%E0%A4hunter2',
  'password%zz=hunter2',
  'token=hunter2=&=hunter',
  '%74oken=hunter2',
])('a secret is masked, wherever it stands: %s', (query) => {
  const parsed = JSON.stringify(read(query))
  expect(parsed).not.toContain('hunter2')
  expect(parsed).toContain('[redacted]')
})

test('malformed escapes stay as they are', () => {
  expect(read('a=%&b=%zz&%E0=%C3%28')).toEqual({ a: '%', b: '%zz', '%E0': '%C3%28' })
})

test('names of members of Object are names like any other', () => {
  const query = redactQuery('/?__proto__=a&__proto__=b&constructor=c&toString=d&hasOwnProperty=e', names)
  expect(Object.entries(query ?? {})).toEqual([
    ['__proto__', ['a', 'b']],
    ['constructor', 'c'],
    ['toString', 'd'],
    ['hasOwnProperty', 'e'],
  ])
  expect(Object.getPrototypeOf(query)).toBeNull()
  expect({}).not.toHaveProperty('a')
})

test('many and long parameters are cut, and it is said', () => {
  expect(read('a=1&b=2&c=3&d=4', { count: 2 })).toEqual({ a: '1', b: '2', '[left out]': '2' })
  expect(read(`${'n'.repeat(20)}=${'v'.repeat(20)}`, { length: 10 })).toEqual({ 'nnnnnnnnn…': 'vvvvvvvvv…' })
})

test('a token that would be cut is masked before', () => {
  const token = `eyJhbGciOiJIUzI1NiJ9.${'eyJzdWIiOiIxIn0'.repeat(100)}.sig`
  expect(read(`x=${'a'.repeat(80)} ${token}`, { length: 100 })).toEqual({ x: `${'a'.repeat(80)} [redacted]` })
})

test('whatever a client sends as query, it is read, and small (property)', () => {
  const piece = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('%', '&', '=', '+', '%E0', '__proto__', '#'),
  )
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 400 }), (pieces) => {
      const text = JSON.stringify(redactQuery(`/?${pieces.join('')}`, names, { count: 5, length: 20 }) ?? {})
      expect(text.length).toBeLessThan(6 * 2 * (20 * 6 + 8))
    }),
  )
})

test('a path is masked as far as it shows its secrets, and cut', () => {
  expect(redactPath('/a/eyJhbGciOiJIUzI1NiJ9.e30.x/b', names)).toBe('/a/[redacted]/b')
  expect(redactPath('/reset/4f1c0a9b', names)).toBe('/reset/4f1c0a9b')
  expect(redactPath(`/${'a'.repeat(5000)}`, names)).toHaveLength(2000)
})
