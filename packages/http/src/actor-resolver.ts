import type { AuditActor } from '@indelible/core'
import type { HttpRequest } from './http-request.ts'

/** Credentials that were given and are not good: expired, forged, unknown. `reason` is a short word of ours, never a part of them. */
export interface BadCredentials {
  readonly badCredentials: string
}

/**
 * Finds who sent a request. Resolvers are tried in order: `undefined` leaves the question to the next one, bad credentials end it, so
 * that a forged token never falls through to a header that anyone can write.
 */
export type ActorResolver<Native = unknown> = (
  request: HttpRequest<Native>,
) => ResolvedActor | undefined | Promise<ResolvedActor | undefined>

/** What a resolver found. */
export type ResolvedActor = AuditActor | BadCredentials
