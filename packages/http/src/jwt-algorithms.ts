import type { KeyObject } from 'node:crypto'

/** Signatures by a shared secret. */
const symmetric = ['HS256', 'HS384', 'HS512'] as const
const rsaPss = ['PS256', 'PS384', 'PS512'] as const
const rsa = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'] as const
const edwards = ['EdDSA', 'Ed25519'] as const
const curves = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' } as const

/** Algorithms by which a token may be signed (RFC 7518, 3.1). There is no `none`. */
export type JwtAlgorithm =
  | (typeof symmetric)[number]
  | (typeof rsa)[number]
  | (typeof edwards)[number]
  | (typeof curves)[keyof typeof curves]

/** Signatures by a private key. */
export const asymmetricAlgorithms: readonly JwtAlgorithm[] = [...rsa, ...Object.values(curves), ...edwards]

/** Every algorithm. */
export const jwtAlgorithms: readonly JwtAlgorithm[] = [...symmetric, ...asymmetricAlgorithms]

/** Lists the algorithms whose signatures a key can check: of one family, so that none is taken for another's. */
export function algorithmsOf(key: KeyObject): readonly JwtAlgorithm[] {
  if (key.type === 'secret') return symmetric
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return rsa
    case 'rsa-pss':
      return rsaPss
    case 'ed25519':
      return edwards
    case 'ec':
      return curveAlgorithms(key.asymmetricKeyDetails?.namedCurve)
    default:
      return []
  }
}

function curveAlgorithms(curve = ''): readonly JwtAlgorithm[] {
  return Object.entries(curves).flatMap(([name, algorithm]) => (name === curve ? [algorithm] : []))
}
