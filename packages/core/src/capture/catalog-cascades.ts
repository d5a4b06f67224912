import { CASCADE_VERSION, type CascadeNote } from '../cascade/cascade-functions.ts'
import type { Verb } from '../cascade/foreign-keys.ts'

/** A generated function that follows foreign key actions row by row. */
export interface Cascade extends Omit<CascadeNote, 'version' | 'schema' | 'table' | 'verb'> {
  readonly name: string
}

/** A function as the catalog query finds it. */
export interface FoundFunction {
  readonly name: string
  /** Its comment. */
  readonly note: string
  /** What it would be made from now. */
  readonly state: string | null
}

/** Finds the functions of a table. */
export type CascadesOfTable = (table: {
  readonly schema: string
  readonly name: string
}) => Readonly<Partial<Record<Verb, Cascade>>>

/** Sorts the functions by table and verb. One that was made from other tables than these, or by another release, is left out. */
export function cascadesByTable(found: readonly FoundFunction[]): CascadesOfTable {
  const byTable = new Map<string, Partial<Record<Verb, Cascade>>>()
  for (const each of found) {
    const note = tryParseNote(each.note)
    if (note === undefined || note.version !== CASCADE_VERSION || note.state !== each.state) continue
    const key = JSON.stringify([note.schema, note.table])
    byTable.set(key, { ...byTable.get(key), [note.verb]: { ...note, name: each.name } })
  }
  return ({ schema, name }) => byTable.get(JSON.stringify([schema, name])) ?? {}
}

function tryParseNote(text: string): CascadeNote | undefined {
  try {
    return JSON.parse(text) as CascadeNote
  } catch {
    return undefined
  }
}
