import { InvalidArgumentError } from 'commander'
import { describe, expect, test } from 'vitest'
import { parseInteger, parseMoment, parseOp, parseTable } from './parse-arguments.ts'

describe('parseTable', () => {
  test.each([
    ['order', 'order'],
    ['shop.order', { schema: 'shop', name: 'order' }],
    ['Line item', 'Line item'],
    ['"my.table"', 'my.table'],
    ['"my schema"."a""b.c"', { schema: 'my schema', name: 'a"b.c' }],
  ])('reads %s as %j', (text, table) => {
    expect(parseTable(text)).toEqual(table)
  })

  test.each(['', '.', 'shop.', 'a.b.c', '"open'])('refuses %j', (text) => {
    expect(() => parseTable(text)).toThrow(InvalidArgumentError)
  })
})

describe('parseMoment', () => {
  const parse = parseMoment(() => new Date('2026-02-01T00:00:00Z'))

  test.each([
    ['45s', '2026-01-31T23:59:15.000Z'],
    ['30m', '2026-01-31T23:30:00.000Z'],
    ['2h', '2026-01-31T22:00:00.000Z'],
    ['7d', '2026-01-25T00:00:00.000Z'],
    ['1w', '2026-01-25T00:00:00.000Z'],
  ])('reads %s as %s', (text, moment) => {
    expect(parse(text)).toEqual(new Date(moment))
  })

  test.each(['2026-01-31', '2026-01-31T12:00', '2026-01-31 12:00:00.123456+02'])('keeps %s', (text) => {
    expect(parse(text)).toBe(text)
  })

  test.each(['', 'now', '5', '5y', '-5m', '2026-13-01', '2026-01-31T12', "2026-01-31'"])(
    'refuses %j',
    (text) => {
      expect(() => parse(text)).toThrow(InvalidArgumentError)
    },
  )
})

test('whole numbers keep to their bounds', () => {
  const parse = parseInteger(1, 10)
  expect([parse('1'), parse('10')]).toEqual([1, 10])
  for (const text of ['0', '11', '1.5', '', ' 5', '1e1', '-1', '0x5']) {
    expect(() => parse(text)).toThrow(InvalidArgumentError)
  }
})

test('an operation is one that entries have', () => {
  expect(parseOp('update')).toBe('update')
  expect(() => parseOp('UPDATE')).toThrow(InvalidArgumentError)
})
