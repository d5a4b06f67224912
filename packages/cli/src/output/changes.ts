import type { AuditEntry } from '@indelible/core'
import { escapeControls } from './escape-controls.ts'
import { type EventDetails, tryReadEventDetails } from './event-details.ts'
import { splitFields } from './image-fields.ts'
import { truncate } from './truncate.ts'

/** One column of an entry's images. A side is undefined where the image does not have the column. */
export interface Change {
  readonly column: string
  readonly before: string | undefined
  readonly after: string | undefined
}

/** Lists the columns of both images, with their values as the JSON that is stored, safe to print. */
export function listChanges({ beforeText, afterText }: Images): readonly Change[] {
  const [before, after] = [beforeText, afterText].map((text) => splitFields(text ?? '{}'))
  const columns = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])])
  return [...columns].map((column) => ({
    column: escapeControls(column),
    before: escaped(before?.get(column)),
    after: escaped(after?.get(column)),
  }))
}

type Images = Pick<AuditEntry, 'beforeText' | 'afterText'>

function escaped(value: string | undefined): string | undefined {
  return value === undefined ? undefined : escapeControls(value)
}

/** Each value is cut so that one long value does not hide the others. */
const LONGEST_VALUE = 60
const LONGEST_SUMMARY = 400
const LONGEST_EVENT_METADATA = 200

/**
 * Says in one line what changed: `status: "NEW" → "PAID", total: 10 → 12`; of an event what was done:
 * `order.refund denied, severity: warning`.
 */
export function summariseChanges(entry: Images & Pick<AuditEntry, 'op' | 'after'>): string {
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
