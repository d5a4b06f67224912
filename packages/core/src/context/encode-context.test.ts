import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRedaction } from '../redact/redaction.ts'
import { createContextEncoder } from './encode-context.ts'

const encoder = createContextEncoder(createRedaction())
const unmasked = createContextEncoder(createRedaction({ defaults: false }))

/** Reads composite text as the PostgreSQL manual, 8.16.6, describes it. */
function fieldsOf(text: string): (string | null)[] {
  const fields: (string | null)[] = []
  const pattern = /(?:"((?:[^"\\]|""|\\\\)*)"|)([,)])/gy
  pattern.lastIndex = 1
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    fields.push(match[1] === undefined ? null : match[1].replace(/""|\\\\/g, (pair) => pair.charAt(0)))
    if (match[2] === ')') break
  }
  expect(pattern.lastIndex).toBe(text.length)
  return fields
}

test('without a context all fields are null', () => {
  expect(fieldsOf(encoder.encode(undefined, false))).toEqual(Array(9).fill(null))
})

test('the indexed fields stand beside the whole context', () => {
  const context = { actor: { id: 'u', type: 'user' }, tenant: 't', correlationId: 'c', reason: 'r' }
  expect(fieldsOf(encoder.encode(context, false))).toEqual([
    'u',
    'user',
    't',
    'c',
    JSON.stringify(context),
    null,
    null,
    null,
    null,
  ])
})

test('rules are added only where they are asked for', () => {
  const [words, stems, inner, outer] = fieldsOf(encoder.encode({}, true)).slice(5)
  expect(words).toContain('password')
  expect(stems).toMatch(/^\{(?:%[a-z0-9]+%,)*%[a-z0-9]+%\}$/)
  expect([inner, outer]).toEqual([null, null])
  const keyed = createContextEncoder(createRedaction({ fingerprintKey: 'x'.repeat(16), defaults: false }))
  expect(fieldsOf(keyed.encode({}, true)).slice(5)).toEqual([
    null,
    null,
    expect.stringMatching(/^\\x[0-9a-f]{128}$/),
    expect.stringMatching(/^\\x[0-9a-f]{128}$/),
  ])
})

test('any text survives the composite syntax', () => {
  const text = fc
    .string({ unit: 'grapheme' })
    .filter((each) => !each.includes('\0') && Buffer.from(each).toString() === each)
  fc.assert(
    fc.property(text, text, (id, tenant) => {
      const fields = fieldsOf(unmasked.encode({ actor: { id }, tenant }, false))
      expect([fields[0], fields[2]]).toEqual([id, tenant])
      expect(JSON.parse(fields[4] ?? '')).toEqual({ actor: { id }, tenant })
    }),
  )
})

test('the text of a context object is made once', () => {
  let reads = 0
  const metadata = {
    get counted() {
      reads += 1
      return 1
    },
  }
  const context = Object.freeze({ metadata })
  for (const withRules of [true, false, true]) encoder.encode(context, withRules)
  expect(reads).toBe(1)
})

test('a cycle is a TypeError that says so, and a secret in it is not shown', () => {
  const metadata: Record<string, unknown> = { password: 'hunter2' }
  metadata['self'] = metadata
  expect(() => encoder.encode({ metadata }, false)).toThrow(TypeError)
  expect(() => encoder.encode({ metadata }, false)).toThrow(/cycle/)
})

test('NUL and half a surrogate pair become replacement characters, in JSON as well', () => {
  const fields = fieldsOf(
    encoder.encode({ tenant: 'a\u0000b\ud800', metadata: { text: 'a\u0000b\ud800' } }, false),
  )
  expect(fields[2]).toBe('a\ufffdb\ufffd')
  expect(JSON.parse(fields[4] ?? '').metadata.text).toBe('a\ufffdb\ufffd')
})
