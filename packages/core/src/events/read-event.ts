import type { AuditActor } from '../context/audit-context.ts'
import { storableText } from '../context/storable-text.ts'
import { type RowKey, toRowKey } from '../store/row-key.ts'
import type { AuditEvent, EventOutcome, EventSeverity } from './audit-event.ts'
import { eventInvalid, fieldPath } from './event-invalid.ts'
import { copyJsonObject, type JsonObjectCopy, readable } from './json-value.ts'

/** An event that was checked, with its defaults. */
export interface ReadEvent {
  readonly action: string
  readonly outcome: EventOutcome
  readonly severity: EventSeverity
  readonly actor?: AuditActor
  readonly resource?: string
  /** The key as entries hold it. */
  readonly rowKey?: string
  readonly reason?: string
  readonly metadata?: JsonObjectCopy
}

const known = [
  'action',
  'actor',
  'resource',
  'resourceId',
  'outcome',
  'severity',
  'reason',
  'metadata',
] as const
const outcomes = ['success', 'failure', 'denied'] as const
const severities = ['info', 'success', 'warning', 'error'] as const
const severityOf = { success: 'success', failure: 'error', denied: 'warning' } as const

/**
 * Checks an event and copies it.
 *
 * @throws AuditError `AUDIT_EVENT_INVALID` naming the field, and no value.
 */
export function readEvent(event: unknown): ReadEvent {
  return readable('event', () => readFields(event))
}

function readFields(event: unknown): ReadEvent {
  const given = ownFields(event)
  const action = text(given, 'action', 200)
  if (action === undefined) throw eventInvalid('action', 'is missing')
  const outcome = choice(given, 'outcome', outcomes) ?? 'success'
  const resource = text(given, 'resource', 200)
  const rowKey = readKey(given['resourceId'])
  if (rowKey !== undefined && resource === undefined) throw eventInvalid('resourceId', 'needs a resource')
  const reason = text(given, 'reason', 2000)
  const { actor, metadata } = given
  return {
    action,
    outcome,
    severity: choice(given, 'severity', severities) ?? severityOf[outcome],
    ...(actor !== undefined && { actor: readActor(actor) }),
    ...(resource !== undefined && { resource }),
    ...(rowKey !== undefined && { rowKey }),
    ...(reason !== undefined && { reason }),
    ...(metadata !== undefined && { metadata: copyJsonObject(metadata, 'metadata') }),
  }
}

type Given = { readonly [Field in keyof AuditEvent]?: unknown }

/** Own fields only: what someone has put on Object.prototype is no part of an event. */
function ownFields(event: unknown): Given {
  if (event === null || typeof event !== 'object' || Array.isArray(event)) {
    throw eventInvalid('event', 'must be an object with an action')
  }
  const fields = Object.entries(event)
  const unknown = fields.find(([name]) => !(known as readonly string[]).includes(name))
  if (unknown !== undefined) {
    throw eventInvalid(
      fieldPath('', unknown[0]),
      `is not a field of an event; fields are: ${known.join(', ')}`,
    )
  }
  return Object.assign(Object.create(null), Object.fromEntries(fields))
}

function text(given: Given, field: keyof AuditEvent, longest: number): string | undefined {
  const value = given[field]
  if (value === undefined) return undefined
  if (typeof value !== 'string') throw eventInvalid(field, 'must be a text')
  if (value.trim() === '' || value.length > longest) {
    throw eventInvalid(field, `must have 1 to ${longest} characters, not only blanks`)
  }
  return storableText(value)
}

function choice<Choice extends string>(
  given: Given,
  field: keyof AuditEvent,
  choices: readonly Choice[],
): Choice | undefined {
  const value = given[field]
  if (value === undefined) return undefined
  const chosen = choices.find((each) => each === value)
  if (chosen === undefined) throw eventInvalid(field, `must be one of: ${choices.join(', ')}`)
  return chosen
}

function readActor(value: unknown): AuditActor {
  const { id, type, ...details } = copyJsonObject(value, 'actor')
  if (typeof id !== 'string' || id.trim() === '' || id.length > 500) {
    throw eventInvalid('actor.id', 'must be a text of 1 to 500 characters, not only blanks')
  }
  if (type === undefined) return { ...details, id }
  if (typeof type !== 'string') throw eventInvalid('actor.type', 'must be a text')
  return { ...details, id, type }
}

// An index row of PostgreSQL holds 2,704 bytes: schema, table and key share them.
const longestKey = 1900

function readKey(value: unknown): string | undefined {
  if (value === undefined) return undefined
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value]
  if (parts.length === 0 || !parts.every(isKeyPart)) {
    throw eventInvalid('resourceId', 'must be a text, a number, a bigint, a boolean, or a list of these')
  }
  const key = storableText(toKeyText(value as RowKey))
  if (Buffer.byteLength(key) > longestKey)
    throw eventInvalid('resourceId', `has more than ${longestKey} bytes`)
  return key
}

function isKeyPart(part: unknown): boolean {
  if (typeof part === 'number') return Number.isFinite(part)
  return typeof part === 'string' || typeof part === 'bigint' || typeof part === 'boolean'
}

function toKeyText(key: RowKey): string {
  try {
    return toRowKey(key)
  } catch {
    throw eventInvalid('resourceId', "is beyond JavaScript's exact numbers: write it as a string or bigint")
  }
}
