import { type AuditActor, AuditError } from '@indelible/core'
import { toActorId } from './actor-id.ts'
import { JwtRejection } from './jwt-rejection.ts'
import { cutText } from './secret-text.ts'
import type { Claims } from './verified-claims.ts'

/** A claim by its name, or the way to it: `['realm_access', 'roles']`. */
export type ClaimName = string | readonly string[]

/** How the claims of a token become an actor. */
export interface ClaimMapOptions {
  /** Fields of the actor and the claims that they are taken from; nothing else is recorded. @default { id: 'sub' } */
  readonly claims?: Readonly<Record<string, ClaimName>>
  /** Types of actors by what the token calls them: `{ svc: 'service' }`. Others stay as they are. */
  readonly types?: Readonly<Record<string, string>>
  /** Of an actor whose token names none. @default 'user' */
  readonly type?: string
}

/** Makes the fields of an actor from claims. @throws JwtRejection where these name nobody. */
export type MapClaims = (claims: Claims) => AuditActor

// Who says so is ours to tell, not the token's.
const reserved = ['authMethod', 'verified', '__proto__']
const longestText = 256
const mostItems = 32

/** Compiles a claim map. @throws AuditError `AUDIT_OPTION_INVALID`. */
export function compileClaimMap({ claims = {}, types = {}, type = 'user' }: ClaimMapOptions): MapClaims {
  const { id = 'sub', ...others } = claims
  const paths = Object.entries(others).map(
    ([field, claim]) => [requireField(field), requirePath(claim)] as const,
  )
  const idPath = requirePath(id)
  const aliases = new Map(Object.entries(types))
  return (given) => {
    const name = toActorId(claimAt(given, idPath))
    if (name === undefined) throw new JwtRejection('claims')
    const fields = Object.fromEntries(paths.map(([field, path]) => [field, shorten(claimAt(given, path))]))
    const said = fields['type']
    return {
      ...present(fields),
      id: name,
      type: typeof said === 'string' ? (aliases.get(said) ?? said) : type,
    }
  }
}

function requireField(field: string): string {
  if (!reserved.includes(field)) return field
  throw invalid(`cannot set ${field}`)
}

function requirePath(claim: unknown): readonly string[] {
  const path: readonly unknown[] = Array.isArray(claim) ? claim : [claim]
  if (path.length > 0 && path.every((step) => typeof step === 'string' && step !== ''))
    return path.map(String)
  throw invalid('must name claims: a name, or a list of names that leads to one')
}

function claimAt(claims: unknown, path: readonly string[]): unknown {
  let value = claims
  for (const step of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined
    value = (value as Claims)[step]
  }
  return value
}

/** Of claims, texts, numbers and lists of these are kept, within a size. */
function shorten(value: unknown): unknown {
  if (!Array.isArray(value)) return shortenOne(value)
  return value
    .slice(0, mostItems)
    .map(shortenOne)
    .filter((item) => item !== undefined)
}

function shortenOne(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value, longestText)
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}

function present(fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

function invalid(problem: string): AuditError {
  const option = 'actorFromJwt.claims'
  return new AuditError('AUDIT_OPTION_INVALID', `${option} ${problem}.`, { facts: { option } })
}
