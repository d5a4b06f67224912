import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseExactJson } from './exact-json.ts'

// fast-check's own unit `binary` takes seconds to set up.
const anyCharacter = fc.nat({ max: 0x10ffff }).map((code) => String.fromCodePoint(code))

describe('parseExactJson', () => {
  test.each([
    ['9007199254740993', '9007199254740993'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['0.1234567890123456789', '0.1234567890123456789'],
    ['12345678901234567890.10', '12345678901234567890.10'],
    ['1e400', '1e400'],
    ['-1E-400', '-1E-400'],
    ['123456789012345', 123456789012345],
    ['1.50', 1.5],
    ['100000000000000000000', 100000000000000000000],
    ['0.000000000000000000001', 1e-21],
    ['1e21', 1e21],
    ['1.5E+3', 1500],
    ['0', 0],
    ['0.0000000000000000000', 0],
    ['"9007199254740993"', '9007199254740993'],
    ['"a\\"9007199254740993\\\\"', 'a"9007199254740993\\'],
    ['true', true],
    ['null', null],
  ])('reads %s as %j', (text, value) => {
    expect(parseExactJson(text)).toBe(value)
  })

  test('looks into arrays and objects, and leaves keys alone', () => {
    const text = '{"12345678901234567890":[12345678901234567890,{"a": 12345678901234567890 , "b":1}],"e":-1}'
    expect(parseExactJson(text)).toEqual({
      '12345678901234567890': ['12345678901234567890', { a: '12345678901234567890', b: 1 }],
      e: -1,
    })
  })

  test('a key named __proto__ is a key', () => {
    expect(Object.keys(parseExactJson('{"__proto__":{"a":1}}') as object)).toEqual(['__proto__'])
  })

  test('text that is not JSON is refused, and is not made JSON', () => {
    for (const text of ['', '1.2.3', '12345678901234567890.1.2', '--1', '"', '{"a":01234567890123456789}']) {
      expect(() => parseExactJson(text)).toThrow(SyntaxError)
    }
  })

  test('any JSON without long numbers reads as JSON.parse reads it', () => {
    const integers = fc.integer({ min: -(10 ** 14), max: 10 ** 14 })
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.constantFrom(null, true, false),
        integers,
        fc.string({ unit: anyCharacter }),
        fc.array(tie('tree')),
        fc.dictionary(fc.string(), tie('tree')),
      ),
    }))
    fc.assert(
      fc.property(tree, fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(parseExactJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('any decimal number keeps its value: as a number of the same digits, or as its text', () => {
    const decimal = fc.stringMatching(/^-?(0|[1-9][0-9]{0,24})(\.[0-9]{1,24})?(e[+-]?[0-9]{1,3})?$/)
    fc.assert(
      fc.property(decimal, (text) => {
        const value = parseExactJson(text)
        if (typeof value === 'string') expect(value).toBe(text)
        else expect(normalise(String(value))).toBe(normalise(text))
      }),
      { numRuns: 2000 },
    )
  })

  test('a string of a million escapes is no trouble', () => {
    const text = JSON.stringify('\n"'.repeat(1_000_000))
    expect(parseExactJson(text)).toBe('\n"'.repeat(1_000_000))
  })
})

/** Digits without zeros at either end, and the power of ten of the last. */
function normalise(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? []
  const digits = (whole + fraction).replace(/^0+/, '')
  const kept = digits.replace(/0+$/, '')
  if (kept === '') return '0'
  return `${sign}${kept}e${Number(exponent) - fraction.length + digits.length - kept.length}`
}
