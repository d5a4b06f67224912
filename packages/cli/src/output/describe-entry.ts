import type { AuditEntry } from '@indelible/core'
import { type Change, listChanges } from './changes.ts'
import { escapeControls } from './escape-controls.ts'
import { type EventDetails, tryReadEventDetails } from './event-details.ts'
import { toJson } from './json.ts'
import { paintOp } from './table.ts'
import type { Colors } from './terminal.ts'
import { truncate } from './truncate.ts'

/** What {@link describeEntry} needs beside the entry. */
export interface DescribeEntryOptions {
  readonly colors: Colors
  /** How many links the last checkpoint covers. */
  readonly checkpoint: number
}

/** Writes an entry for reading: header, chain, context, and its changes as a diff; of an event, what was done. */
export function describeEntry(entry: AuditEntry, { colors, checkpoint }: DescribeEntryOptions): string {
  const fields = listFields(entry, checkpoint).map(
    ([name, value]) => `${colors.dim(name.padEnd(NAME_WIDTH))}${escapeControls(value)}`,
  )
  const event = tryReadEventDetails(entry)
  const changes =
    event === undefined
      ? listChanges(entry).flatMap((change) => diff(change, colors))
      : describeEvent(event, colors)
  const context = entry.context ? [colors.dim('context'), toJson(entry.context)] : []
  return [title(entry, colors), ...fields, ...context, '', ...changes].join('\n').trimEnd()
}

const NAME_WIDTH = 13

function describeEvent({ title, fields, metadata }: EventDetails, colors: Colors): string[] {
  return [
    colors.bold(title),
    ...fields.map(([name, value]) => `${colors.dim(name.padEnd(NAME_WIDTH))}${value}`),
    ...(metadata === undefined ? [] : [colors.dim('metadata'), shorten(metadata.block)]),
  ]
}

function title({ id, op, tableSchema, tableName, rowKey }: AuditEntry, colors: Colors): string {
  const table = [tableSchema, tableName].filter((name) => name !== null).join('.')
  const row = escapeControls([table, rowKey].filter(Boolean).join(' '))
  return `${colors.bold(`Entry ${id}`)}  ${paintOp(op, colors)} ${row}`.trimEnd()
}

function listFields(entry: AuditEntry, checkpoint: number): (readonly [name: string, value: string])[] {
  const fields: (readonly [string, string | null])[] = [
    ['at', entry.at],
    ['transaction', entry.tx],
    ['actor', entry.actorId && (entry.actorType ? `${entry.actorId} (${entry.actorType})` : entry.actorId)],
    ['tenant', entry.tenant],
    ['correlation', entry.correlationId],
    ['chain', describePlace(entry, checkpoint)],
    ['hash', entry.hash],
  ]
  return fields.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
}

function describePlace({ seq }: AuditEntry, checkpoint: number): string {
  if (seq === null) return 'not sealed yet'
  return seq <= checkpoint
    ? `link ${seq}, under the checkpoint of ${checkpoint}`
    : `link ${seq}, not under a checkpoint yet`
}

const LONGEST_VALUE = 2000

function diff({ column, before, after }: Change, colors: Colors): string[] {
  const removed = before === undefined ? [] : [colors.red(`- ${column}: ${shorten(before)}`)]
  const added = after === undefined ? [] : [colors.green(`+ ${column}: ${shorten(after)}`)]
  return [...removed, ...added]
}

function shorten(value: string): string {
  if (value.length <= LONGEST_VALUE) return value
  return `${truncate(value, LONGEST_VALUE)} (${value.length} characters; --format json prints all of it)`
}
