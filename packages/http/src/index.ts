export { type ActorFromApiKeyOptions, actorFromApiKey } from './actor-from-api-key.ts'
export { type ActorFromCertificateOptions, actorFromCertificate } from './actor-from-certificate.ts'
export { type ActorFromHeaderOptions, actorFromHeader } from './actor-from-header.ts'
export { type ActorDescription, actorFromUser } from './actor-from-user.ts'
export type { ActorResolver, BadCredentials, ResolvedActor } from './actor-resolver.ts'
export { type ApiKeyHashes, hashApiKey } from './api-key-list.ts'
export { createHttpAudit, type HttpAudit } from './http-audit.ts'
export type {
  CorrelationOptions,
  EventOptions,
  HttpAuditOptions,
  RequestFactOptions,
  ResolvedTenant,
  TenantResolver,
} from './http-audit-options.ts'
export type { EventRecorder, HttpEvent, HttpOutcome } from './http-event.ts'
export type { HttpExchange, HttpRejection } from './http-exchange.ts'
export { type HttpRequest, tryGetHeader } from './http-request.ts'
export { identifyActor } from './known-exchanges.ts'
export { tenantFromClaim, tenantFromHeader } from './tenant-from.ts'
