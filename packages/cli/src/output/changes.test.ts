import { describe, expect, test } from 'vitest'
import { listChanges, summariseChanges } from './changes.ts'

const update = (before: object | null, after: object | null) => ({
  op: 'update' as const,
  after: null,
  beforeText: before && JSON.stringify(before),
  afterText: after && JSON.stringify(after),
})

describe('summariseChanges', () => {
  test('shows both sides of an update, and the one side of anything else', () => {
    const before = { status: 'NEW', total: 10, note: null }
    const after = { status: 'PAID', total: 12, note: { a: [1] } }
    expect(summariseChanges(update(before, after))).toBe(
      'status: "NEW" → "PAID", total: 10 → 12, note: null → {"a":[1]}',
    )
    expect(summariseChanges(update(null, { id: 1 }))).toBe('id: 1')
    expect(summariseChanges(update({ id: 1 }, null))).toBe('id: 1')
    expect(summariseChanges(update(null, null))).toBe('')
  })

  test('cuts one long value so that the next one shows', () => {
    const summary = summariseChanges(update(null, { long: '😀'.repeat(1000), id: 1 }))
    expect(summary).toMatch(/^long: "(😀)+…, id: 1$/u)
    expect(summary.length).toBeLessThan(100)
  })

  test('stays short, however many columns there are', () => {
    const after = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`c${index}`, index]))
    expect(summariseChanges(update(null, after))).toHaveLength(400)
  })
})

test('a column named like a member of every object is a column', () => {
  const one = { column: 'toString', before: '1', after: undefined }
  expect(listChanges({ beforeText: '{"toString":1}', afterText: '{}' })).toEqual([one])
  const other = { column: '__proto__', before: undefined, after: '1' }
  expect(listChanges({ beforeText: '{}', afterText: '{"__proto__":1}' })).toEqual([other])
})

test('values are shown as they are stored: every digit, and zeros at the end', () => {
  const images = { beforeText: '{"price":1.50,"n":1}', afterText: '{"price":1.5,"n":12345678901234567890}' }
  expect(summariseChanges({ op: 'update', after: null, ...images })).toBe(
    'price: 1.50 → 1.5, n: 1 → 12345678901234567890',
  )
})
