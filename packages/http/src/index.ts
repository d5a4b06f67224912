export type { ActorResolver, BadCredentials, ResolvedActor } from './actor-resolver.ts'
export { type HttpRequest, tryGetHeader } from './http-request.ts'
