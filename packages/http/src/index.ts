export type { ActorResolver, BadCredentials, ResolvedActor } from './actor-resolver.ts'
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
