import {
  type AuditActor,
  aFunction,
  aText,
  checkedElsewhere,
  checkOptions,
  type Environment,
  mustBe,
  type OptionRules,
  readEnvironment,
  recordOf,
  trueOrFalse,
} from '@indelible/core'
import type { ActorResolver, ResolvedActor } from './actor-resolver.ts'
import type { HttpRequest } from './http-request.ts'
import { type ClaimMapOptions, compileClaimMap, type MapClaims } from './jwt-claims.ts'
import { JwtRejection, tryGetRejection } from './jwt-rejection.ts'
import { createTokenSearch, type FindToken, type JwtSource } from './jwt-token.ts'
import { type ReadUnverifiedJwtOptions, readUnverifiedJwt } from './read-unverified-jwt.ts'
import { rememberClaims } from './verified-claims.ts'
import { createVerifier, type VerifyJwtOptions } from './verify-jwt.ts'

export type { JwtAlgorithm } from './jwt-algorithms.ts'
export type { ClaimMapOptions, ClaimName } from './jwt-claims.ts'
export type { JwtPublicKey } from './jwt-key.ts'
export type { JwtKeySetOptions } from './jwt-key-set.ts'
export type { JwtFoundKey, JwtKeyHeader } from './jwt-key-source.ts'
export type { JwtRejectionReason } from './jwt-rejection.ts'
export type { JwtSource } from './jwt-token.ts'

/** How tokens are found, verified, and become actors. */
export interface ActorFromJwtOptions<Native = unknown> extends VerifyJwtOptions, ClaimMapOptions {
  /** Where the token stands. @default 'authorization' */
  readonly from?: JwtSource<Native>
}

/** How tokens that somebody else has verified become actors. */
export interface ActorFromUnverifiedJwtOptions<Native = unknown>
  extends ReadUnverifiedJwtOptions,
    ClaimMapOptions {
  /** Where the token stands. @default 'authorization' */
  readonly from?: JwtSource<Native>
}

const unverifiedRules: OptionRules<ActorFromUnverifiedJwtOptions> = {
  from: checkedElsewhere,
  claims: checkedElsewhere,
  types: recordOf(aText),
  type: aText,
  clockTolerance: mustBe('a number of seconds', (value) => Number.isFinite(value) && Number(value) >= 0),
  now: aFunction,
}

const jwtRules: OptionRules<ActorFromJwtOptions> = {
  ...unverifiedRules,
  secret: checkedElsewhere,
  publicKey: checkedElsewhere,
  jwks: checkedElsewhere,
  key: checkedElsewhere,
  algorithms: checkedElsewhere,
  issuer: checkedElsewhere,
  audience: checkedElsewhere,
  typ: checkedElsewhere,
  requireExp: trueOrFalse,
}

// Node.js accepts as much in all headers together.
const longestToken = 16_384

/**
 * Takes the actor from a signed token (JWT), whose signature, algorithm and time are verified, and issuer and audience where they are
 * given. A token that does not count is `{ badCredentials }` with a {@link JwtRejectionReason}. Nothing of a token but the mapped claims
 * reaches an entry, a message or a log.
 *
 * What the options leave open, the environment may set: `INDELIBLE_JWT_JWKS_URL`, `INDELIBLE_JWT_ISSUER`, `INDELIBLE_JWT_AUDIENCE`.
 *
 * The resolver rejects with `AUDIT_IDENTITY_UNAVAILABLE` where the keys of the issuer cannot be had: then nobody knows who it is.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` at start-up naming the option.
 * @example
 * actorFromJwt({
 *   jwks: new URL('https://id.example.com/.well-known/jwks.json'),
 *   issuer: 'https://id.example.com/',
 *   audience: 'shop',
 *   claims: { id: 'sub', type: 'actor_type', email: 'email' },
 *   types: { svc: 'service' },
 * })
 */
export function actorFromJwt<Native = unknown>(
  options: ActorFromJwtOptions<Native> = {},
  env: Environment = process.env,
): ActorResolver<Native> {
  checkOptions<ActorFromJwtOptions<Native>>(options, jwtRules, 'actorFromJwt')
  const find = createTokenSearch(options.from)
  const map = compileClaimMap(options)
  const verify = createVerifier({ ...options, ...settingsFor(options, env) })
  return (request) =>
    answer(request, find, async (token) => {
      const claims = await verify(token)
      const actor: AuditActor = { ...map(claims), authMethod: 'jwt' }
      rememberClaims(actor, claims)
      return actor
    })
}

/** What the options leave open and the environment says; its key set only where they name no key. */
function settingsFor({ issuer, audience, ...options }: VerifyJwtOptions, env: Environment): VerifyJwtOptions {
  const set = readEnvironment('jwt', env)
  const keys = [options.secret, options.publicKey, options.jwks, options.key]
  const hasKey = keys.some((key) => key !== undefined)
  return {
    ...(issuer === undefined && set.issuer !== undefined && { issuer: set.issuer }),
    ...(audience === undefined && set.audience !== undefined && { audience: set.audience }),
    ...(!hasKey && set.jwksUrl !== undefined && { jwks: set.jwksUrl }),
  }
}

/**
 * Takes the actor from a token **without verifying its signature**: anyone can write such a token. It is for applications behind a gateway
 * that has verified it. Every entry says so: `authMethod` is `unverified-jwt`, `verified` is false.
 *
 * @throws AuditError `AUDIT_OPTION_INVALID` at start-up naming the option.
 */
export function actorFromUnverifiedJwt<Native = unknown>(
  options: ActorFromUnverifiedJwtOptions<Native> = {},
): ActorResolver<Native> {
  checkOptions<ActorFromUnverifiedJwtOptions<Native>>(options, unverifiedRules, 'actorFromUnverifiedJwt')
  const [find, map]: [FindToken<Native>, MapClaims] = [
    createTokenSearch(options.from),
    compileClaimMap(options),
  ]
  return (request) =>
    answer(request, find, (token) => ({
      ...map(readUnverifiedJwt(token, options)),
      authMethod: 'unverified-jwt',
      verified: false,
    }))
}

async function answer<Native>(
  request: HttpRequest<Native>,
  find: FindToken<Native>,
  read: (token: string) => AuditActor | Promise<AuditActor>,
): Promise<ResolvedActor | undefined> {
  try {
    const token = await find(request)
    return token === undefined ? undefined : await read(requireToken(token))
  } catch (error) {
    const reason = tryGetRejection(error)
    if (reason === undefined) throw error
    return { badCredentials: reason }
  }
}

/** Tells signed tokens (three parts) from encrypted ones (five) before anything of them is read. */
function requireToken(token: unknown): string {
  if (typeof token !== 'string') throw new JwtRejection('malformed')
  if (token.length > longestToken) throw new JwtRejection('too-large')
  const parts = token.split('.').length
  if (parts !== 3) throw new JwtRejection(parts === 5 ? 'encrypted' : 'malformed')
  return token
}
