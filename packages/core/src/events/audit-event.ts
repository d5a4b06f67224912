import type { AuditActor } from '../context/audit-context.ts'
import type { RowKey } from '../store/row-key.ts'

/** How an action ended: it was done, it failed, or it was not allowed. */
export type EventOutcome = 'success' | 'failure' | 'denied'

/** How much attention an event deserves. */
export type EventSeverity = 'info' | 'success' | 'warning' | 'error'

/** Something that happened and is not a change of a row, or not only: a login, a refusal, an export, an order refunded. */
export interface AuditEvent {
  /** What was done, for example `user.login`: 1 to 200 characters. The entry's context carries it too. */
  readonly action: string
  /** Who did it, in place of the actor of the running context. */
  readonly actor?: AuditActor
  /**
   * What it was done to, as `audit.history` takes it: an entity of the ORM, or a table, so that the event stands in the history of
   * the row. Anything else may be named too. 1 to 200 characters.
   */
  readonly resource?: string
  /** Which one: the key of the row; of a composite key an array in key order. Needs a `resource`. At most 1900 bytes. */
  readonly resourceId?: RowKey
  /** @default 'success' */
  readonly outcome?: EventOutcome
  /** @default `success` for a success, `error` for a failure, `warning` where it was denied */
  readonly severity?: EventSeverity
  /** Why it was done. The entry's context carries it too, in place of the running one's. At most 2000 characters. */
  readonly reason?: string
  /**
   * Details, as JSON of at most 65,536 bytes; secret keys are masked as everywhere. Dates and whatever else has `toJSON` become what
   * that gives, bigints their digits. What JSON cannot say is refused.
   */
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** How an event is recorded. */
export interface RecordOptions {
  /**
   * The transaction of the caller's that the event belongs to: it is committed and rolled back with it. Prisma: the client of an
   * interactive transaction. TypeORM: an entity manager or query runner. MikroORM: an entity manager. node-postgres: a client.
   *
   * Without one the event is committed at once, on another connection, whatever becomes of transactions that are open: so that
   * what was denied or failed is on record. The pool must have a connection to spare.
   */
  readonly transaction?: unknown
}

/** An event that is in the trail: committed, or part of the given transaction. */
export interface RecordedEvent {
  /** The id of its entry. */
  readonly id: number
}
