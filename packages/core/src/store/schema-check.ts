import { checkCascades } from '../cascade/check-cascades.ts'
import { AuditError } from '../errors.ts'
import type { AuditDatabase } from './audit-database.ts'
import { readMigrations } from './migration-files.ts'
import { readSchemaFacts, type SchemaFacts } from './schema-facts.ts'
import { SCHEMA_MANIFEST } from './schema-manifest.ts'
import { assertNotNewer, tryReadVersions } from './schema-version.ts'

/** One way in which the audit schema is not as the migrations made it. */
export interface SchemaFinding {
  readonly kind: 'missing' | 'altered' | 'unexpected'
  /** Such as `trigger entry.append_only` or `column entry.before`. */
  readonly object: string
  /** What the migrations made; null when they made no such object. */
  readonly expected: string | null
  /** What the catalog says; null when there is no such object. */
  readonly actual: string | null
}

/**
 * Compares the audit schema with what the migrations of this release make: columns, constraints, triggers, functions, rules,
 * row-level security. Reads the catalog only, so any role may ask.
 *
 * An empty list means that the database itself still refuses what it must refuse. It says nothing about the rows: that is `verifyLog`.
 * Functions that were generated for the application's tables count when these are as they were: then they must be what this release makes.
 * Tables, views and functions of other names in the schema are not findings; neither are privileges and non-unique indexes.
 */
export async function checkSchema(database: AuditDatabase): Promise<readonly SchemaFinding[]> {
  const findings = compareFacts(parseManifest(SCHEMA_MANIFEST), await readSchemaFacts(database))
  if (findings.includes(NO_SCHEMA)) return findings
  const { altered } = await checkCascades(database)
  return [...findings, ...altered.map((each) => ({ kind: 'altered' as const, ...each }))]
}

/**
 * Holds a program back from working on a schema whose guarantees do not hold.
 *
 * @throws AuditError AUDIT_SCHEMA_MISSING when there is none or it is older than this release, AUDIT_SCHEMA_NEWER when it is newer,
 * AUDIT_SCHEMA_ALTERED when it was changed by hand; `facts.findings` then holds every {@link SchemaFinding}.
 */
export async function requireSchema(database: AuditDatabase): Promise<void> {
  const findings = await checkSchema(database)
  if (findings.includes(NO_SCHEMA)) throw await missing(database)
  await assertVersion(database)
  if (findings.length > 0) throw altered(findings)
}

/** Reads the generated manifest: one fact a line. */
export function parseManifest(manifest: string): SchemaFacts {
  return new Map(manifest.trim().split('\n').map(parseLine))
}

function parseLine(line: string): [object: string, fact: string] {
  const end = line.indexOf(': ')
  return [line.slice(0, end), line.slice(end + 2)]
}

const NO_SCHEMA: SchemaFinding = {
  kind: 'missing',
  object: 'schema indelible',
  expected: 'the audit schema',
  actual: null,
}

/** Lists the differences between two sets of facts: first what is missing or altered, then what is too much. */
function compareFacts(expected: SchemaFacts, actual: SchemaFacts): readonly SchemaFinding[] {
  if (![...expected.keys()].some((object) => actual.has(object))) return [NO_SCHEMA]
  const changed = [...expected].filter(([object, fact]) => actual.get(object) !== fact)
  const known = new Set([...expected.keys()].map(ownerOf))
  const added = [...actual].filter(([object]) => !expected.has(object) && known.has(ownerOf(object)))
  return [
    ...changed.map(([object, fact]) => toFinding(object, fact, actual.get(object))),
    ...added.map(([object, fact]) => toFinding(object, undefined, fact)),
  ]
}

/** `trigger entry.append_only` → `entry`, `function log(text)` → `log()`: what an object belongs to. An overload counts. */
function ownerOf(object: string): string {
  const name = object.replace(/^(unique index|[a-z]+) /, '')
  return object.startsWith('function ') ? name.replace(/\(.*/, '()') : name.replace(/\..*/, '')
}

function toFinding(object: string, expected: string | undefined, actual: string | undefined): SchemaFinding {
  const kind = actual === undefined ? 'missing' : expected === undefined ? 'unexpected' : 'altered'
  return { kind, object, expected: expected ?? null, actual: actual ?? null }
}

/** It names the database: some tools make one that is not there, and are connected to another meanwhile. */
async function missing(database: AuditDatabase): Promise<AuditError> {
  const [row] = await database.query('select pg_catalog.current_database() as name')
  const name = row?.['name'] ?? ''
  return new AuditError(
    'AUDIT_SCHEMA_MISSING',
    `The audit schema is not in the database "${name}". Create it: \`npx indelible migrate\``,
    { facts: { database: name } },
  )
}

async function assertVersion(database: AuditDatabase): Promise<void> {
  const versions = await tryReadVersions(database)
  if (!versions) return
  const known = readMigrations()
  assertNotNewer(versions, known)
  const missing = known.filter(({ version }) => !versions.includes(version)).map(({ name }) => name)
  if (missing.length === 0) return
  throw new AuditError(
    'AUDIT_SCHEMA_MISSING',
    `The audit schema is older than this release: ${missing.join(', ')} missing. Update it: \`npx indelible migrate\``,
    { facts: { missing } },
  )
}

const NAMED_IN_MESSAGE = 5

function altered(findings: readonly SchemaFinding[]): AuditError {
  const named = findings.slice(0, NAMED_IN_MESSAGE).map(({ kind, object }) => `${object} (${kind})`)
  const more = findings.length > NAMED_IN_MESSAGE ? ` and ${findings.length - NAMED_IN_MESSAGE} more` : ''
  return new AuditError(
    'AUDIT_SCHEMA_ALTERED',
    `The audit schema is not as Indelible made it: ${named.join(', ')}${more}. ` +
      'Find out who changed it and restore it; `npx indelible status` shows every difference.',
    { facts: { findings } },
  )
}
