/** The claims of a token, as its issuer signed them. */
export type Claims = Readonly<Record<string, unknown>>

const claimsOfActors = new WeakMap<object, Claims>()

/** Remembers what a verified token says beside the actor, for as long as the actor is in use. Entries do not tell it. */
export function rememberClaims(actor: object, claims: Claims): void {
  claimsOfActors.set(actor, claims)
}

/** Returns a claim of the verified token from which an actor was made. */
export function tryGetClaim(actor: object, name: string): unknown {
  const claims = claimsOfActors.get(actor)
  return claims !== undefined && Object.hasOwn(claims, name) ? claims[name] : undefined
}
