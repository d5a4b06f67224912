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
export { type AuditExtension, auditExtension } from './audit-extension.ts'
export type { DriverAdapterFactoryLike } from './driver-adapter-like.ts'
export { auditOf, withAudit } from './with-audit.ts'
