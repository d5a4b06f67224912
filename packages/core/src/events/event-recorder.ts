import type { ResolvedCaptureOptions } from '../capture/capture-options.ts'
import { requireReason } from '../capture/capture-policy.ts'
import type { AuditContext } from '../context/audit-context.ts'
import { createContextEncoder } from '../context/encode-context.ts'
import { storableJson } from '../context/storable-text.ts'
import { getWrittenContext } from '../context/written-context.ts'
import { AuditError } from '../errors.ts'
import type { Redaction } from '../redact/redaction.ts'
import type { AuditDatabase, AuditQueryable } from '../store/audit-database.ts'
import type { RecordedEvent } from './audit-event.ts'
import type { ReadEvent } from './read-event.ts'

/** The table and the key under which an event stands. */
export interface EventPlace {
  readonly schema: string | null
  readonly table: string | null
}

/** Where an event is written: inside a transaction of the application's, or by itself. */
export interface EventSurroundings {
  readonly place: EventPlace
  readonly within: AuditQueryable | undefined
}

/** Writes events into the trail. */
export interface EventRecorder {
  /** @throws AuditError `AUDIT_ACTOR_MISSING`, `AUDIT_REASON_MISSING` before anything is written; `AUDIT_WRITE_FAILED`. */
  record(event: ReadEvent, surroundings: EventSurroundings): Promise<RecordedEvent>
}

/** What a recorder is made of. */
export interface EventRecorderParts {
  readonly options: ResolvedCaptureOptions
  readonly redaction: Redaction
  /** The pool. */
  readonly database: AuditDatabase
  /** Told when an event was written. It must be cheap. */
  readonly onEntry: () => void
}

/** Creates the recorder of one trail. */
export function createEventRecorder(parts: EventRecorderParts): EventRecorder {
  const { options, redaction, database, onEntry } = parts
  const encoder = createContextEncoder(redaction)
  return {
    async record(event, { place, within }) {
      const context = contextOf(event)
      requireActor(options, event, context)
      if (mayBeRefused(event)) requireReason(options, undefined, context)
      const { schema, table } = place
      const params = [
        schema,
        table,
        event.rowKey ?? null,
        details(event, redaction),
        encoder.encode(context, false),
      ]
      const id = await insert(within ?? ownConnection(database), params)
      onEntry()
      return Object.freeze({ id })
    },
  }
}

function contextOf({ action, actor, reason }: ReadEvent): AuditContext {
  return {
    ...getWrittenContext(),
    action,
    ...(actor !== undefined && { actor }),
    ...(reason !== undefined && { reason }),
  }
}

/** What was denied or failed has changed nothing: that it leaves no trace would be worse than that it has no actor or reason. */
function mayBeRefused({ outcome }: ReadEvent): boolean {
  return outcome === 'success'
}

function requireActor(
  { onMissingActor, onWarning }: ResolvedCaptureOptions,
  event: ReadEvent,
  { actor }: AuditContext,
): void {
  if (onMissingActor === 'allow' || actor !== undefined) return
  const message =
    'An audit event has no actor: name it in the event, or wrap the call in runWithAuditContext({ actor }, …).'
  const facts = { action: event.action }
  if (onMissingActor === 'warn') onWarning({ code: 'AUDIT_ACTOR_MISSING', message, facts })
  else if (mayBeRefused(event)) throw new AuditError('AUDIT_ACTOR_MISSING', message, { facts })
}

function details({ action, outcome, severity, ...event }: ReadEvent, redaction: Redaction): string {
  const { reason, resource, metadata } = event
  return storableJson(redaction.toJson({ action, outcome, severity, reason, resource, metadata }))
}

const insertText =
  'select indelible.log_event($1, $2, $3, $4::pg_catalog.json, $5::indelible.context)::pg_catalog.text as id'

async function insert(into: AuditQueryable, params: readonly (string | null)[]): Promise<number> {
  try {
    const [row] = await into.query(insertText, params)
    return Number(row?.['id'])
  } catch (error) {
    throw error instanceof AuditError ? error : notRecorded(error)
  }
}

function notRecorded(cause: unknown): AuditError {
  const sqlState = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined
  // The server's message may repeat what it was given.
  return new AuditError('AUDIT_WRITE_FAILED', 'The audit event could not be recorded; its cause tells why.', {
    cause,
    facts: { sqlState },
  })
}

/** Whoever holds all connections of the pool may be waiting for this event: then it must fail, not wait for ever. */
const patience = 10_000

function ownConnection(database: AuditDatabase): AuditQueryable {
  const { lend } = database
  if (lend === undefined) return database
  return { query: (sql, params) => lend((connection) => connection.query(sql, params), patience) }
}
