import { expect, test } from 'vitest'
import { postgresSql } from './postgres-sql.ts'
import { type Scan, scanSql } from './scan.ts'

const scan = (sql: string): Scan => scanSql(sql, postgresSql.lexical)
const textsOf = (sql: string) => scan(sql).tokens.map(({ start, end }) => sql.slice(start, end))
const problemOf = (sql: string) => scan(sql).problem

test('tokens cover all of a text but blanks and comments', () => {
  const sql = 'select/* a /* b */ c */"x""y".z -- d\n , $1::int[] ->> \'e\'\'f\''
  expect(textsOf(sql)).toEqual([
    'select',
    '"x""y"',
    '.',
    'z',
    ',',
    '$1',
    ':',
    ':',
    'int',
    '[',
    ']',
    '-',
    '>',
    '>',
    "'e''f'",
  ])
})

test.each([
  ['a plain string ends at a backslash and a quote', String.raw`'a\'`],
  ['an E string goes on behind an escaped quote', String.raw`E'a\'b'`],
  ['an E string goes on in the next line', `e'a'\n '\\'b'`],
  ['a dollar quote ends at its own tag only', '$a$ $b$ $$ $a$'],
  ['a bit string has a prefix', "b'01'"],
  ['a Unicode string has a prefix', String.raw`U&'\0061'`],
])('%s', (_, literal) => {
  const { tokens, problem } = scan(`${literal} x`)
  expect(problem).toBeUndefined()
  expect(tokens.map(({ kind }) => kind)).toEqual(['string', 'word'])
})

test.each(['1', '1.5', '.5', '5.', '1e5', '1.5E-3', '0xFf', '0b1', '0o7', '1_000'])(
  '%s is a number',
  (number) => {
    expect(scan(`${number}+a`).tokens[0]).toMatchObject({ kind: 'number', end: number.length })
  },
)

test.each(["'a", '"a', "e'a\\'", '$$a', '$a$ $A$', '/* /* */', "b'1"])('%s does not end', (sql) => {
  expect(problemOf(sql)).toBeDefined()
})

test.each(['1a', '1.a', '1..2', '$1a', '0x', '$a', '\\', '{', 'U&"a"', "e'a' /* */ 'b'", 'a\0b'])(
  '%s is left in doubt',
  (sql) => {
    expect(problemOf(sql)).toBeDefined()
  },
)

test.each(['(', ')', '[', ']', '(]', '[)', '(()'])('unbalanced %s is left in doubt', (sql) => {
  expect(problemOf(sql)).toBeDefined()
})

test('the problem of a text gives nothing of it away', () => {
  expect(problemOf("select 'secret")).not.toContain('secret')
})

test('only ASCII makes a keyword', () => {
  const keywords = scan('Select \u017felect \u0131nto into').tokens.map(({ keyword }) => keyword)
  expect(keywords).toEqual(['SELECT', '', '', 'INTO'])
})

test('no word is a keyword after a dot', () => {
  expect(scan('a.insert').tokens.map(({ keyword }) => keyword)).toEqual(['A', '', ''])
})

test.each(['\u00a0', '\u0085', '\u2003', '\u2028', '\ufeff'])('%j belongs to a name', (character) => {
  expect(textsOf(`a${character}b`)).toEqual([`a${character}b`])
})

test('a hundred thousand brackets are no matter', () => {
  const { tokens, problem } = scan('('.repeat(100_000) + ')'.repeat(100_000))
  expect([tokens.length, problem]).toEqual([200_000, undefined])
})
