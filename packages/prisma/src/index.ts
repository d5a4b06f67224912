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
  createAuditEvents,
  getAuditContext,
  type NamedEntry,
  type RecordedEvent,
  type RecordOptions,
  type RedactOptions,
  restoreAuditContext,
  runScript,
  runWithAuditContext,
  tryGetAuditContext,
  updateAuditContext,
  withReason,
} from '@indelible/core'
export { type AuditExtension, auditExtension } from './audit-extension.ts'
export type { DriverAdapterFactoryLike } from './driver-adapter-like.ts'
export { auditOf, withAudit } from './with-audit.ts'
