import { createHash, timingSafeEqual } from 'node:crypto'
import { AuditError } from '@indelible/core'
import { toActorId } from './actor-id.ts'

/** Ids of actors with the SHA-256 of their keys, as {@link hashApiKey} makes it. */
export type ApiKeyHashes = Readonly<Record<string, string>>

/**
 * Hashes an API key for a list of keys. Keys must be random (16 bytes or more): a hash like this does not protect a password.
 *
 * @returns SHA-256 in hex.
 */
export function hashApiKey(key: string): string {
  return digest(key).toString('hex')
}

/**
 * Makes the search in a list of keys. Every hash is compared, each in constant time, so that the time tells nothing.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` where an id or a hash is none.
 */
export function createApiKeySearch(keys: ApiKeyHashes): (key: string) => { readonly id: string } | undefined {
  const known = Object.entries(keys).map(([id, hash]) => ({ id: requireId(id), hash: requireHash(hash, id) }))
  return (key) => {
    const given = digest(key)
    const [found] = known.filter(({ hash }) => timingSafeEqual(hash, given))
    return found === undefined ? undefined : { id: found.id }
  }
}

function digest(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}

function requireId(id: string): string {
  if (toActorId(id) === id) return id
  throw invalid('an id that names nobody')
}

function requireHash(hash: unknown, id: string): Buffer {
  if (typeof hash === 'string' && /^[0-9a-f]{64}$/i.test(hash)) return Buffer.from(hash, 'hex')
  throw invalid(`no SHA-256 in hex for ${id}; make it with hashApiKey()`)
}

// The value is not told: somebody may have written the key itself.
function invalid(problem: string): AuditError {
  const option = 'actorFromApiKey.keys'
  return new AuditError('AUDIT_OPTION_INVALID', `${option} holds ${problem}.`, { facts: { option } })
}
