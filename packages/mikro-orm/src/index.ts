export {
  type Audit,
  type AuditActor,
  type AuditContext,
  AuditError,
  type AuditErrorCode,
  type AuditOptions,
  type AuditWarning,
  getAuditContext,
  type NamedEntry,
  type RedactOptions,
  runWithAuditContext,
  tryGetAuditContext,
  updateAuditContext,
} from '@indelible/core'
export { auditOf, type OrmLike } from './audit-of.ts'
export { AuditSubscriber } from './audit-subscriber.ts'
