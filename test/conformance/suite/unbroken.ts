import { expect } from 'vitest'
import type { ObservedEntry } from '../observed.ts'

type RowEntry = Pick<ObservedEntry, 'op' | 'table' | 'key' | 'beforeFields' | 'afterFields'>

/** Follows each row through its entries, in their order: every image must begin where the last one ended. */
export function expectUnbroken(entries: readonly RowEntry[]): void {
  const rows = new Map<string, Map<string, string> | undefined>()
  for (const { op, table, key, beforeFields, afterFields } of entries) {
    const name = `${table} ${key}`
    const known = rows.get(name)
    if (known !== undefined) {
      expect(op).not.toBe('insert')
      for (const [column, text] of beforeFields)
        expect([name, column, known.get(column)]).toEqual([name, column, text])
    }
    rows.set(name, op === 'delete' ? undefined : new Map([...(known ?? []), ...afterFields]))
  }
}
