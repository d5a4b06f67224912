import { expect, test } from 'vitest'
import { createStatementNames } from './statement-names.ts'

test('a text is named from its second sighting on, always alike', () => {
  const names = createStatementNames()
  expect([1, 2, 3].map(() => names.nameOf('a'))).toEqual([undefined, 'indelible_1', 'indelible_1'])
  expect([1, 2].map(() => names.nameOf('b'))).toEqual([undefined, 'indelible_2'])
})

test('a forgotten name is never given again, since the server may still hold it for another text', () => {
  const names = createStatementNames()
  const first = [names.nameOf('a'), names.nameOf('a')][1]
  names.forget('a')
  expect(names.nameOf('a')).not.toBe(first)
  names.forgetAll()
  expect(names.nameOf('a')).toBe('indelible_3')
})

test('no more than a hundred names', () => {
  const names = createStatementNames()
  const given = Array.from({ length: 150 }, (_, at) => [names.nameOf(`${at}`), names.nameOf(`${at}`)][1])
  expect(given.filter((name) => name !== undefined)).toHaveLength(100)
})

test('texts that come once do not fill the memory', () => {
  const names = createStatementNames()
  for (let at = 0; at < 5000; at += 1) names.nameOf(`${at}`)
  expect([names.nameOf('again'), names.nameOf('again')]).toEqual([undefined, 'indelible_1'])
})
