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

// indelible.log and indelible.log_statement are SECURITY DEFINER: what they call and touch needs no right of the writer's.
const WRITER_RIGHTS = [
  'usage on schema indelible',
  'execute on function indelible.check_changes',
  'execute on function indelible.carried',
  'execute on function indelible.carry',
  'execute on function indelible.exact_json',
  'execute on function indelible.exact_text',
  'execute on function indelible.fingerprint',
  'execute on function indelible.keep',
  'execute on function indelible.keep_changes',
  'execute on function indelible.log',
  'execute on function indelible.log_event',
  'execute on function indelible.log_rows',
  'execute on function indelible.log_statement',
  'execute on function indelible.mark_changes',
  'execute on function indelible.redact_document',
  'execute on function indelible.restore_changes',
  'execute on function indelible.require_captured',
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
