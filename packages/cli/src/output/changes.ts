import type { AuditEntry, JsonRecord } from '@indelible/core'
import { escapeControls } from './escape-controls.ts'
import { type EventDetails, tryReadEventDetails } from './event-details.ts'
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
const LONGEST_EVENT_METADATA = 200

/**
 * Says in one line what changed: `status: "NEW" → "PAID", total: 10 → 12`; of an event what was done:
 * `order.refund denied, severity: warning`.
 */
export function summariseChanges(entry: Pick<AuditEntry, 'op' | 'before' | 'after'>): string {
  const event = tryReadEventDetails(entry)
  const parts = event === undefined ? listChanges(entry).map(summarise) : summariseEvent(event)
  return truncate(parts.join(', '), LONGEST_SUMMARY)
}

/** The resource has a column of its own. */
function summariseEvent({ title, fields, metadata }: EventDetails): string[] {
  const others = fields.filter(([name]) => name !== 'resource')
  return [
    title,
    ...others.map(([name, value]) => `${name}: ${truncate(value, LONGEST_VALUE)}`),
    ...(metadata === undefined ? [] : [truncate(metadata.line, LONGEST_EVENT_METADATA)]),
  ]
}

function summarise({ column, before, after }: Change): string {
  const values = [before, after].flatMap((value) =>
    value === undefined ? [] : [truncate(value, LONGEST_VALUE)],
  )
  return `${column}: ${values.join(' → ')}`
}
