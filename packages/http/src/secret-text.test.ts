import { createRedaction } from '@indelible/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutText, maskSecretText } from './secret-text.ts'

const names = createRedaction()
const token = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'

test.each([
  [`see ${token}!`, 'see [redacted]!'],
  [token.slice(0, 40), '[redacted]'],
  [`/reset/${token}`, '/reset/[redacted]'],
  ['postgres://app:hunter2@db/shop', 'postgres://[redacted]@db/shop'],
  ['Bearer 0123456789abcdef', 'Bearer [redacted]'],
  ['basic dXNlcjpodW50ZXIy0=', 'basic [redacted]'],
  ['/cb?token=hunter2&page=2', '/cb?token=[redacted]&page=2'],
  ['/a;session_id=hunter2/b', '/a;session_id=[redacted]'],
  ['pass%77ord=hunter2', 'pass%77ord=[redacted]'],
  ['/login%3Ftoken%3Dhunter2', '/login?token=[redacted]'],
  [
    'mutation { login(email: "ada", password: "hunter2 \\" hunter2") }',
    'mutation { login(email: "ada", password: [redacted]) }',
  ],
  [
    'mutation { login(password: """hunter2 "and" 2""") { id } }',
    'mutation { login(password: [redacted]) { id } }',
  ],
  ['{ "apiKey" : "hunter2", "page": "2" }', '{ "apiKey" : [redacted], "page": "2" }'],
  ["secret='hunter2 2' x", 'secret=[redacted] x'],
  ['cut off: password: "hunter', 'cut off: password: [redacted]'],
  ['%252Flogin%253Ftoken%253Dhunter2', '/login?token=[redacted]'],
])('what shows itself as a secret is masked: %s', (text, shown) =>
  expect(maskSecretText(text, names)).toBe(shown),
)

test.each([
  '',
  'a basic idea',
  'bearer of news',
  'page=2&sort=name',
  'query { orders(status: "PAID") { id } }',
  '/orders/5',
  'a@b.example',
  '100%',
  '%E0%A4%A',
  'x%20y',
])('all else stays as it is: %s', (text) => expect(maskSecretText(text, names)).toBe(text))

test('masking takes time in proportion to the text', () => {
  const pieces = [
    'eyJ',
    'eyJ-',
    'eyJa.',
    '://',
    '://a',
    'a=',
    'Basic ',
    'Basic 1',
    '%25',
    '25',
    'a',
    '[',
    'token=',
  ]
  for (const piece of pieces) {
    const text = `%${piece.repeat(16_384 / piece.length)}`
    const started = performance.now()
    maskSecretText(text, names)
    expect(performance.now() - started, piece).toBeLessThan(500)
  }
})

test('a text is cut between characters, and shows it', () => {
  expect([cutText('abc', 3), cutText('abcd', 3), cutText('a\u{1f600}b', 3)]).toEqual(['abc', 'ab…', 'a…'])
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, length) => {
      expect(cutText(text, length).length).toBeLessThanOrEqual(length)
    }),
  )
})
