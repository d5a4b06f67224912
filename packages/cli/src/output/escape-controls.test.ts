import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { escapeControls, escapeControlsInJson, escapeControlsInLines } from './escape-controls.ts'

const anything = fc.string({
  unit: fc
    .oneof(fc.nat({ max: 0x2fff }), fc.nat({ max: 0x10ffff }))
    .map((code) => String.fromCodePoint(code)),
})

describe('escapeControls', () => {
  test.each([
    ['\u001b[31m', '\\x1b[31m'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\u009b2J', '\\x9b2J'],
    ['\u202egpj', '\\u202egpj'],
    ['\u{e0041}', '\\u{e0041}'],
    ['\ud800', '\\ud800'],
    ['\u2028', '\\u2028'],
    ['漢字 👩‍👩‍👧 ünï می‌خواهم', '漢字 👩‍👩‍👧 ünï می‌خواهم'],
  ])('makes %j the text %s', (text, escaped) => {
    expect(escapeControls(text)).toBe(escaped)
  })

  test('leaves nothing that a terminal would obey', () => {
    fc.assert(
      fc.property(anything, (text) => {
        expect(escapeControls(text)).not.toMatch(
          /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u,
        )
        expect(escapeControlsInLines(text).split('\n')).toEqual(text.split('\n').map(escapeControls))
      }),
    )
  })
})

describe('escapeControlsInJson', () => {
  test('changes the text and not the value', () => {
    fc.assert(
      fc.property(fc.dictionary(anything, anything), fc.constantFrom(undefined, 2), (value, indent) => {
        const json = escapeControlsInJson(JSON.stringify(value, null, indent))
        expect(JSON.parse(json)).toEqual(value)
        expect(json.replaceAll('\n', '')).toBe(escapeControls(json.replaceAll('\n', '')))
      }),
    )
  })
})
