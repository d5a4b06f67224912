import { knownObjectsSql, renewGrantsSql } from './grants.ts'
import { type Migration, readMigrations } from './migration-files.ts'
import { MIGRATION_LOCK } from './migration-lock.ts'

/**
 * Writes the audit schema as one SQL text, for those who run their migrations with a tool of their own.
 *
 * The text may be run again: a migration that is already there is skipped. So it survives `prisma migrate reset`, which empties
 * the application's schema, replays every migration and leaves the audit schema, with its entries, where it is.
 * It is one transaction if the tool makes it one; {@link migrate} recognises what it has applied.
 */
export function migrationSql(): string {
  return readMigrations().map(migrationBlock).join('\n')
}

/**
 * Writes one migration as a block that does nothing where it was applied. Roles that write or read the trail already have their
 * rights on what is new.
 */
export function migrationBlock({ version, name, sql }: Migration): string {
  const tag = `$indelible_${String(version).padStart(4, '0')}$`
  // Before the first migration nobody has a right.
  const [declarations, renewal] =
    version === 1 ? ['', ''] : [`declare\n  ${knownObjectsSql}\n`, `\n  ${renewGrantsSql}`]
  return `-- Indelible audit schema: ${name}
do $indelible$
${declarations}begin
  perform pg_catalog.pg_advisory_xact_lock(${MIGRATION_LOCK});
  ${skipWhenApplied(version)}
  execute ${tag}
${sql}${tag};
  insert into indelible.migration (version, name) values (${version}, '${name}');${renewal}
end
$indelible$;
`
}

function skipWhenApplied(version: number): string {
  // The first migration makes the table that the others look into.
  const applied =
    version === 1
      ? "pg_catalog.to_regclass('indelible.migration') is not null"
      : `exists (select from indelible.migration where version = ${version})`
  return `if ${applied} then return; end if;`
}
