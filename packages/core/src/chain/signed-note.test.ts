import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  GOLDEN_NOTE,
  GOLDEN_NOTE_TEXT,
  GOLDEN_SIGNING_KEY,
  GOLDEN_VERIFIER_KEY,
} from '../../../../test/chain/golden-log.ts'
import { generateNoteKey, parseSigningKey, parseVerifierKey } from './note-key.ts'
import { checkSignatures, openNote, parseNote, signNote } from './signed-note.ts'

// From the documentation of Go's golang.org/x/mod/sumdb/note.
const GO_SIGNER = parseSigningKey(
  'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz',
)
const GO_TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const GO_LINE =
  '— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'
const GO_NOTE = `${GO_TEXT}\n${GO_LINE}`

// From https://c2sp.org/signed-note.
const C2SP_KEY = parseVerifierKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k')
const C2SP_NOTE = `This is an example message.

— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
`

const other = parseSigningKey(generateNoteKey('other').signingKey)
const INVALID = expect.objectContaining({ code: 'AUDIT_NOTE_INVALID' })

test("the note of Go's documentation is signed byte for byte and opened", () => {
  expect(signNote(GO_TEXT, [GO_SIGNER])).toBe(GO_NOTE)
  expect(openNote(GO_NOTE, [GO_SIGNER])).toBe(GO_TEXT)
})

test('the note of the C2SP specification is opened', () => {
  expect(openNote(C2SP_NOTE, [C2SP_KEY])).toBe('This is an example message.\n')
})

test('the golden checkpoint has its golden signature', () => {
  expect(signNote(GOLDEN_NOTE_TEXT, [parseSigningKey(GOLDEN_SIGNING_KEY)])).toBe(GOLDEN_NOTE)
  expect(openNote(GOLDEN_NOTE, [parseVerifierKey(GOLDEN_VERIFIER_KEY)])).toBe(GOLDEN_NOTE_TEXT)
})

test('signatures of unknown keys are ignored beside one that is known', () => {
  expect(openNote(signNote(GO_TEXT, [other, GO_SIGNER]), [GO_SIGNER])).toBe(GO_TEXT)
  expect(() => openNote(GO_NOTE, [other])).toThrow(INVALID)
  expect(() => openNote(GO_NOTE, [])).toThrow(INVALID)
})

test('a false signature of a known key spoils the note, whoever else has signed', () => {
  const note = signNote(GO_TEXT, [other]) + GO_LINE.replace('x08go/ZJ', 'x08go/ZK')
  expect(() => openNote(note, [other, GO_SIGNER])).toThrow(INVALID)
  expect(openNote(note, [other])).toBe(GO_TEXT)
})

test('a key of the same name and another id is another key', () => {
  const twin = parseSigningKey(generateNoteKey('PeterNeumann').signingKey)
  const { verified, failed, unknown } = checkSignatures(parseNote(GO_NOTE), [twin])
  expect([verified.length, failed.length, unknown.length]).toEqual([0, 0, 1])
})

test('any change of the text is noticed', () => {
  const change = fc.tuple(fc.nat(GO_TEXT.length - 2), fc.constantFrom('x', 'é', ' '))
  fc.assert(
    fc.property(change, ([at, letter]) => {
      const text = GO_TEXT.slice(0, at) + letter + GO_TEXT.slice(at + 1)
      fc.pre(text !== GO_TEXT)
      expect(() => openNote(`${text}\n${GO_LINE}`, [GO_SIGNER])).toThrow(INVALID)
    }),
  )
})

test('whatever is signed can be opened, also with empty lines in it', () => {
  const line = fc.string({ unit: 'grapheme' }).filter((text) => !/[\p{Cc}\p{Surrogate}]/u.test(text))
  fc.assert(
    fc.property(fc.array(line), (lines) => {
      const text = [...lines, ''].join('\n') || '\n'
      expect(openNote(signNote(text, [other]), [other])).toBe(text)
    }),
  )
})

test.each([
  ['without signature', `${GO_TEXT}\n`],
  ['without empty line', GO_TEXT + GO_LINE],
  ['without last newline', GO_NOTE.trimEnd()],
  ['with a hyphen for the dash', GO_NOTE.replace('—', '-')],
  ['with a second space', GO_NOTE.replace(' PeterNeumann', '  PeterNeumann')],
  ['with a plus in a name', GO_NOTE.replace('— Peter', '— Peter+')],
  ['with a signature that is too short', `${GO_TEXT}\n— PeterNeumann x08gow==\n`],
  ['with something after the signatures', `${GO_NOTE}x\n`],
  ['with control characters', GO_NOTE.replace('cryptography', 'crypto\tgraphy')],
  ['with carriage returns', GO_NOTE.replaceAll('\n', '\r\n')],
  ['with half a character', GO_NOTE.replace('cryptography', 'crypto\ud800graphy')],
  ['with too many signatures', GO_NOTE + GO_LINE.repeat(100)],
  ['that is too long', 'x'.repeat(1_000_001) + GO_NOTE],
])('a note %s is malformed', (_, note) => {
  expect(() => parseNote(note)).toThrow(INVALID)
})

test.each(['', 'no newline', 'a\tb\n', '\u0000\n'])('the text %j is not signed', (text) => {
  expect(() => signNote(text, [other])).toThrow(INVALID)
})
