import { sign, verify } from 'node:crypto'
import { AuditError } from '../errors.ts'
import { isKeyName, type NoteSigner, type NoteVerifier } from './note-key.ts'

/** One signature line of a note. */
export interface NoteSignature {
  readonly name: string
  readonly keyId: string
  readonly signature: Uint8Array
}

/** A note taken apart. Nothing in it is to be believed before its signatures are checked. */
export interface SignedNote {
  /** What is signed, with its last newline. */
  readonly text: string
  readonly signatures: readonly NoteSignature[]
}

/** The signatures of a note, sorted by what the known keys say of them. */
export interface CheckedSignatures {
  readonly verified: readonly NoteSignature[]
  /** Name and id are those of a known key, and the signature is not. */
  readonly failed: readonly NoteSignature[]
  /** By keys that nobody told us of: to be ignored. */
  readonly unknown: readonly NoteSignature[]
}

const MAX_NOTE_LENGTH = 1_000_000
const MAX_SIGNATURES = 100
const KEY_ID_BYTES = 4
const SIGNATURE_LINE = /^\u2014 ([^ ]+) ([A-Za-z0-9+/]+=*)$/

/**
 * Signs a text with Ed25519 as a C2SP signed note: the text, an empty line, one line for each key.
 *
 * Format: https://c2sp.org/signed-note
 *
 * @throws AuditError `AUDIT_NOTE_INVALID` when the text is empty, does not end in a newline, or holds control characters.
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  if (!text.endsWith('\n') || !isNoteText(text)) {
    throw invalidNote('its text must end in a newline and hold no control characters')
  }
  return `${text}\n${signers.map((signer) => signatureLine(text, signer)).join('')}`
}

/**
 * Takes a signed note apart.
 *
 * @throws AuditError `AUDIT_NOTE_INVALID` when it is malformed. Whether its signatures are good is another question.
 */
export function parseNote(note: string): SignedNote {
  if (note.length > MAX_NOTE_LENGTH) throw invalidNote('it is too long')
  if (!isNoteText(note)) throw invalidNote('it holds control characters')
  // The text may hold empty lines itself: the last one ends it.
  const end = note.lastIndexOf('\n\n')
  if (end < 0) throw invalidNote('no empty line stands between its text and its signatures')
  if (!note.endsWith('\n') || end + 2 === note.length) throw invalidNote('no signature line ends it')
  const lines = note.slice(end + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw invalidNote(`it carries more than ${MAX_SIGNATURES} signatures`)
  return { text: note.slice(0, end + 1), signatures: lines.map(parseSignatureLine) }
}

/** Verifies the signatures of a note. Those of unknown keys are sorted out, as C2SP signed-note demands. */
export function checkSignatures(note: SignedNote, verifiers: readonly NoteVerifier[]): CheckedSignatures {
  const verified: NoteSignature[] = []
  const failed: NoteSignature[] = []
  const unknown: NoteSignature[] = []
  for (const signature of note.signatures) {
    const verifier = verifiers.find(({ name, keyId }) => name === signature.name && keyId === signature.keyId)
    if (verifier === undefined) unknown.push(signature)
    else if (isGood(note.text, signature, verifier)) verified.push(signature)
    else failed.push(signature)
  }
  return { verified, failed, unknown }
}

/**
 * Returns the text of a note that a known key has signed.
 *
 * @throws AuditError `AUDIT_NOTE_INVALID` when it is malformed, a signature of a known key is false, or no known key has signed it.
 */
export function openNote(note: string, verifiers: readonly NoteVerifier[]): string {
  const parsed = parseNote(note)
  const { verified, failed } = checkSignatures(parsed, verifiers)
  const [bad] = failed
  if (bad !== undefined) throw invalidNote(`the signature of ${bad.name}+${bad.keyId} is false`)
  if (verified.length === 0) throw invalidNote('none of the known keys has signed it')
  return parsed.text
}

/** Valid UTF-8 without ASCII control characters other than the newline. */
function isNoteText(text: string): boolean {
  return !/[\p{Cc}\p{Surrogate}]/u.test(text.replaceAll(/[\n\u007f-\u009f]/g, ''))
}

function signatureLine(text: string, { name, keyId, privateKey }: NoteSigner): string {
  const signature = sign(null, Buffer.from(text), privateKey)
  return `\u2014 ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`
}

function parseSignatureLine(line: string): NoteSignature {
  const [, name, encoded] = SIGNATURE_LINE.exec(line) ?? []
  if (!name || !encoded || !isKeyName(name)) throw invalidNote('a signature line is malformed')
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded || bytes.length <= KEY_ID_BYTES) {
    throw invalidNote('a signature line is malformed')
  }
  const keyId = bytes.subarray(0, KEY_ID_BYTES).toString('hex')
  return { name, keyId, signature: bytes.subarray(KEY_ID_BYTES) }
}

function isGood(text: string, { signature }: NoteSignature, { publicKey }: NoteVerifier): boolean {
  return verify(null, Buffer.from(text), publicKey, signature)
}

function invalidNote(reason: string): AuditError {
  return new AuditError('AUDIT_NOTE_INVALID', `The note cannot be used: ${reason}.`)
}
