import { expect, test } from 'vitest'
import { type RowKey, toRowKey } from './row-key.ts'

test.each<[string, RowKey]>([
  ['42', 42],
  ['-1', -1n],
  ['a"b', 'a"b'],
  ['true', true],
  ['["eu","42"]', ['eu', 42]],
  ['["a\\"b\\\\","\\n\\u0001","ünï/"]', ['a"b\\', '\n\u0001', 'ünï/']],
  ['alone', ['alone']],
])('a key is written as %s', (text, key) => {
  expect(toRowKey(key)).toBe(text)
})

test.each([[[]], [2 ** 53], [[1, 2 ** 60]]])('the key %j is refused', (key) => {
  expect(() => toRowKey(key)).toThrow(TypeError)
})
