import {
  aFunction,
  listOfNames,
  type OptionRules,
  oneOf,
  optionsOf,
  trueOrFalse,
} from '../configuration/check-options.ts'
import { compileReasonRules, type ReasonRules, type RequireReason } from './reason-rules.ts'

/** What to do with a statement that changes rows which capture cannot see. */
export type OnUncaptured = 'record' | 'warn' | 'throw'

/** What to do with a write outside any actor's context. */
export type OnMissingActor = 'allow' | 'warn' | 'reject'

/** Whether the rows that PostgreSQL counts as changed are compared with those that were captured. */
export type Completeness = 'off' | 'record' | 'throw'

/** How writes are captured. */
export interface CaptureOptions {
  /**
   * A statement whose rows cannot be captured: `record` runs it and writes an entry with op `statement` (or `ddl`,
   * `truncate`) in the same transaction, `throw` refuses it before it runs, `warn` only reports it. @default 'record'
   */
  readonly onUncaptured?: OnUncaptured
  /**
   * A write without an actor: `allow` it, `warn`, or `reject` it before it runs. The same for events (`audit.record`), but those
   * whose outcome is not `success` are never refused: what was denied or failed is recorded without one. @default 'allow'
   */
  readonly onMissingActor?: OnMissingActor
  /**
   * Writes that must say why: to these tables, or inside these business actions. Without a `reason` in the context they are
   * refused before they run, with `AUDIT_REASON_MISSING`.
   *
   * A write counts too when foreign keys may delete or change rows of such a table because of it. A statement that cannot be
   * captured counts when its text names such a table, and when it runs code that no text shows (DO, CALL, EXECUTE, TRUNCATE …
   * CASCADE); a change of the schema does not. What triggers, and functions called by a SELECT, write is not seen here, nor
   * that a view leads to such a table: name it too.
   *
   * An event of such an action (`audit.record`) needs a reason when its outcome is `success`: what was denied or failed is
   * recorded without one. @default none
   */
  readonly requireReason?: RequireReason
  /**
   * Before each transaction commits, compares the rows that PostgreSQL counts as changed, table by table, with those that
   * were captured. It finds what functions, triggers and COPY wrote behind the client's back. `record` leaves an entry with
   * op `statement` and verb `COMPLETENESS` that tells tables and numbers, `throw` refuses the commit with `AUDIT_UNCAPTURED`.
   *
   * It costs one round trip for each transaction that writes, and server time that grows with the number of tables. A
   * statement outside a transaction is compared, in a transaction of its own, where a function or trigger may write more.
   * @default 'off'
   */
  readonly completeness?: Completeness
  /**
   * Whether rewritten writes become named prepared statements, which saves the server from planning them anew: most
   * of what auditing costs. Turn it off behind a transaction pooler that does not follow prepared statements.
   * @default true
   */
  readonly nameStatements?: boolean
  /** Receives what `warn` says. @default process.emitWarning */
  readonly onWarning?: (warning: AuditWarning) => void
}

/** Something that capture wants to say without failing the write. */
export interface AuditWarning {
  readonly code:
    | 'AUDIT_UNCAPTURED'
    | 'AUDIT_ACTOR_MISSING'
    | 'AUDIT_TABLE_UNKNOWN'
    | 'AUDIT_SEAL_FAILED'
    | 'AUDIT_CATALOG_FAILED'
  readonly message: string
  readonly facts: Readonly<Record<string, unknown>>
}

/** Options with their defaults. */
export type ResolvedCaptureOptions = Required<Omit<CaptureOptions, 'requireReason'>> & {
  readonly requireReason?: ReasonRules
}

/** What each option may be. */
export const captureRules: OptionRules<CaptureOptions> = {
  onUncaptured: oneOf('record', 'warn', 'throw'),
  onMissingActor: oneOf('allow', 'warn', 'reject'),
  completeness: oneOf('off', 'record', 'throw'),
  nameStatements: trueOrFalse,
  onWarning: aFunction,
  requireReason: optionsOf<RequireReason>({ tables: listOfNames, actions: listOfNames }),
}

/** Fills in the defaults. */
export function resolveCaptureOptions({
  onUncaptured = 'record',
  onMissingActor = 'allow',
  completeness = 'off',
  nameStatements = true,
  onWarning = emitWarning,
  requireReason,
}: CaptureOptions): ResolvedCaptureOptions {
  const rules = compileReasonRules(requireReason)
  return {
    onUncaptured,
    onMissingActor,
    completeness,
    nameStatements,
    onWarning,
    ...(rules && { requireReason: rules }),
  }
}

function emitWarning({ code, message }: AuditWarning): void {
  process.emitWarning(message, { type: 'AuditWarning', code })
}
