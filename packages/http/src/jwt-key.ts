import { createPublicKey, createSecretKey, type JsonWebKey, KeyObject, type webcrypto } from 'node:crypto'
import { AuditError } from '@indelible/core'

/** A key that checks signatures: PEM (a public key or a certificate), a JWK, or an object of Node.js or Web Crypto. */
export type JwtPublicKey = string | KeyObject | webcrypto.CryptoKey | JsonWebKey

// RFC 7518, 3.2 and 3.3: a shorter key can be guessed.
const shortestSecret = 32
const shortestModulus = 2048

/** Reads a shared secret. @throws AuditError `AUDIT_OPTION_INVALID` where it is short, or a key of another kind. */
export function readSecret(secret: unknown): KeyObject {
  const key = toSecret(secret)
  if (key?.type !== 'secret') throw invalid('secret', 'must be a text, bytes, or a secret key')
  if ((key.symmetricKeySize ?? 0) < shortestSecret) {
    throw invalid(
      'secret',
      `must have at least ${shortestSecret} bytes: a shorter one can be guessed from any token`,
    )
  }
  return key
}

/** Reads a public key. @throws AuditError `AUDIT_OPTION_INVALID` where it is none, is private, or is a weak one. */
export function readPublicKey(key: unknown): KeyObject {
  const read = toPublicKey(key)
  if (read?.type !== 'public')
    throw invalid('publicKey', 'must be a public key or certificate: PEM, JWK, KeyObject or CryptoKey')
  const { modulusLength } = read.asymmetricKeyDetails ?? {}
  if (modulusLength !== undefined && modulusLength < shortestModulus) {
    throw invalid('publicKey', `must have at least ${shortestModulus} bits`)
  }
  return read
}

/** Tells whether signatures can be checked by a published key: others may stand beside those that can. */
export function isUsable(key: unknown): boolean {
  try {
    readPublicKey(key)
    return true
  } catch {
    return false
  }
}

/** Reads what a function of the application has found: a key of either kind. */
export function readFoundKey(key: unknown): KeyObject {
  if (key instanceof Uint8Array) return readSecret(key)
  const found = isCryptoKey(key) ? KeyObject.from(key) : key
  return found instanceof KeyObject && found.type === 'secret' ? readSecret(found) : readPublicKey(found)
}

function toSecret(secret: unknown): KeyObject | undefined {
  if (secret instanceof KeyObject) return secret
  if (isCryptoKey(secret)) return KeyObject.from(secret)
  if (secret instanceof Uint8Array) return createSecretKey(secret)
  // A public key taken for a secret is known to everybody.
  return typeof secret === 'string' && !secret.includes('-----BEGIN')
    ? createSecretKey(secret, 'utf8')
    : undefined
}

function toPublicKey(key: unknown): KeyObject | undefined {
  if (key instanceof KeyObject) return key
  if (isCryptoKey(key)) return KeyObject.from(key)
  if (typeof key === 'string')
    return key.includes('PRIVATE KEY') ? undefined : parse(() => createPublicKey(key))
  if (!isWebKey(key) || 'd' in key) return undefined
  return parse(() => createPublicKey({ key, format: 'jwk' }))
}

function parse(read: () => KeyObject): KeyObject | undefined {
  try {
    return read()
  } catch {
    return undefined
  }
}

function isCryptoKey(key: unknown): key is webcrypto.CryptoKey {
  return key instanceof CryptoKey
}

function isWebKey(key: unknown): key is JsonWebKey {
  return key !== null && typeof key === 'object' && 'kty' in key
}

// Nothing of a key is told.
function invalid(name: string, problem: string): AuditError {
  const option = `actorFromJwt.${name}`
  return new AuditError('AUDIT_OPTION_INVALID', `${option} ${problem}.`, { facts: { option } })
}
