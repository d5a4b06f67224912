import type { AuditEntry, JsonRecord } from '@indelible/core'
import { escapeControls } from './escape-controls.ts'
import { truncate } from './truncate.ts'

/** One column of an entry's images. A side is undefined where the image does not have the column. */
export interface Change {
  readonly column: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Lists the columns of both images, with their values as JSON, safe to print. */
export function listChanges({ before, after }: Pick<AuditEntry, 'before' | 'after'>): readonly Change[] {
  const columns = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])
  return [...columns].map((column) => ({
    column: escapeControls(column),
    before: formatValue(before, column),
    after: formatValue(after, column),
  }))
}

function formatValue(image: JsonRecord | null, column: string): string | undefined {
  if (!image || !Object.hasOwn(image, column)) return undefined
  return escapeControls(JSON.stringify(image[column]))
}

/** Each value is cut so that one long value does not hide the others. */
const LONGEST_VALUE = 60
const LONGEST_SUMMARY = 400

/** Says the changes of an entry in one line: `status: "NEW" → "PAID", total: 10 → 12`. */
export function summariseChanges(entry: Pick<AuditEntry, 'before' | 'after'>): string {
  return truncate(listChanges(entry).map(summarise).join(', '), LONGEST_SUMMARY)
}

function summarise({ column, before, after }: Change): string {
  const values = [before, after].flatMap((value) =>
    value === undefined ? [] : [truncate(value, LONGEST_VALUE)],
  )
  return `${column}: ${values.join(' → ')}`
}
