import fc from 'fast-check'
import { expect, test } from 'vitest'
import { UNREADABLE_STATEMENT, withoutLiterals } from './without-literals.ts'

test('literals are replaced, comments dropped and blanks reduced', () => {
  const sql = `/* secret */ insert into "T" (a)\n\tvalues ('s''1', -2.5e3, E'\\'', $x$ s $x$, b'01', U&'s', $1) -- secret`
  expect(withoutLiterals(sql)).toBe('insert into "T" (a) values (?, -?, ?, ?, ?, ?, $1)')
})

test.each([
  "select 'secret",
  'select $$secret',
  'select 1secret',
  "select e'secret' -- x\n 'y'",
  'select {secret}',
])('nothing is left of %s', (sql) => {
  expect(withoutLiterals(sql)).toBe(UNREADABLE_STATEMENT)
})

test('nothing is left where a setting decides which part is the string', () => {
  expect(withoutLiterals(String.raw`select 'a\', secret, '`)).toBe(UNREADABLE_STATEMENT)
})

test('no secret survives in any kind of string', () => {
  const secret = fc
    .string({ unit: 'grapheme', maxLength: 20 })
    .map((text) => `SECRET${text.replaceAll('$', '')}`)
  const quoted = secret.map((text) => `'${text.replaceAll("'", "''")}'`)
  const escaped = secret.map((text) => `e'${text.replace(/['\\]/g, '\\$&')}'`)
  const dollars = secret.map((text) => `$q$${text}$q$`)
  fc.assert(
    fc.property(fc.array(fc.oneof(quoted, escaped, dollars), { minLength: 1 }), (literals) => {
      expect(withoutLiterals(`select ${literals.join(', ')} from t`)).not.toContain('SECRET')
    }),
  )
})

test('no text whatever makes it throw, or keeps a digit outside a name or a parameter', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...Array.from(`'"$\\/*-eE1 a;.()\n`)) }), (sql) => {
      const text = withoutLiterals(sql).replace(/"(?:[^"]|"")*"/g, '')
      expect(text).not.toMatch(/(?<![\w$])\d/)
      expect(text).not.toContain("'")
    }),
  )
})
