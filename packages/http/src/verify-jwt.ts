import { AuditError } from '@indelible/core'
import { errors, type JWTVerifyOptions, jwtVerify } from 'jose'
import { isUsable } from './jwt-key.ts'
import { createKeySource, type JwtKeyOptions, type JwtKeySource } from './jwt-key-source.ts'
import { JwtRejection, tryGetRejection } from './jwt-rejection.ts'
import type { Claims } from './verified-claims.ts'

/** What a token must say to count. */
export interface VerifyJwtOptions extends JwtKeyOptions {
  /** Who may have issued the token (`iss`). @default anybody with the key */
  readonly issuer?: string | readonly string[]
  /** For whom the token must be made (`aud`). @default anybody */
  readonly audience?: string | readonly string[]
  /** What kind of token it must be (`typ`), for example `at+jwt`. @default any */
  readonly typ?: string
  /** How far the clocks may differ, in seconds. @default 0 */
  readonly clockTolerance?: number
  /** Whether a token without expiry (`exp`) is refused: once stolen, it would be good for ever. @default true */
  readonly requireExp?: boolean
  /** The clock. @default () => new Date() */
  readonly now?: () => Date
}

/** Verifies a token. @throws JwtRejection or an error of jose where it does not count, AuditError where keys cannot be had. */
export type VerifyToken = (token: string) => Promise<Claims>

/** Checks the options once. @throws AuditError `AUDIT_OPTION_INVALID`. */
export function createVerifier(options: VerifyJwtOptions): VerifyToken {
  const source = createKeySource(options)
  const { now = () => new Date(), ...rules } = options
  const expected = expectationsOf(rules, source)
  return (token) => verify(token, source, { ...expected, currentDate: now() })
}

function expectationsOf(
  { issuer, audience, typ, clockTolerance = 0, requireExp = true }: VerifyJwtOptions,
  { algorithms }: JwtKeySource,
): JWTVerifyOptions {
  return {
    algorithms,
    clockTolerance,
    ...(requireExp && { requiredClaims: ['exp'] }),
    ...(issuer !== undefined && { issuer: requireTexts(issuer, 'issuer') }),
    ...(audience !== undefined && { audience: requireTexts(audience, 'audience') }),
    ...(typ !== undefined && { typ: requireTexts(typ, 'typ').join() }),
  }
}

function requireTexts(value: string | readonly string[], name: string): string[] {
  const texts: readonly unknown[] = typeof value === 'string' ? [value] : Array.isArray(value) ? value : []
  if (texts.length > 0 && texts.every((text) => typeof text === 'string' && text !== ''))
    return texts.map(String)
  throw invalid(name, 'a text that is not empty, or a list of these')
}

async function verify(token: string, { getKey }: JwtKeySource, expected: JWTVerifyOptions): Promise<Claims> {
  try {
    return (await jwtVerify(token, getKey, expected)).payload
  } catch (error) {
    if (error instanceof errors.JWKSMultipleMatchingKeys) return verifyByAny(token, error, expected)
    if (error instanceof AuditError || tryGetRejection(error) !== undefined) throw error
    throw new AuditError('AUDIT_IDENTITY_UNAVAILABLE', 'The key that checks a token cannot be used.', {
      cause: error,
    })
  }
}

/** A token may leave its key unnamed where the issuer has several. */
async function verifyByAny(
  token: string,
  keys: errors.JWKSMultipleMatchingKeys,
  expected: JWTVerifyOptions,
): Promise<Claims> {
  for await (const key of keys) {
    if (!isUsable(key)) continue
    try {
      return (await jwtVerify(token, key, expected)).payload
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error
    }
  }
  throw new JwtRejection('signature')
}

function invalid(name: string, kind: string): AuditError {
  const option = `actorFromJwt.${name}`
  return new AuditError('AUDIT_OPTION_INVALID', `${option} must be ${kind}.`, { facts: { option } })
}
