import type { ObservedEntry } from '../conformance/observed.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import type { FuzzTable } from './random-schema.ts'
import { nameOf } from './sql-name.ts'

type Fields = ReadonlyMap<string, string>

/**
 * Makes the rows of a table with a key out of nothing but its entries.
 *
 * @returns Each row as the sorted texts of its columns.
 */
export function replay(table: FuzzTable, entries: readonly ObservedEntry[]): string[] {
  const key = table.key.map(({ name }) => nameOf(name))
  const rows = new Map<string, Fields>()
  for (const { op, key: told, beforeFields, afterFields } of entries) {
    if (op === 'truncate') rows.clear()
    if (op === 'insert') rows.set(keyOf(key, new Map(afterFields)), new Map(afterFields))
    if (op !== 'update' && op !== 'delete') continue
    const row = told === null ? undefined : rows.get(told)
    if (told === null || row === undefined || beforeFields.some(([name, text]) => row.get(name) !== text)) {
      throw new Error(`no row is as an entry says it was: ${op} ${told} ${JSON.stringify(beforeFields)}`)
    }
    rows.delete(told)
    const changed = new Map([...row, ...afterFields])
    if (op === 'update') rows.set(keyOf(key, changed), changed)
  }
  return [...rows.values()].map(toText).sort()
}

/** Numbers are told as their JSON has them, and texts without what JSON adds. */
function keyOf(columns: readonly string[], row: Fields): string {
  const [first = '', ...others] = columns.map((column) => {
    const json = row.get(column) ?? 'null'
    return json.startsWith('"') ? String(JSON.parse(json)) : json
  })
  return others.length === 0 ? first : JSON.stringify([first, ...others])
}

function toText(row: Fields): string {
  return JSON.stringify([...row].sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Reads the rows of a table in the same form. */
export async function readTable(database: TestDatabase, table: string): Promise<string[]> {
  const rows = await database.query<{ fields: [string, string][] }>(
    `select (select json_agg(json_build_array(key, value::text)) from json_each(row_to_json(t))) as fields from ${table} t`,
  )
  return rows.map(({ fields }) => toText(new Map(fields))).sort()
}
