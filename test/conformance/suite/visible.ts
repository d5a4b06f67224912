const A_MINUTE = 60_000
/** Rows keep the times at which they were written, all through a test file. */
const BEGIN = Date.now() - A_MINUTE
const TIME = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::?\d\d)?)?/g
const RANDOM_UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g

/**
 * Spells out everything that an application can tell about a value: types, classes, the order of keys, what an error holds.
 *
 * Two runs of the same work must come out equal. Nothing is left out but the stacks of errors, and nothing is taken as equal but
 * times of this run, random (version 4) UUIDs and the place in PostgreSQL's source that refuses a statement in a failed
 * transaction: each protocol has one of its own, and a captured statement has a value more, which the simple protocol cannot send.
 */
export function visible(value: unknown): unknown {
  return spell(value, new Map())
}

/** Replaces the times of this run and the random UUIDs in a text. */
export function withoutChance(text: string): string {
  return text
    .replace(RANDOM_UUID, '<random uuid>')
    .replace(TIME, (time) => (isTimeOfThisRun(time) ? '<now>' : time))
}

function spell(value: unknown, above: Map<object, string>, path = 'it'): unknown {
  if (typeof value === 'string') return `string ${withoutChance(value)}`
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`
  const known = above.get(value)
  if (known !== undefined) return `<${known} again>`
  const inside = new Map(above).set(value, path)
  if (value instanceof Date) return `Date ${isOfThisRun(value.getTime()) ? '<now>' : value.toJSON()}`
  if (ArrayBuffer.isView(value)) return `${classOf(value)} ${toHex(value)}`
  if (Array.isArray(value)) return value.map((each, at) => spell(each, inside, `${path}[${at}]`))
  if (value instanceof Map || value instanceof Set)
    return { '<class>': classOf(value), entries: spell([...value], inside, path) }
  return spellFields(value, inside, path)
}

function spellFields(value: object, above: Map<object, string>, path: string): Record<string, unknown> {
  const names = value instanceof Error ? fieldsOfError(value) : Object.keys(value)
  const fields = names.map((name) => [name, spell(Reflect.get(value, name), above, `${path}.${name}`)])
  return { '<class>': classOf(value), '<keys>': names.join(', '), ...Object.fromEntries(fields) }
}

function fieldsOfError(error: Error): string[] {
  const own = Object.getOwnPropertyNames(error).filter((name) => name !== 'stack')
  return [...new Set(['name', 'message', ...own])]
}

function classOf(value: object): string {
  return Object.getPrototypeOf(value)?.constructor?.name ?? 'null'
}

function toHex({ buffer, byteOffset, byteLength }: ArrayBufferView): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('hex')
}

/** A time without a zone may be meant in UTC or in the zone of the process. */
function isTimeOfThisRun(time: string): boolean {
  const iso = time.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00')
  return isOfThisRun(Date.parse(iso)) || isOfThisRun(Date.parse(`${iso}Z`))
}

function isOfThisRun(time: number): boolean {
  return time > BEGIN && time < Date.now() + A_MINUTE
}
