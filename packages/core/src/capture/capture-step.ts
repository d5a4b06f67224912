import type { Plan, TableName } from '../sql/plan-types.ts'
import type { CaptureSession } from './capture-session.ts'
import type { PositionOf, RewrittenWrite } from './capture-target.ts'
import type { ExpectedChange } from './change-ledger.ts'
import type { ReasonedWrite } from './reason-rules.ts'

interface Planned {
  /** What the statement was found to do. */
  readonly plan: Plan
  /** Present where it may write to a table whose writes must say why. */
  readonly reasoned?: ReasonedWrite
}

/** A statement to run as it is. */
export interface PassStep extends Planned {
  readonly kind: 'pass'
  /** Whether it names what may write: a function, or a relation whose use calls one. Known where completeness is checked. */
  readonly active?: boolean
}

/** A write that carries its own entry. */
export interface WriteStep extends Planned, RewrittenWrite {
  readonly kind: 'write'
  readonly sql: string
  readonly positionOf: PositionOf
  readonly usesRules: boolean
  /** Whether the context travels in a setting, because the statement has no parameter left for it. */
  readonly contextInSetting: boolean
  readonly nameable: boolean
  /** What it does to its table, for the completeness check. */
  readonly change: ExpectedChange
  /** Whether it names what may write more than its own rows. */
  readonly active: boolean
}

/** A statement to run as it is, in one transaction behind a statement of ours that tells capture triggers its context. */
export interface CarryStep extends Planned {
  readonly kind: 'carry'
  /** Takes the context as its only parameter. */
  readonly contextSql: string
  /** Tables of which that statement says what foreign keys may do there. */
  readonly effects: readonly TableName[]
  readonly usesRules: boolean
  /** Whether it names what may write more than its own rows. */
  readonly active: boolean
}

/** A statement that may change rows which no image can show. */
export interface UncapturedStep extends Planned {
  readonly kind: 'uncaptured'
  readonly operation: 'statement' | 'ddl' | 'truncate'
  readonly reason: string
  readonly verb: string
  readonly tables: readonly TableName[]
  /** The text without its literals and comments. */
  readonly text: string
  /** Whether EXPLAIN may be asked which tables it writes. */
  readonly explainable: boolean
  /** Whether PostgreSQL runs it inside a transaction block. */
  readonly transactional: boolean
}

/** What to do with one statement. */
export type CaptureStep = PassStep | WriteStep | CarryStep | UncapturedStep

/** A statement as it reaches the connection. */
export interface Statement {
  readonly sql: string
  readonly parameters: number
  readonly session: CaptureSession
}

/** Tells capture triggers the context of what follows in the transaction. */
export const contextStatement = 'select indelible.carried($1::indelible.context) is null as carried'

/** The reason of a step that a newer catalog may change. */
export const unknownTable = 'the catalog does not know the table'
