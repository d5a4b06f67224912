import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { AuditDatabase, AuditQueryable, AuditTransaction } from '../store/audit-database.ts'
import { MIGRATION_LOCK } from '../store/migration-lock.ts'
import { type CascadeFunction, cascadeFunctions, createSql, functionSql } from './cascade-functions.ts'
import { cascadeScope } from './cascade-scope.ts'
import { readForeignKeys } from './foreign-keys.ts'
import { stateSql } from './state-sql.ts'

/** What {@link refreshCascades} has done. */
export interface CascadeReport {
  /** Functions that were made anew. */
  readonly made: readonly string[]
  /** Functions that nothing needs any more. */
  readonly dropped: readonly string[]
  /** The owner of the audit schema, when there was something to do and the connection's role is not he: nothing was done then. */
  readonly owner?: string
}

/**
 * Makes the functions that follow foreign key actions row by row, for the tables as they are now. Call it after each migration of the
 * application's tables, as the owner of the audit schema; `migrate` ends with it. Until then the functions of tables that have
 * changed are not trusted, and what their foreign keys do is announced instead.
 *
 * It is one transaction, and does nothing where nothing has changed.
 */
export function refreshCascades(database: AuditDatabase): Promise<CascadeReport> {
  return database.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${MIGRATION_LOCK})`)
    return await refreshInside(tx)
  })
}

/** The same inside a transaction that holds the lock of migrations. Its settings are those of the transaction from then on. */
export async function refreshInside(tx: AuditTransaction): Promise<CascadeReport> {
  await readByNames(tx)
  const wanted = await planCascades(tx)
  const existing = await readExisting(tx)
  const bodies = new Map(existing.map((each) => [each.identity, each]))
  const identities = new Set(wanted.map(identityOf))
  const outdated = wanted.filter((each) => !isSame(bodies.get(identityOf(each)), each))
  const useless = existing.filter(({ identity }) => !identities.has(identity))
  if (outdated.length + useless.length === 0) {
    await giveRights(tx, wanted)
    return { made: [], dropped: [] }
  }
  const owner = await readOwner(tx)
  if (!owner.isUs) return { made: [], dropped: [], owner: owner.name }
  const drops = useless.map((each) => retire(each, useless))
  await tx.script([...drops, ...outdated.map((each) => makeSql(each, owner.name))].join(';\n'))
  await giveRights(tx, wanted)
  return { made: namesOf(outdated), dropped: [...new Set(useless.map(({ name }) => name))] }
}

/**
 * Takes a function out of use. It is dropped by the next refresh only: until their catalogs are read again, sessions call it, and it
 * announces what it cannot follow any more.
 */
function retire({ name, identity }: ExistingFunction, useless: readonly ExistingFunction[]): string {
  const [base] = name.split('_actions')
  const isInUse = useless.some((each) => each.name === base && each.comment !== null)
  return isInUse ? `comment on function ${identity} is null` : `drop function ${identity}`
}

function namesOf(functions: readonly CascadeFunction[]): string[] {
  return functions.flatMap(({ name, note }) => (note === undefined ? [] : [name]))
}

/** Makes names and constants print in one form, whatever the connection's settings. */
export async function readByNames(tx: AuditQueryable): Promise<void> {
  await tx.query(`select set_config('search_path', 'pg_catalog', true), set_config('quote_all_identifiers', 'off', true),
    set_config('datestyle', 'ISO', true), set_config('intervalstyle', 'postgres', true)`)
}

/** Lists the functions that the tables as they are now ask for. */
export async function planCascades(tx: AuditQueryable): Promise<readonly CascadeFunction[]> {
  const keys = await readForeignKeys(tx)
  const scopes = [...keys.tables.values()].flatMap((table) =>
    (['delete', 'update'] as const).flatMap((verb) => cascadeScope(keys, table, verb) ?? []),
  )
  if (scopes.length === 0) return []
  const lists = scopes.map(
    ({ relations, partitioned }, at) =>
      `(${at}, '{${relations.join(',')}}'::oid[], '{${partitioned.join(',')}}'::oid[])`,
  )
  const states = await tx.query(
    `select ${stateSql('v.relations', 'v.partitioned')} as state
    from (values ${lists.join(', ')}) v (at, relations, partitioned) order by v.at`,
  )
  return scopes.flatMap((scope, at) => cascadeFunctions(keys, scope, states[at]?.['state'] ?? ''))
}

/** A generated function as the catalog has it. */
export interface ExistingFunction {
  readonly name: string
  readonly identity: string
  readonly body: string
  readonly comment: string | null
  readonly settings: string | null
}

/** Reads the generated functions. */
export async function readExisting(tx: AuditQueryable): Promise<ExistingFunction[]> {
  const rows = await tx.query(`
    select p.proname as name, p.oid::regprocedure::text as identity, p.prosrc as body, obj_description(p.oid, 'pg_proc') as comment,
      concat_ws(' ', case when p.prosecdef then 'security definer' end, array_to_string(p.proconfig, ' ')) as settings
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'indelible' and p.proname ~ '^cascade_(delete|update)_'`)
  return rows.map((row) => ({
    name: row['name'] ?? '',
    identity: row['identity'] ?? '',
    body: row['body'] ?? '',
    comment: row['comment'] ?? null,
    settings: row['settings'] ?? null,
  }))
}

/** The name of a function with its arguments, as `regprocedure` prints it. */
export function identityOf({ name, signature }: CascadeFunction): string {
  return `indelible.${name}(${signature.replaceAll(', ', ',')})`
}

/** Whether a function is as it would be made now. */
export function isSame(
  existing: ExistingFunction | undefined,
  { body, note, settings }: CascadeFunction,
): boolean {
  return (
    existing !== undefined &&
    existing.settings === settings.replaceAll(/\bset (\w+) = /g, '$1=') &&
    existing.body === `\n${body}\n` &&
    existing.comment === (note === undefined ? null : JSON.stringify(note))
  )
}

async function readOwner(tx: AuditQueryable): Promise<{ readonly name: string; readonly isUs: boolean }> {
  const [row] = await tx.query(`
    select pg_get_userbyid(nspowner) as owner, pg_has_role(nspowner, 'usage') as is_us
    from pg_namespace where nspname = 'indelible'`)
  return { name: row?.['owner'] ?? '', isUs: row?.['is_us'] === 't' }
}

function makeSql(made: CascadeFunction, owner: string): string {
  const name = functionSql(made)
  const comment = made.note === undefined ? 'null' : quoteLiteral(JSON.stringify(made.note))
  return [
    createSql(made),
    `revoke all on function ${name} from public`,
    `comment on function ${name} is ${comment}`,
    `alter function ${name} owner to ${quoteIdentifier(owner)}`,
  ].join(';\n')
}

/** Whoever may write entries may let them be written for the rows that go along. */
async function giveRights(tx: AuditQueryable, functions: readonly CascadeFunction[]): Promise<void> {
  const called = functions.filter(({ settings }) => settings !== '')
  if (called.length === 0) return
  const list = called.map((each) => quoteLiteral(functionSql(each))).join(', ')
  const missing = await tx.query(`
    select f.identity, r.rolname as role
    from pg_proc log cross join aclexplode(log.proacl) a join pg_roles r on r.oid = a.grantee
    cross join unnest(array[${list}]) f (identity)
    where log.pronamespace = 'indelible'::regnamespace and log.proname = 'log' and a.privilege_type = 'EXECUTE'
      and not has_function_privilege(r.oid, f.identity, 'execute')`)
  for (const row of missing)
    await tx.query(`grant execute on function ${row['identity']} to ${quoteIdentifier(row['role'] ?? '')}`)
}
