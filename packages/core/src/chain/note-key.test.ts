import { expect, test } from 'vitest'
import { GOLDEN_SIGNING_KEY, GOLDEN_VERIFIER_KEY } from '../../../../test/chain/golden-log.ts'
import { formatVerifierKey, generateNoteKey, parseSigningKey, parseVerifierKey } from './note-key.ts'

// From the documentation of Go's golang.org/x/mod/sumdb/note and of https://c2sp.org/signed-note.
const GO_SIGNING_KEY = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'
const GO_VERIFIER_KEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const C2SP_VERIFIER_KEY = 'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k'

test('a signing key holds its verifier key', () => {
  expect(formatVerifierKey(parseSigningKey(GO_SIGNING_KEY))).toBe(GO_VERIFIER_KEY)
  expect(formatVerifierKey(parseSigningKey(GOLDEN_SIGNING_KEY))).toBe(GOLDEN_VERIFIER_KEY)
})

test('a verifier key is read and written', () => {
  const key = parseVerifierKey(C2SP_VERIFIER_KEY)
  expect([key.name, key.keyId]).toEqual(['example.com/foo', '530d903a'])
  expect(formatVerifierKey(key)).toBe(C2SP_VERIFIER_KEY)
})

test('a key from a file may end in a newline', () => {
  expect(parseVerifierKey(`${C2SP_VERIFIER_KEY}\n`).keyId).toBe('530d903a')
})

test('a key made from a seed is always the same, one without is always another', () => {
  const seed = Uint8Array.from({ length: 32 }, (_, index) => index)
  const name = 'indelible/7d3f0c52-1a5e-4f0b-9c1d-2b6a8e4f9d10'
  const golden = { signingKey: GOLDEN_SIGNING_KEY, verifierKey: GOLDEN_VERIFIER_KEY }
  expect(generateNoteKey(name, seed)).toEqual(golden)
  expect(generateNoteKey(name).signingKey).not.toBe(generateNoteKey(name).signingKey)
})

test.each(['', 'two words', 'a+b', 'tab\t', 'line\n', 'nel\u0085', 'nbsp\u00a0'])(
  '%j cannot name a key',
  (name) => {
    expect(() => generateNoteKey(name)).toThrow(expect.objectContaining({ code: 'AUDIT_KEY_INVALID' }))
  },
)

test.each([
  ['a wrong id', GO_VERIFIER_KEY.replace('c74f20a3', 'c74f20a4')],
  ['another name', GO_VERIFIER_KEY.replace('Peter', 'Paul')],
  ['a character changed', GO_VERIFIER_KEY.replace('ARpc2Q', 'ARpc2R')],
  ['base64 that ends in other bits', `${GO_VERIFIER_KEY.slice(0, -1)}X`],
  ['another algorithm', `PeterNeumann+c74f20a3+AhpcA${'A'.repeat(39)}`],
  ['a cut end', GO_VERIFIER_KEY.slice(0, -4)],
  ['a signing key in its place', GO_SIGNING_KEY],
  ['nothing', ''],
])('a verifier key with %s is refused', (_, text) => {
  expect(() => parseVerifierKey(text)).toThrow(expect.objectContaining({ code: 'AUDIT_KEY_INVALID' }))
})

test('a signing key that is refused is not part of the error', () => {
  const wrong = GO_SIGNING_KEY.replace('c74f20a3', 'c74f20a4')
  expect(() => parseSigningKey(GO_VERIFIER_KEY)).toThrow(
    expect.objectContaining({ code: 'AUDIT_KEY_INVALID' }),
  )
  expect(() => parseSigningKey(wrong)).toThrow(/^(?!.*AYEKFALV)/)
})
