import type { AuditConnection } from '../audit.ts'
import { type EntityNames, schemaOf } from '../entity-names.ts'
import type { AuditQueryable } from '../store/audit-database.ts'
import type { AuditEvent, RecordedEvent, RecordOptions } from './audit-event.ts'
import { eventInvalid } from './event-invalid.ts'
import type { EventPlace } from './event-recorder.ts'
import { type ReadEvent, readEvent } from './read-event.ts'
import { withinPgClient } from './within-pg-client.ts'

/**
 * Finds where an event is written inside a transaction of the application's. The queries of what it returns reject when the
 * transaction has ended.
 *
 * @throws AuditError `AUDIT_TRANSACTION_INVALID` for what is no transaction, or one of another database.
 */
export type WithinTransaction = (transaction: unknown, connection: AuditConnection) => AuditQueryable

/** What events are recorded through. */
export interface EventPort {
  readonly connection: () => Promise<AuditConnection>
  readonly names: EntityNames
  readonly within?: WithinTransaction | undefined
}

/** Records one event. */
export async function recordEvent(
  { connection, names, within = withinPgClient }: EventPort,
  event: AuditEvent,
  options: RecordOptions = {},
): Promise<RecordedEvent> {
  const read = readEvent(event)
  requireOptions(options)
  const connected = await connection()
  const place = placeOf(read, { names, connected })
  const transaction = options.transaction
  return await connected.recorder.record(read, {
    place,
    within: transaction === undefined ? undefined : within(transaction, connected),
  })
}

/** A misspelt `transaction` would record the event outside of it. */
function requireOptions(options: RecordOptions): void {
  const unknown = Object.keys(options).find((name) => name !== 'transaction')
  if (unknown !== undefined) throw eventInvalid('options', 'know nothing but transaction')
  if (Object.hasOwn(options, 'transaction') && options.transaction == null) {
    throw eventInvalid(
      'options.transaction',
      `is ${options.transaction}: leave it out to record outside of transactions`,
    )
  }
}

interface Surroundings {
  readonly names: EntityNames
  readonly connected: AuditConnection
}

/** As `audit.history` takes it: an entity, or a table as the database calls it. What is neither stands under its own name. */
function placeOf({ resource }: ReadEvent, { names, connected: { engine } }: Surroundings): EventPlace {
  if (resource === undefined) return { schema: null, table: null }
  const entity = names.byEntity(resource) ?? { table: resource }
  return { schema: schemaOf(entity, engine.locate) ?? null, table: entity.table }
}
