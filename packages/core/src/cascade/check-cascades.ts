import type { AuditDatabase } from '../store/audit-database.ts'
import type { CascadeFunction, CascadeNote } from './cascade-functions.ts'
import {
  type ExistingFunction,
  identityOf,
  isSame,
  planCascades,
  readByNames,
  readExisting,
} from './refresh-cascades.ts'

/** A table whose foreign key actions could be followed row by row, and are only announced. */
export interface OutdatedCascade {
  readonly schema: string
  readonly table: string
  readonly verb: 'delete' | 'update'
  /** `missing`: never made. `stale`: made for tables that have changed since, or by another release. */
  readonly state: 'missing' | 'stale'
}

/** How the generated functions stand. */
export interface CascadeCheck {
  readonly outdated: readonly OutdatedCascade[]
  /** Functions that were edited: made for the tables as they are, and not as this release makes them. */
  readonly altered: readonly AlteredCascade[]
}

/** A generated function that was edited. */
export interface AlteredCascade {
  readonly object: string
  readonly expected: string
  readonly actual: string
}

/** Compares the generated functions with what would be made now. Reads the catalog only, so any role may ask. */
export function checkCascades(database: AuditDatabase): Promise<CascadeCheck> {
  return database.transaction(async (tx) => {
    await readByNames(tx)
    const wanted = await planCascades(tx)
    const existing = new Map((await readExisting(tx)).map((each) => [each.identity, each]))
    const current = new Set<string>()
    const outdated: OutdatedCascade[] = []
    for (const { name, note, ...rest } of wanted) {
      if (note === undefined) continue
      const found = existing.get(identityOf({ ...rest, name, note }))
      const state = stateOf(found, note)
      if (state === 'current') current.add(name)
      else outdated.push({ schema: note.schema, table: note.table, verb: note.verb, state })
    }
    const checked = wanted.filter(({ name }) => current.has(name.replace(/_actions$/, '')))
    return { outdated, altered: checked.flatMap((each) => alteration(existing.get(identityOf(each)), each)) }
  })
}

function stateOf(
  found: ExistingFunction | undefined,
  note: CascadeNote,
): OutdatedCascade['state'] | 'current' {
  if (found === undefined) return 'missing'
  return found.comment === JSON.stringify(note) ? 'current' : 'stale'
}

function alteration(found: ExistingFunction | undefined, wanted: CascadeFunction): AlteredCascade[] {
  if (isSame(found, wanted)) return []
  const object = `function ${wanted.name}(${wanted.signature})`
  const actual = found === undefined ? 'no such function' : `${found.settings ?? ''} ${found.body}`
  return [{ object, expected: `${wanted.settings} ${wanted.body}`, actual }]
}
