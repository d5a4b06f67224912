import { expect, test } from 'vitest'
import { splitFields } from './image-fields.ts'

test.each<[text: string, fields: Readonly<Record<string, string>>]>([
  ['{}', {}],
  [' { } ', {}],
  ['{"a":1.50}', { a: '1.50' }],
  [
    '{"a" : 1 , "b" : "x,}:" , "c":[1,{"d":2}],"e":{ "f" : 1 }}',
    { a: '1', b: '"x,}:"', c: '[1,{"d":2}]', e: '{ "f" : 1 }' },
  ],
  ['{"a\\"b:":"\\\\","c":null,"d":-1e400,"e":[]}', { 'a"b:': '"\\\\"', c: 'null', d: '-1e400', e: '[]' }],
  ['{"j":{"a":1,"a":1.0}, "j":[[1],[2]]}', { j: '[[1],[2]]' }],
  ['{"\\u0061":"\\u0000"}', { a: '"\\u0000"' }],
  ['[1,{"a":2}]', { value: '[1,{"a":2}]' }],
  ['12.0', { value: '12.0' }],
])('%s has these fields, each as it stands there', (text, fields) => {
  expect(Object.fromEntries(splitFields(text))).toEqual(fields)
})

test('a key that is named like a member of every object is a key', () => {
  expect([...splitFields('{"__proto__":1,"toString":{"constructor":2}}')]).toEqual([
    ['__proto__', '1'],
    ['toString', '{"constructor":2}'],
  ])
})

test('a string of a million escapes is no trouble', () => {
  const long = '\\n'.repeat(1_000_000)
  expect(splitFields(`{"a":"${long}","b":1}`).get('b')).toBe('1')
})
