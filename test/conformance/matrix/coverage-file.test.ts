import { describe, expect, test } from 'vitest'
import { parseCell, parseCoverage, renderCell, renderTables, withMeasured } from './coverage-file.ts'

describe('a cell', () => {
  test.each([
    ['one word where all versions agree', ['exact', 'exact', 'exact', 'exact'], 'exact'],
    [
      'versions where they differ',
      ['recorded', 'recorded', 'exact', 'exact'],
      'recorded (15, 16), exact (17, 18)',
    ],
    ['two words', ['not seen', 'not seen', 'not seen', 'exact'], 'not seen (15, 16, 17), exact (18)'],
    ['nothing before a version', ['-', '-', 'recorded', 'recorded'], '- (15, 16), recorded (17, 18)'],
    ['what was never measured', ['?', '?', '?', 'exact'], '? (15, 16, 17), exact (18)'],
  ])('says %s, and reads back', (_, cell, text) => {
    expect(renderCell(cell)).toBe(text)
    expect(parseCell(text)).toEqual(cell)
  })
})

const sections = [
  { title: 'Rows', operations: ['insert', 'update'] },
  { title: 'SQL', operations: ['merge'] },
]
const orms = ['One', 'Other']

test('the tables read back as the cells that they were written of', () => {
  const here = { orm: 'One', major: 18 }
  const cells = withMeasured(
    new Map(),
    new Map([
      ['insert', 'exact'],
      ['merge', 'recorded'],
    ]),
    here,
  )
  const text = renderTables(sections, orms, cells)
  expect(text).toContain('| insert | ? (15, 16, 17), exact (18) | ? |')
  expect(renderTables(sections, orms, parseCoverage(text))).toBe(text)
})

test('what is measured on one version of one ORM leaves all other cells alone', () => {
  const before = parseCoverage(
    '| Operation | One | Other |\n| --- | --- | --- |\n| merge | recorded | recorded |',
  )
  const after = withMeasured(before, new Map([['merge', 'exact']]), { orm: 'Other', major: 17 })
  expect(renderTables(sections.slice(1), orms, after)).toContain(
    '| merge | recorded | recorded (15, 16, 18), exact (17) |',
  )
})
