import { describe, expect, test } from 'vitest'
import { listChanges, summariseChanges } from './changes.ts'

describe('summariseChanges', () => {
  test('shows both sides of an update, and the one side of anything else', () => {
    const before = { status: 'NEW', total: 10, note: null }
    const after = { status: 'PAID', total: 12, note: { a: [1] } }
    expect(summariseChanges({ op: 'update', before, after })).toBe(
      'status: "NEW" → "PAID", total: 10 → 12, note: null → {"a":[1]}',
    )
    expect(summariseChanges({ op: 'update', before: null, after: { id: 1 } })).toBe('id: 1')
    expect(summariseChanges({ op: 'update', before: { id: 1 }, after: null })).toBe('id: 1')
    expect(summariseChanges({ op: 'update', before: null, after: null })).toBe('')
  })

  test('cuts one long value so that the next one shows', () => {
    const summary = summariseChanges({
      op: 'update',
      before: null,
      after: { long: '😀'.repeat(1000), id: 1 },
    })
    expect(summary).toMatch(/^long: "(😀)+…, id: 1$/u)
    expect(summary.length).toBeLessThan(100)
  })

  test('stays short, however many columns there are', () => {
    const after = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`c${index}`, index]))
    expect(summariseChanges({ op: 'update', before: null, after })).toHaveLength(400)
  })
})

test('a column named like a member of every object is a column', () => {
  const before = JSON.parse('{"toString":1}')
  expect(listChanges({ before, after: {} })).toEqual([{ column: 'toString', before: '1', after: undefined }])
  expect(listChanges({ before: {}, after: JSON.parse('{"__proto__":1}') })).toEqual([
    { column: '__proto__', before: undefined, after: '1' },
  ])
})
