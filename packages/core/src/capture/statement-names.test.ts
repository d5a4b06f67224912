import { expect, test } from 'vitest'
import { createStatementNames } from './statement-names.ts'

test('a text is named from its second sighting on, always alike', () => {
  const names = createStatementNames()
  const [first, second, third] = [1, 2, 3].map(() => names.nameOf('a'))
  expect([first, second]).toEqual([undefined, expect.stringMatching(/^indelible_[0-9a-f]{20}$/)])
  expect(third).toBe(second)
  expect([1, 2].map(() => names.nameOf('b'))[1]).not.toBe(second)
})

test('one text has one name, whoever gives it, and two texts never share one', () => {
  const [one, other] = [createStatementNames(), createStatementNames()]
  const given = [one, other].map((names) => [names.nameOf('a'), names.nameOf('a')][1])
  expect(given[0]).toBe(given[1])
})

test('a forgotten name is never given again, since the server may still hold it for another text', () => {
  const names = createStatementNames()
  const first = [names.nameOf('a'), names.nameOf('a')][1]
  names.forget('a')
  expect(names.nameOf('a')).not.toBe(first)
  names.forgetAll()
  expect(names.nameOf('a')).toBe(`${first}_2`)
})

test('no more than a hundred names', () => {
  const names = createStatementNames()
  const given = Array.from({ length: 150 }, (_, at) => [names.nameOf(`${at}`), names.nameOf(`${at}`)][1])
  expect(given.filter((name) => name !== undefined)).toHaveLength(100)
})

test('texts that come once do not fill the memory', () => {
  const names = createStatementNames()
  for (let at = 0; at < 5000; at += 1) names.nameOf(`${at}`)
  expect([names.nameOf('again'), names.nameOf('again')]).toEqual([undefined, expect.any(String)])
})
