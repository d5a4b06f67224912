export {
  type Audit,
  type AuditActor,
  type AuditContext,
  type AuditContextSnapshot,
  AuditError,
  type AuditErrorCode,
  type AuditEvent,
  type AuditOptions,
  type AuditWarning,
  captureAuditContext,
  getAuditContext,
  type NamedEntry,
  type RecordedEvent,
  type RecordOptions,
  type RedactOptions,
  restoreAuditContext,
  runWithAuditContext,
  tryGetAuditContext,
  updateAuditContext,
  withReason,
} from '@indelible/core'
export { auditOf, type OrmLike } from './audit-of.ts'
export { AuditSubscriber } from './audit-subscriber.ts'
