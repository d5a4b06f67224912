import { quoteIdentifier } from '../sql/quote.ts'

/** Which database roles may do what with the audit trail. Roles must exist; superusers and the owner need no grant. */
export interface AuditGrants {
  /** May write entries through `indelible.log`, and touch no table: what an application needs. */
  readonly writers?: readonly string[]
  /** May read entries and append links and checkpoints: what the sealer needs. */
  readonly sealers?: readonly string[]
  /** May read everything: what history, export and verification need. */
  readonly readers?: readonly string[]
}

/**
 * Writes the statements that give these rights. They may be run again.
 *
 * @throws TypeError when a role name is empty or holds a NUL character.
 */
export function planGrants({ writers = [], sealers = [], readers = [] }: AuditGrants): readonly string[] {
  return [
    ...writers.flatMap((role) => grantTo(role, WRITER_RIGHTS)),
    ...sealers.flatMap((role) => grantTo(role, SEALER_RIGHTS)),
    ...readers.flatMap((role) => grantTo(role, READER_RIGHTS)),
  ]
}

/** The functions that a writer's statements call. What those touch needs no right of the writer's: they are SECURITY DEFINER. */
export const writerFunctions: readonly string[] = [
  'check_changes',
  'carried',
  'carry',
  'exact_json',
  'exact_text',
  'fingerprint',
  'keep',
  'keep_changes',
  'log',
  'log_event',
  'log_rows',
  'log_statement',
  'mark_changes',
  'redact_document',
  'restore_changes',
  'require_captured',
]

const WRITER_RIGHTS = [
  'usage on schema indelible',
  ...writerFunctions.map((name) => `execute on function indelible.${name}`),
]

const SEALER_RIGHTS = [
  'usage on schema indelible',
  'select on indelible.migration, indelible.origin, indelible.entry, indelible.pending, indelible.link, indelible.checkpoint',
  'insert on indelible.link, indelible.checkpoint',
  'delete on indelible.pending',
]

const READER_RIGHTS = ['usage on schema indelible', 'select on all tables in schema indelible']

function grantTo(role: string, rights: readonly string[]): string[] {
  // PostgreSQL has no way to write these.
  if (role === '' || role.includes('\0'))
    throw new TypeError(`${JSON.stringify(role)} is not the name of a role`)
  return rights.map((right) => `grant ${right} to ${quoteIdentifier(role)}`)
}

/** The functions and relations of the audit schema before a migration, as declarations of PL/pgSQL. */
export const knownObjectsSql: string = `known_functions oid[] := array(
    select oid from pg_catalog.pg_proc where pronamespace = 'indelible'::pg_catalog.regnamespace);
  known_relations oid[] := array(
    select oid from pg_catalog.pg_class where relnamespace = 'indelible'::pg_catalog.regnamespace);
  command text;`

/**
 * Gives what is not among {@link knownObjectsSql} to the roles that need it for their task, as statements of PL/pgSQL: functions that
 * writers call to who may call `indelible.log`, tables to who may read the view `indelible.trail`.
 */
export const renewGrantsSql: string = `for command in
    select pg_catalog.format('grant execute on function %s to %I', f.oid::pg_catalog.regprocedure, r.rolname)
    from pg_catalog.pg_proc f, pg_catalog.pg_proc log
    cross join pg_catalog.aclexplode(log.proacl) a join pg_catalog.pg_roles r on r.oid = a.grantee
    where log.pronamespace = 'indelible'::pg_catalog.regnamespace and log.proname = 'log'
      and a.privilege_type = 'EXECUTE' and a.grantee <> log.proowner
      and f.pronamespace = log.pronamespace and f.oid <> all (known_functions)
      and f.proname = any ('{${writerFunctions.join(',')}}')
    union all
    select pg_catalog.format('grant select on %s to %I', t.oid::pg_catalog.regclass, r.rolname)
    from pg_catalog.pg_class t, pg_catalog.pg_class trail
    cross join pg_catalog.aclexplode(trail.relacl) a join pg_catalog.pg_roles r on r.oid = a.grantee
    where trail.relnamespace = 'indelible'::pg_catalog.regnamespace and trail.relname = 'trail'
      and a.privilege_type = 'SELECT' and a.grantee <> trail.relowner
      and t.relnamespace = trail.relnamespace and t.relkind in ('r', 'p', 'v', 'm') and t.oid <> all (known_relations)
  loop
    execute command;
  end loop;`
