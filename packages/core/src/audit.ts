import type { CaptureEngine } from './capture/capture-engine.ts'
import { withReason } from './context/audit-context.ts'
import {
  createEntityNames,
  type EntityNames,
  type LocateTable,
  type NamedEntry,
  nameEntry,
  schemaOf,
} from './entity-names.ts'
import type { AuditEvent, RecordedEvent, RecordOptions } from './events/audit-event.ts'
import type { EventRecorder } from './events/event-recorder.ts'
import { recordEvent, type WithinTransaction } from './events/record-event.ts'
import type { SealReport } from './seal/seal-report.ts'
import type { Sealer } from './seal/sealer.ts'
import type { AuditDatabase } from './store/audit-database.ts'
import {
  type FindEntriesOptions,
  findEntries,
  getEntry,
  type IterateEntriesOptions,
  iterateEntries,
} from './store/entries.ts'
import type { EntryFilter } from './store/entry-filter.ts'
import type { RowKey } from './store/row-key.ts'
import { type AuditStatus, readStatus } from './store/status.ts'
import { type VerifyReport, verifyLog } from './verify/verify-log.ts'
import type { VerifyOptions } from './verify/verify-options.ts'

/** A page of entries. */
export interface NamedEntryPage {
  readonly entries: readonly NamedEntry[]
  /** Give it as `after` for the next page; null when there is none now. */
  readonly next: string | null
}

/** The trail of one application: reading it, sealing it, proving it. */
export interface Audit {
  /**
   * Reads the life of one row, oldest entry first.
   *
   * @param entity The entity as the ORM names it, or the table as the database does: of tables with one name, the one that it finds by
   * that name alone. For others, `entries({ table: { schema, name }, key })`.
   * @param key The key; of a composite key an array in key order.
   */
  history(entity: string, key: RowKey): AsyncIterable<NamedEntry>
  /**
   * Reads all entries that meet a filter, newest first unless told otherwise, a page at a time. As a string, `table` names what the
   * `entity` of `history` does; a name that the database does not find may be in any schema.
   */
  entries(filter?: EntryFilter, options?: IterateEntriesOptions): AsyncIterable<NamedEntry>
  /** Reads one page of the entries that meet a filter. */
  page(filter?: EntryFilter, options?: FindEntriesOptions): Promise<NamedEntryPage>
  /** Reads one entry. @throws AuditError `AUDIT_ENTRY_NOT_FOUND`. */
  entry(id: number): Promise<NamedEntry>
  /**
   * Records what is not a change of a row, or not only: a login, a refusal, an export. It is an entry with op `event`, in the same
   * chain, with the context of the running scope, and stands in the `history` of the row that `resource` and `resourceId` name.
   *
   * Resolves when it is committed; with a `transaction`, when it is part of that, and then lives and dies with it.
   *
   * @throws AuditError `AUDIT_EVENT_INVALID` naming the field; for a success, `AUDIT_ACTOR_MISSING` and `AUDIT_REASON_MISSING` where
   * the options want them; `AUDIT_TRANSACTION_INVALID` when `transaction` is none, is of another database or has ended; all of them
   * before anything is written. `AUDIT_WRITE_FAILED` when it could not be written, as when the pool has no connection to spare.
   *
   * @example
   * await audit.record({ action: 'user.login', actor: { id: 'u_42' }, outcome: 'denied', metadata: { attempts: 3 } })
   * await prisma.$transaction(async (transaction) => {
   *   await transaction.order.update({ where: { id: 7 }, data: { status: 'REFUNDED' } })
   *   await audit.record({ action: 'order.refund', resource: 'Order', resourceId: 7 }, { transaction })
   * })
   */
  record(event: AuditEvent, options?: RecordOptions): Promise<RecordedEvent>
  /**
   * Runs `work` with a reason, for writes that must say why (`requireReason`): `withReason` of the package, at hand here.
   *
   * @throws TypeError when the reason is empty.
   */
  readonly withReason: typeof withReason
  /**
   * Links what waits and writes a checkpoint.
   *
   * @throws AuditError `AUDIT_NOTE_INVALID` when the last checkpoint contradicts the links, or is signed and this process has no key
   * (`seal.signer`, `INDELIBLE_SEAL_KEY`): entries are linked, no checkpoint is written.
   */
  seal(): Promise<SealReport>
  /** Checks the whole chain against the entries. Findings are data; only a database that cannot be read is an error. */
  verify(options?: VerifyOptions): Promise<VerifyReport>
  /** Tells how the trail stands: queue, chain, checkpoints, schema. */
  status(): Promise<AuditStatus>
}

/** The database of a trail and its sealer. */
export interface AuditConnection {
  readonly database: AuditDatabase
  readonly sealer: Pick<Sealer, 'seal'>
  readonly engine: CaptureEngine
  readonly recorder: EventRecorder
}

/** What an {@link Audit} is made of. */
export interface AuditParts {
  /** Finds the connection, opening it where it is not open yet. */
  readonly connection: () => Promise<AuditConnection>
  /** @default the names of the database */
  readonly names?: EntityNames
  /** Finds the transaction that an event is to be part of. @default a client of an instrumented pool of node-postgres */
  readonly within?: WithinTransaction
}

/** Creates the audit of one database. */
export function createAudit({ connection, names = createEntityNames([]), within }: AuditParts): Audit {
  const reader = { names, connection }
  return Object.freeze({
    history: (entity: string, key: RowKey) =>
      readEntries(reader, { table: entity, key }, { order: 'oldest' }),
    entries: (filter: EntryFilter = {}, options: IterateEntriesOptions = {}) =>
      readEntries(reader, filter, options),
    page: (filter: EntryFilter = {}, options: FindEntriesOptions = {}) => readPage(reader, filter, options),
    entry: async (id: number) => {
      const { database, engine } = await connection()
      return nameEntry(await getEntry(database, id), names, engine.locate)
    },
    record: (event: AuditEvent, options?: RecordOptions) =>
      recordEvent({ connection, names, within }, event, options),
    withReason,
    seal: async () => (await connection()).sealer.seal(),
    verify: async (options?: VerifyOptions) => verifyLog((await connection()).database, options),
    status: async () => readStatus((await connection()).database),
  })
}

type Reader = Required<Pick<AuditParts, 'connection' | 'names'>>

async function* readEntries(
  { connection, names }: Reader,
  filter: EntryFilter,
  options: IterateEntriesOptions,
): AsyncIterable<NamedEntry> {
  const { database, engine } = await connection()
  for await (const entry of iterateEntries(
    database,
    toDatabaseNames(filter, names, engine.locate),
    options,
  )) {
    yield nameEntry(entry, names, engine.locate)
  }
}

async function readPage(
  { connection, names }: Reader,
  filter: EntryFilter,
  options: FindEntriesOptions,
): Promise<NamedEntryPage> {
  const { database, engine } = await connection()
  const page = await findEntries(database, toDatabaseNames(filter, names, engine.locate), options)
  return { ...page, entries: page.entries.map((entry) => nameEntry(entry, names, engine.locate)) }
}

function toDatabaseNames(filter: EntryFilter, names: EntityNames, locate: LocateTable): EntryFilter {
  if (typeof filter.table !== 'string') return filter
  const entity = names.byEntity(filter.table) ?? { table: filter.table }
  const schema = schemaOf(entity, locate)
  return { ...filter, table: schema === undefined ? entity.table : { name: entity.table, schema } }
}
