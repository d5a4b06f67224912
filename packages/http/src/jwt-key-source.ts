import type { KeyObject, webcrypto } from 'node:crypto'
import { AuditError } from '@indelible/core'
import { errors, type JWTVerifyGetKey } from 'jose'
import { algorithmsOf, asymmetricAlgorithms, type JwtAlgorithm, jwtAlgorithms } from './jwt-algorithms.ts'
import { isUsable, type JwtPublicKey, readFoundKey, readPublicKey, readSecret } from './jwt-key.ts'
import { createKeySet, type JwtKeySetOptions } from './jwt-key-set.ts'
import { JwtRejection, tryGetRejection } from './jwt-rejection.ts'

/** What a token says of its key. Nothing of it is verified yet. */
// A type and not an interface, so that it fits where headers may hold any name, as in jose's `createRemoteJWKSet`.
export type JwtKeyHeader = {
  readonly alg: JwtAlgorithm
  /** At most 256 characters. */
  readonly kid?: string
}

/** A key that a function has found: a public key, or the bytes of a secret. */
export type JwtFoundKey = JwtPublicKey | Uint8Array

/** With what signatures are checked: exactly one of `secret`, `publicKey`, `jwks` and `key`. */
export interface JwtKeyOptions {
  /** The shared secret of HS256, HS384 and HS512, at least 32 bytes. */
  readonly secret?: string | Uint8Array | KeyObject | webcrypto.CryptoKey
  readonly publicKey?: JwtPublicKey
  /** Where the issuer publishes its keys. Those that are too weak (RSA under 2,048 bits) count as none. */
  readonly jwks?: URL | JwtKeySetOptions
  /** Finds the key of a token; `undefined` where there is none. Needs `algorithms`. */
  readonly key?: (header: JwtKeyHeader) => JwtFoundKey | undefined | Promise<JwtFoundKey | undefined>
  /** The algorithms that are believed, all by secret or all by public key. @default those of the key; with `jwks` all by public key */
  readonly algorithms?: readonly JwtAlgorithm[]
}

/** Keys as verifying needs them. */
export interface JwtKeySource {
  readonly algorithms: JwtAlgorithm[]
  readonly getKey: JWTVerifyGetKey
}

type LookUp = (header: JwtKeyHeader) => unknown

/** Checks the options of keys. @throws AuditError `AUDIT_OPTION_INVALID`. */
export function createKeySource(options: JwtKeyOptions): JwtKeySource {
  const { possible, lookUp } = sourceOf(options)
  const algorithms = requireAlgorithms(options.algorithms ?? possible, possible)
  return { algorithms: [...algorithms], getKey: createKeySearch(lookUp) }
}

function sourceOf(options: JwtKeyOptions): {
  readonly possible: readonly JwtAlgorithm[]
  readonly lookUp: LookUp
} {
  const { secret, publicKey, jwks, key } = options
  const given = [secret, publicKey, jwks, key].filter((each) => each !== undefined)
  if (given.length !== 1) throw invalid('', 'needs exactly one of secret, publicKey, jwks and key')
  if (secret !== undefined) return fixed(readSecret(secret))
  if (publicKey !== undefined) return fixed(readPublicKey(publicKey))
  if (jwks !== undefined) return { possible: asymmetricAlgorithms, lookUp: usableKeyOf(createKeySet(jwks)) }
  if (typeof key !== 'function') throw invalid('.key', 'must be a function')
  if (options.algorithms === undefined) throw invalid('.algorithms', 'must be given with key')
  return { possible: jwtAlgorithms, lookUp: key }
}

/** What the issuer publishes is not ours to refuse: a key that is too weak counts as none. */
function usableKeyOf(lookUp: LookUp): LookUp {
  return async (header) => {
    const key = await lookUp(header)
    return isUsable(key) ? key : undefined
  }
}

function fixed(key: KeyObject): { readonly possible: readonly JwtAlgorithm[]; readonly lookUp: LookUp } {
  return { possible: algorithmsOf(key), lookUp: () => key }
}

function requireAlgorithms(
  algorithms: readonly JwtAlgorithm[],
  possible: readonly JwtAlgorithm[],
): readonly JwtAlgorithm[] {
  if (!Array.isArray(algorithms) || algorithms.length === 0)
    throw invalid('.algorithms', 'must be a list of algorithms')
  const wrong = algorithms.find((each) => !possible.includes(each))
  if (wrong !== undefined)
    throw invalid('.algorithms', `holds ${String(wrong)}; with this key it may hold ${possible.join(', ')}`)
  const families = new Set(algorithms.map((each) => asymmetricAlgorithms.includes(each)))
  if (families.size > 1) throw invalid('.algorithms', 'must not mix those by secret with those by public key')
  return algorithms
}

function createKeySearch(lookUp: LookUp): JWTVerifyGetKey {
  return async (header) => {
    // One-line bridge: jose has compared it with the list of algorithms before it asks for a key.
    const alg = header.alg as JwtAlgorithm
    const kid: unknown = header.kid
    if (kid !== undefined && (typeof kid !== 'string' || kid.length > 256))
      throw new JwtRejection('malformed')
    const found = await findKey(lookUp, kid === undefined ? { alg } : { alg, kid })
    if (found === undefined || found === null) throw new JwtRejection('unknown-key')
    const key = readFoundKey(found)
    // A public key must not check what was made with it as a secret, nor another algorithm's signatures.
    if (!algorithmsOf(key).includes(alg)) throw new JwtRejection('algorithm')
    return key
  }
}

async function findKey(lookUp: LookUp, header: JwtKeyHeader): Promise<unknown> {
  try {
    return await lookUp(header)
  } catch (cause) {
    if (cause instanceof errors.JWKSMultipleMatchingKeys) throw cause
    const reason = tryGetRejection(cause)
    if (reason === 'unknown-key') throw new JwtRejection(reason)
    throw new AuditError(
      'AUDIT_IDENTITY_UNAVAILABLE',
      'The key that checks a token could not be looked up.',
      { cause },
    )
  }
}

function invalid(name: string, problem: string): AuditError {
  const option = `actorFromJwt${name}`
  return new AuditError('AUDIT_OPTION_INVALID', `${option} ${problem}.`, { facts: { option } })
}
