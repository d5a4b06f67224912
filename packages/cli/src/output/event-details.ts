import type { AuditEntry, JsonRecord, JsonValue } from '@indelible/core'
import { escapeControls } from './escape-controls.ts'
import { toJson } from './json.ts'

/** What an entry of op `event` tells, for printing. Everything in it is safe to print. */
export interface EventDetails {
  /** The action and how it ended: `order.refund denied`. */
  readonly title: string
  /** What else is a text, by name, in the order of printing. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  /** The metadata in one line, and as indented JSON. */
  readonly metadata?: { readonly line: string; readonly block: string }
}

/** Reads an event; undefined for other entries, and for one whose details were erased or made by another program. */
export function tryReadEventDetails({
  op,
  after,
}: Pick<AuditEntry, 'op' | 'after'>): EventDetails | undefined {
  if (op !== 'event' || typeof after?.['action'] !== 'string') return undefined
  const title = [after['action'], after['outcome']].filter(isText).map(escapeControls).join(' ')
  const { metadata } = after
  return {
    title,
    fields: ['severity', 'reason', 'resource'].flatMap((name) => field(after, name)),
    ...(metadata !== undefined && {
      metadata: { line: escapeControls(JSON.stringify(metadata)), block: toJson(metadata) },
    }),
  }
}

function field(details: JsonRecord, name: string): (readonly [string, string])[] {
  const value = details[name]
  return isText(value) ? [[name, escapeControls(value)]] : []
}

function isText(value: JsonValue | undefined): value is string {
  return typeof value === 'string'
}
