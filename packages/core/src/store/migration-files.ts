import { readdirSync, readFileSync } from 'node:fs'
import { AuditError } from '../errors.ts'

/** One file of the `sql` folder. */
export interface Migration {
  /** Its place in the order: 1, 2, 3, … without a gap. */
  readonly version: number
  /** Such as `0001-foundation`. */
  readonly name: string
  readonly sql: string
}

const FOLDER = new URL('../../sql/', import.meta.url)
const FILE_NAME = /^(\d{4})-[a-z0-9-]+\.sql$/

/**
 * Reads the migrations that this release knows, in order.
 *
 * @throws AuditError AUDIT_SCHEMA_MISSING when the files are not beside the code, as inside a bundle.
 */
export function readMigrations(): readonly Migration[] {
  return listFiles()
    .sort()
    .map((file) => ({ version: Number(file.slice(0, 4)), name: file.slice(0, -4), sql: readSql(file) }))
}

function listFiles(): string[] {
  try {
    return readdirSync(FOLDER).filter((file) => FILE_NAME.test(file))
  } catch (cause) {
    throw new AuditError(
      'AUDIT_SCHEMA_MISSING',
      'The SQL files of @indelible/core are not beside its code. ' +
        'Keep the package out of the bundle, or run `npx indelible migrate` instead.',
      { cause, facts: { folder: FOLDER.href } },
    )
  }
}

/** With one kind of line end, so that function bodies are the same bytes wherever the files were checked out. */
function readSql(file: string): string {
  return readFileSync(new URL(file, FOLDER), 'utf8').replaceAll('\r\n', '\n')
}
