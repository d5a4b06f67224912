export {
  type Audit,
  type AuditConnection,
  createAudit,
  type NamedEntryPage,
} from './audit.ts'
export type { AuditOptions, SealOptions } from './audit-options.ts'
export {
  type AuditTrail,
  type AuditTrailParts,
  createAuditTrail,
  type TrailConnection,
} from './audit-trail.ts'
export type { CaptureEngine } from './capture/capture-engine.ts'
export type {
  AuditWarning,
  CaptureOptions,
  Completeness,
  OnMissingActor,
  OnUncaptured,
} from './capture/capture-options.ts'
export { type CaptureSession, createSession } from './capture/capture-session.ts'
export type {
  CaptureTarget,
  PositionOf,
  RequestChange,
  RewrittenWrite,
  Surroundings,
} from './capture/capture-target.ts'
export type { ChangeLedger, ExpectedChange } from './capture/change-ledger.ts'
export { executeCaptured } from './capture/execute-captured.ts'
export type { RequireReason } from './capture/reason-rules.ts'
export { aroundSavepoint, type SavepointControl } from './capture/transaction-control.ts'
export type { OutdatedCascade } from './cascade/check-cascades.ts'
export { type CascadeReport, refreshCascades } from './cascade/refresh-cascades.ts'
// chain, seal, verify
export type { Checkpoint } from './chain/checkpoint.ts'
export type { Finding, FindingKind, OmittedFindings } from './chain/findings.ts'
export { generateNoteKey, type NoteKeyPair, type NoteSigner, parseSigningKey } from './chain/note-key.ts'
export { type FoundVariable, listEnvironment } from './configuration/check-environment.ts'
export {
  aFunction,
  aText,
  checkedElsewhere,
  checkOptions,
  mustBe,
  numberAboveZero,
  type OptionRule,
  type OptionRules,
  oneOf,
  optionInvalid,
  optionsOf,
  orFalse,
  recordOf,
  trueOrFalse,
} from './configuration/check-options.ts'
export type { Environment } from './configuration/environment-values.ts'
export { type EnvironmentSettings, readEnvironment } from './configuration/read-environment.ts'
export {
  type AuditActor,
  type AuditContext,
  type AuditTrace,
  getAuditContext,
  runWithAuditContext,
  tryGetAuditContext,
  updateAuditContext,
  withReason,
} from './context/audit-context.ts'
export {
  type AuditContextSnapshot,
  type CaptureContextOptions,
  captureAuditContext,
  restoreAuditContext,
} from './context/context-snapshot.ts'
export { type RunScriptOptions, runScript } from './context/run-script.ts'
export { type CoverageOptions, type CoverageReport, readCoverage } from './coverage/read-coverage.ts'
export type { CoverageGap, TableCoverage } from './coverage/table-coverage.ts'
export type { UncapturedStatements } from './coverage/uncaptured-statements.ts'
export { createEntityNames, type Entity, type EntityNames, type NamedEntry } from './entity-names.ts'
export { AuditError, type AuditErrorCode, type AuditErrorOptions } from './errors.ts'
export type {
  AuditEvent,
  EventOutcome,
  EventSeverity,
  RecordedEvent,
  RecordOptions,
} from './events/audit-event.ts'
export {
  type AuditEvents,
  createAuditEvents,
  type EventSchemas,
  type TypedAuditEvent,
  type TypedMetadata,
} from './events/audit-events.ts'
export type { EventRecorder } from './events/event-recorder.ts'
export type {
  EventSchema,
  EventSchemaInput,
  EventSchemaIssue,
  EventSchemaResult,
} from './events/event-schema.ts'
export type { WithinTransaction } from './events/record-event.ts'
export { type TransactionClaim, throughHandle, tryTakeClaim } from './events/transaction-claims.ts'
export { transactionInvalid } from './events/transaction-invalid.ts'
export { withinPgClient } from './events/within-pg-client.ts'
export {
  type InstrumentablePool,
  type InstrumentedPool,
  type InstrumentPgPoolOptions,
  instrumentPgPool,
} from './pg/instrument-pg-pool.ts'
export type { CapturableClient } from './pg/pg-client.ts'
export { fromPgPool, type PgPoolLike } from './pg/pg-database.ts'
export type { RedactOptions, RedactStrategy } from './redact/redact-options.ts'
export { createRedaction, type RedactableTable, type Redaction } from './redact/redaction.ts'
export type { SealedCheckpoint, SealReport } from './seal/seal-report.ts'
export { createSealer, type Sealer, type SealerOptions } from './seal/sealer.ts'
// store
export type {
  AuditDatabase,
  AuditQueryable,
  AuditTransaction,
  SqlText,
  TextRow,
} from './store/audit-database.ts'
export type { AuditEntry, AuditOp, JsonRecord } from './store/audit-entry.ts'
export { type StoredNote, tryGetLastCheckpoint } from './store/checkpoints.ts'
export {
  type EntryPage,
  type FindEntriesOptions,
  findEntries,
  getEntry,
  type IterateEntriesOptions,
  iterateEntries,
} from './store/entries.ts'
export type { EntryFilter, TableFilter } from './store/entry-filter.ts'
export type { JsonValue } from './store/exact-json.ts'
export { type FollowEntriesOptions, followEntries } from './store/follow-entries.ts'
export type { AuditGrants } from './store/grants.ts'
export { type MigrateOptions, type MigrateResult, migrate } from './store/migrate.ts'
export { migrationSql } from './store/migration-sql.ts'
export type { RowKey, RowKeyPart } from './store/row-key.ts'
export { checkSchema, requireSchema, type SchemaFinding } from './store/schema-check.ts'
export { type AuditStatus, readStatus } from './store/status.ts'
export {
  addCaptureTriggers,
  type CaptureTriggerOptions,
  refreshCaptureTriggers,
  removeCaptureTriggers,
  type TableName,
} from './triggers/capture-triggers.ts'
export { type CaptureTriggerStatus, listCaptureTriggers } from './triggers/list-capture-triggers.ts'
export { type VerifyOptions, type VerifyProgress, type VerifyReport, verifyLog } from './verify/verify-log.ts'
