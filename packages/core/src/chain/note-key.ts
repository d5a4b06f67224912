import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { sha256 } from '../entry/sha256.ts'
import { AuditError } from '../errors.ts'

/** A public key that verifies notes. */
export interface NoteVerifier {
  readonly name: string
  /** Eight hexadecimal digits, computed from name and key: tells the signatures of a note apart. */
  readonly keyId: string
  readonly publicKey: KeyObject
}

/** A private key that signs notes, and its public half. */
export interface NoteSigner extends NoteVerifier {
  readonly privateKey: KeyObject
}

/** A key pair as text: what files and environment variables hold. */
export interface NoteKeyPair {
  /** `PRIVATE+KEY+<name>+<key id>+<base64>`. Keep it where the database's administrators cannot read it. */
  readonly signingKey: string
  /** `<name>+<key id>+<base64>`. Publish it. */
  readonly verifierKey: string
}

const ED25519 = 0x01
const KEY_BYTES = 32
// DER headers of a 32-byte Ed25519 key: RFC 8410, sections 4 and 7.
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex')
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex')

const KEY_NAME = /^[^\p{White_Space}+]+$/u
const VERIFIER_KEY = /^([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/
const SIGNING_KEY = /^PRIVATE\+KEY\+([^+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+=*)$/

/**
 * Makes an Ed25519 key pair in the text forms of C2SP signed-note and Go's sumdb/note.
 *
 * @param name Not empty, without spaces and `+`; by convention the origin of the log, `indelible/<log id>`, or a domain of yours.
 * @param seed 32 random bytes. Default: from the system.
 * @throws AuditError `AUDIT_KEY_INVALID` when the name is not allowed.
 */
export function generateNoteKey(name: string, seed: Uint8Array = randomBytes(KEY_BYTES)): NoteKeyPair {
  const signer = createSigner(name, seed)
  return {
    signingKey: `PRIVATE+KEY+${name}+${signer.keyId}+${encodeKey(seed)}`,
    verifierKey: formatVerifierKey(signer),
  }
}

/**
 * Reads a signing key, `PRIVATE+KEY+<name>+<key id>+<base64 of 0x01 and the seed>`.
 *
 * @throws AuditError `AUDIT_KEY_INVALID`. The key itself is never part of the error.
 */
export function parseSigningKey(text: string): NoteSigner {
  const [, name, keyId, encoded] = SIGNING_KEY.exec(text.trim()) ?? []
  if (!name || !keyId || !encoded) throw invalidKey('It is not of the form PRIVATE+KEY+<name>+<id>+<base64>.')
  return requireKeyId(createSigner(name, decodeKey(encoded)), keyId)
}

/**
 * Reads a verifier key, `<name>+<key id>+<base64 of 0x01 and the public key>`.
 *
 * @throws AuditError `AUDIT_KEY_INVALID`.
 */
export function parseVerifierKey(text: string): NoteVerifier {
  const [, name, keyId, encoded] = VERIFIER_KEY.exec(text.trim()) ?? []
  if (!name || !keyId || !encoded) throw invalidKey('It is not of the form <name>+<id>+<base64>.')
  return requireKeyId(createVerifier(name, decodeKey(encoded)), keyId)
}

/** Writes the public half of a key: what {@link parseVerifierKey} reads. */
export function formatVerifierKey({ name, keyId, publicKey }: NoteVerifier): string {
  return `${name}+${keyId}+${encodeKey(rawPublicKey(publicKey))}`
}

/** Tells whether a text may name a key: C2SP signed-note forbids white space and `+`. */
export function isKeyName(name: string): boolean {
  return KEY_NAME.test(name)
}

function createSigner(name: string, seed: Uint8Array): NoteSigner {
  if (seed.length !== KEY_BYTES) throw invalidKey(`A seed has ${KEY_BYTES} bytes.`)
  const der = Buffer.concat([PKCS8_HEADER, seed])
  const privateKey = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return { ...createVerifier(name, rawPublicKey(createPublicKey(privateKey))), privateKey }
}

function createVerifier(name: string, raw: Uint8Array): NoteVerifier {
  if (!isKeyName(name)) throw invalidKey('Its name must be without spaces and plus signs, and not empty.')
  const der = Buffer.concat([SPKI_HEADER, raw])
  return {
    name,
    keyId: computeKeyId(name, raw),
    publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }),
  }
}

// https://c2sp.org/signed-note: SHA-256(key name || 0x0A || 0x01 || 32-byte Ed25519 public key)[:4]
function computeKeyId(name: string, raw: Uint8Array): string {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(ED25519), raw])).slice(0, 8)
}

function requireKeyId<Key extends NoteVerifier>(key: Key, keyId: string): Key {
  if (key.keyId !== keyId) throw invalidKey(`Its id is ${key.keyId}, not ${keyId}: it was mistyped or cut.`)
  return key
}

function encodeKey(raw: Uint8Array): string {
  return Buffer.concat([Buffer.of(ED25519), raw]).toString('base64')
}

function decodeKey(encoded: string): Uint8Array {
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) throw invalidKey('Its last part is not base64.')
  if (bytes[0] !== ED25519 || bytes.length !== 1 + KEY_BYTES) throw invalidKey('It is not an Ed25519 key.')
  return bytes.subarray(1)
}

function rawPublicKey(publicKey: KeyObject): Uint8Array {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(SPKI_HEADER.length)
}

function invalidKey(reason: string): AuditError {
  return new AuditError('AUDIT_KEY_INVALID', `The note key cannot be used. ${reason}`)
}
