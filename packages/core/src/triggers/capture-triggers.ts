import { loadCatalog } from '../capture/catalog.ts'
import { refreshInside } from '../cascade/refresh-cascades.ts'
import { AuditError } from '../errors.ts'
import type { RedactOptions } from '../redact/redact-options.ts'
import type { Redaction } from '../redact/redaction.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import type { AuditDatabase, AuditTransaction } from '../store/audit-database.ts'
import type { TableFilter } from '../store/entry-filter.ts'
import { MIGRATION_LOCK } from '../store/migration-lock.ts'
import { requireSchema } from '../store/schema-check.ts'
import { ROW_TRIGGER, TRUNCATE_TRIGGER } from './capture-trigger-names.ts'
import { listCaptureTriggers } from './list-capture-triggers.ts'
import { definitionHash, type Registered, readRegistered } from './registered-triggers.ts'
import { findRelations, quoteTable } from './relations.ts'
import { compileStoredRules, toStoredRules } from './stored-rules.ts'
import { renderTriggerFunction, type TriggerFunctionParts } from './trigger-function.ts'

/** How capture triggers are made. */
export interface CaptureTriggerOptions {
  /**
   * What is secret, as the application's own options say; what they leave open may come from the environment (`INDELIBLE_REDACT_…`).
   * It is stored with the triggers, without `fingerprintKey`: what another program writes is masked where the application would
   * fingerprint. @default the built-in names
   */
  readonly redact?: RedactOptions
  /** Milliseconds to wait for a table that others write, before giving up. @default 10000 */
  readonly lockTimeout?: number
}

/** A table by name. */
export type TableName = Required<TableFilter>

/**
 * Puts capture triggers on tables, and on those that inherit from them, or makes them anew: every change of a row then leaves its
 * entry, whoever writes. Applications that use Indelible notice within ten seconds and leave these tables to the triggers.
 *
 * All of it or nothing. The role must own the tables and the schema `indelible`. Each table is locked against writers for a moment.
 *
 * @returns The tables that have triggers now.
 * @throws AuditError `AUDIT_OPTION_INVALID` for what is no table, or a wrong option; `AUDIT_SCHEMA_MISSING`.
 *
 * @example
 * await addCaptureTriggers(fromPgPool(pool), ['price', { schema: 'stock', name: 'level' }])
 */
export async function addCaptureTriggers(
  database: AuditDatabase,
  tables: readonly (string | TableFilter)[],
  { redact: given = {}, lockTimeout }: CaptureTriggerOptions = {},
): Promise<readonly TableName[]> {
  const redact = toStoredRules(given)
  const redaction = compileStoredRules(redact)
  await requireSchema(database)
  return await locked(database, lockTimeout, async (tx) => {
    const found = (await findRelations(tx, tables)).map(toName)
    await install(
      tx,
      found.map((table) => ({ table, redact, redaction })),
    )
    return found
  })
}

/**
 * Makes the capture triggers anew that are missing, altered or older than their table's columns, by the options they were made with.
 * Run it after each migration of the application.
 *
 * @returns The tables whose triggers were made anew.
 */
export async function refreshCaptureTriggers(
  database: AuditDatabase,
  { lockTimeout }: Pick<CaptureTriggerOptions, 'lockTimeout'> = {},
): Promise<readonly TableName[]> {
  await requireSchema(database)
  const stale = (await listCaptureTriggers(database)).filter(
    ({ state, exists }) => state !== 'present' && exists,
  )
  return await locked(database, lockTimeout, async (tx) => {
    const known = await readRegistered(tx)
    const requests: Request[] = []
    for (const status of stale) {
      const registered = known.find(({ functionName }) => functionName === status.functionName)
      // Another process has taken them off meanwhile.
      if (registered === undefined) continue
      const [table, { redact }] = [toName(status), registered]
      await forget(tx, registered, table)
      requests.push({ table, redact, redaction: compileStoredRules(redact) })
    }
    await install(tx, requests)
    return requests.map(({ table }) => table)
  })
}

/**
 * Takes capture triggers off tables. Their entries stay, and the application captures these tables by statement again.
 *
 * @returns The tables that had triggers.
 */
export async function removeCaptureTriggers(
  database: AuditDatabase,
  tables: readonly (string | TableFilter)[],
  { lockTimeout }: Pick<CaptureTriggerOptions, 'lockTimeout'> = {},
): Promise<readonly TableName[]> {
  await requireSchema(database)
  const states = await listCaptureTriggers(database)
  return await locked(database, lockTimeout, async (tx) => {
    const known = await readRegistered(tx)
    const removed: TableName[] = []
    for (const table of tables) {
      const status = states.find((each) => isNamed(each, table))
      const registered = known.find(({ functionName }) => functionName === status?.functionName)
      if (status === undefined || registered === undefined) throw hasNone(table)
      await forget(tx, registered, status.exists ? status : undefined)
      removed.push(toName(status))
    }
    return removed
  })
}

