import { decodeJwt } from 'jose'
import { JwtRejection } from './jwt-rejection.ts'
import type { Claims } from './verified-claims.ts'

/** When unverified tokens count. */
export interface ReadUnverifiedJwtOptions {
  /** How far the clocks may differ, in seconds. @default 0 */
  readonly clockTolerance?: number
  /** The clock. @default () => new Date() */
  readonly now?: () => Date
}

/** Reads the claims of a token without a look at its signature. @throws JwtRejection where it is no token, or past its time. */
export function readUnverifiedJwt(
  token: string,
  { clockTolerance = 0, now = () => new Date() }: ReadUnverifiedJwtOptions,
): Claims {
  const claims = decodeJwt(token)
  const seconds = Math.floor(now().getTime() / 1000)
  if (isTime(claims.exp) && claims.exp <= seconds - clockTolerance) throw new JwtRejection('expired')
  if (isTime(claims.nbf) && claims.nbf > seconds + clockTolerance) throw new JwtRejection('not-yet-valid')
  return claims
}

function isTime(claim: unknown): claim is number {
  if (claim !== undefined && typeof claim !== 'number') throw new JwtRejection('claims')
  return claim !== undefined
}
