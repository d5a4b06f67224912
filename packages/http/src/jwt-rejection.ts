import { errors } from 'jose'

/** Why a token does not count. */
export type JwtRejectionReason =
  | 'malformed'
  | 'too-large'
  | 'ambiguous'
  | 'encrypted'
  | 'algorithm'
  | 'unknown-key'
  | 'signature'
  | 'expired'
  | 'no-expiry'
  | 'not-yet-valid'
  | 'issuer'
  | 'audience'
  | 'claims'

/** A token that does not count, on its way to become bad credentials. It leaves this package never. */
export class JwtRejection extends Error {
  readonly reason: JwtRejectionReason

  constructor(reason: JwtRejectionReason) {
    super(reason)
    this.reason = reason
  }
}

const reasons: Readonly<Record<string, JwtRejectionReason>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'algorithm',
  ERR_JOSE_NOT_SUPPORTED: 'malformed',
  ERR_JWKS_NO_MATCHING_KEY: 'unknown-key',
  ERR_JWS_INVALID: 'malformed',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWT_EXPIRED: 'expired',
  ERR_JWT_INVALID: 'malformed',
}

const claimReasons: Readonly<Record<string, JwtRejectionReason>> = {
  iss: 'issuer',
  aud: 'audience',
  nbf: 'not-yet-valid',
}

/** Tells what is wrong with a token from what verifying it threw, or `undefined` where the fault is not the token's. */
export function tryGetRejection(error: unknown): JwtRejectionReason | undefined {
  if (error instanceof JwtRejection) return error.reason
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'exp' && error.reason === 'missing') return 'no-expiry'
    return error.reason === 'invalid' ? 'claims' : (claimReasons[error.claim] ?? 'claims')
  }
  return error instanceof errors.JOSEError ? reasons[error.code] : undefined
}
