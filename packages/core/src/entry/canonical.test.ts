import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalText } from './canonical.ts'

test('each field is a netstring after the version line', () => {
  expect(canonicalText('v/1', ['abc', 'd'])).toBe('v/1\n3:abc,1:d,')
})

test('NULL is not the empty text', () => {
  expect(canonicalText('v/1', [null, ''])).toBe('v/1\n-0:,')
})

test('lengths count bytes of UTF-8', () => {
  expect(canonicalText('v/1', ['Größe', '🚀', '\n'])).toBe('v/1\n7:Größe,4:🚀,1:\n,')
})

test('text that looks like a netstring stays one field', () => {
  expect(canonicalText('v/1', ['1:a,', '-'])).toBe('v/1\n4:1:a,,1:-,')
})

test('no two lists of fields give the same text', () => {
  const field = fc.oneof(
    fc.constant(null),
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^[0-9:,-]{0,6}$/),
    fc.constantFrom('', '-', '0:,', '1:-,'),
  )
  const fields = fc.array(field, { maxLength: 5 })
  fc.assert(
    fc.property(fields, fields, (a, b) => {
      expect(canonicalText('v/1', a) === canonicalText('v/1', b)).toBe(
        JSON.stringify(a) === JSON.stringify(b),
      )
    }),
    { numRuns: 500 },
  )
})

test('the fields can be read back', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.string({ unit: 'binary' }))), (fields) => {
      expect(readBack(canonicalText('v/1', fields))).toEqual(fields)
    }),
  )
})

function readBack(text: string): (string | null)[] {
  let bytes = Buffer.from(text)
  bytes = bytes.subarray(bytes.indexOf('\n') + 1)
  const fields: (string | null)[] = []
  while (bytes.length > 0) {
    const colon = bytes.indexOf(':')
    const length = bytes[0] === 0x2d ? -1 : Number(bytes.subarray(0, colon))
    if (!Number.isInteger(length)) throw new Error(`no length at ${bytes}`)
    fields.push(length < 0 ? null : bytes.subarray(colon + 1, colon + 1 + length).toString())
    bytes = bytes.subarray(length < 0 ? 1 : colon + 2 + length)
  }
  return fields
}
