export { type AsyncNestAuditOptions, AuditModule, type NestAuditOptions } from './nest/audit-module.ts'
export { AuditAction, type AuditDecorator, SkipAudit } from './nest/decorators.ts'
export type { NestRequestLike } from './nest/nest-requests.ts'