function locked<T>(
  database: AuditDatabase,
  lockTimeout = 10_000,
  work: (tx: AuditTransaction) => Promise<T>,
): Promise<T> {
  if (!Number.isSafeInteger(lockTimeout) || lockTimeout < 0) {
    throw new TypeError(`lockTimeout is a number of milliseconds, not ${lockTimeout}`)
  }
  return database.transaction(async (tx) => {
    await tx.query(`set local lock_timeout = ${lockTimeout}`)
    await tx.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    const result = await work(tx)
    // What follows foreign keys leaves these tables to their triggers from now on, or no more.
    await refreshInside(tx)
    return result
  })
}

interface Request {
  readonly table: TableName
  readonly redact: RedactOptions
  readonly redaction: Redaction
}

async function install(tx: AuditTransaction, requests: readonly Request[]): Promise<void> {
  if (requests.length === 0) return
  const names = requests.map(({ table }) => table)
  // The locks first: the columns must not change between the look at them and the triggers.
  await tx.query(`lock table ${names.map(quoteTable).join(', ')} in share row exclusive mode`)
  const catalog = await loadCatalog(tx)
  const relations = new Map(
    (await findRelations(tx, names)).map((relation) => [quoteTable(relation), relation]),
  )
  for (const request of requests) {
    const table = catalog.find(request.table)
    const attributes = relations.get(quoteTable(request.table))?.attributes
    if (table === undefined || attributes === undefined) throw isGone(request.table)
    await installOne(tx, request, { table, attributes })
  }
}

async function installOne(
  tx: AuditTransaction,
  { table: wanted, redact, redaction }: Request,
  found: Pick<TriggerFunctionParts, 'table' | 'attributes'>,
): Promise<void> {
  const { name, sql } = renderTriggerFunction({ ...found, redact, redaction })
  await tx.query(sql)
  await tx.query(`revoke all on function indelible.${quoteIdentifier(name)} from public`)
  for (const statement of triggerStatements(wanted, name)) await tx.query(statement)
  await tx.query(REGISTER, [name, wanted.schema, wanted.name, JSON.stringify(redact)])
}

function triggerStatements(relation: TableName, functionName: string): readonly string[] {
  const table = quoteTable(relation)
  const [row, truncate] = [quoteIdentifier(ROW_TRIGGER), quoteIdentifier(TRUNCATE_TRIGGER)]
  return [
    `create or replace trigger ${row} after insert or update or delete on ${table}
      for each row execute function indelible.${quoteIdentifier(functionName)}()`,
    `create or replace trigger ${truncate} after truncate on ${table}
      for each statement execute function indelible.capture_truncate()`,
    // ALWAYS: what a replication worker or a restore writes is entered too.
    `alter table ${table} enable always trigger ${row}, enable always trigger ${truncate}`,
  ]
}

async function forget(
  tx: AuditTransaction,
  registered: Registered,
  table: TableName | undefined,
): Promise<void> {
  if (table !== undefined) {
    for (const trigger of [ROW_TRIGGER, TRUNCATE_TRIGGER]) {
      await tx.query(`drop trigger if exists ${quoteIdentifier(trigger)} on ${quoteTable(table)}`)
    }
  }
  await tx.query(`drop function if exists indelible.${quoteIdentifier(registered.functionName)}`)
  await tx.query('delete from indelible.capture_trigger where function_name = $1', [registered.functionName])
}

const REGISTER = `
  insert into indelible.capture_trigger (function_name, table_schema, table_name, redact, definition_hash)
  select $1::text, $2::text, $3::text, $4::json, ${definitionHash('p')}
  from pg_catalog.pg_proc p where p.pronamespace = 'indelible'::regnamespace and p.proname = $1::text
  on conflict (function_name) do update set redact = excluded.redact, definition_hash = excluded.definition_hash,
    table_schema = excluded.table_schema, table_name = excluded.table_name, made_at = clock_timestamp()`

function toName({ schema, name }: TableName): TableName {
  return { schema, name }
}

function isNamed(status: TableName, table: string | TableFilter): boolean {
  if (typeof table === 'string') return status.name === table
  return status.name === table.name && (table.schema === undefined || status.schema === table.schema)
}

function isGone(table: TableName): AuditError {
  const message = `${table.schema}.${table.name} was dropped or renamed while its capture triggers were made.`
  return new AuditError('AUDIT_OPTION_INVALID', message, { facts: { table } })
}

function hasNone(table: string | TableFilter): AuditError {
  const name = typeof table === 'string' ? table : [table.schema, table.name].filter(Boolean).join('.')
  return new AuditError('AUDIT_OPTION_INVALID', `${name} has no capture triggers.`, { facts: { table } })
}
