import { AuditError } from '../errors.ts'
import { eventInvalid, fieldPath } from './event-invalid.ts'

/** A value that JSON can say, copied: what its owner does to the original later changes nothing. */
export type JsonCopy = string | number | boolean | null | readonly JsonCopy[] | JsonObjectCopy

/** An object among them. It has no prototype, so that no key of it, `__proto__` included, means more than a key. */
export interface JsonObjectCopy {
  readonly [key: string]: JsonCopy
}

const deepest = 32
const largest = 65_536

interface Walk {
  /** The objects that the value is inside of. */
  readonly ancestors: readonly object[]
  /** What is left of the size that is allowed. */
  readonly budget: { left: number }
}

/**
 * Copies an object as JSON would write it, and refuses what JSON would lose: functions, symbols, NaN, maps, sets, bytes, cycles.
 *
 * @throws AuditError `AUDIT_EVENT_INVALID` naming the field by its path.
 */
export function copyJsonObject(value: unknown, field: string): JsonObjectCopy {
  const copy = readable(field, () => {
    if (!isPlainObject(value)) throw eventInvalid(field, 'must be a plain object')
    return copyFields(value, field, { ancestors: [value], budget: { left: largest } })
  })
  if (Buffer.byteLength(JSON.stringify(copy)) > largest) throw tooLarge(field)
  return copy
}

/** Runs a walk in which proxies may throw what they like, at every step. */
export function readable<Copy>(field: string, walk: () => Copy): Copy {
  try {
    return walk()
  } catch (error) {
    throw error instanceof AuditError ? error : eventInvalid(field, 'cannot be read: a proxy or getter threw')
  }
}

function copyValue(value: unknown, path: string, walk: Walk): JsonCopy {
  spend(walk, path, typeof value === 'string' ? value.length : 1)
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value
    case 'bigint':
      return value.toString()
    case 'number':
      if (Number.isFinite(value)) return value
      throw eventInvalid(path, `is ${value}, which JSON cannot say`)
    case 'object':
      return value === null ? null : copyObject(value, path, walk)
    default:
      throw eventInvalid(path, `is of type ${typeof value}, which JSON cannot say`)
  }
}

function copyObject(value: object, path: string, { ancestors, budget }: Walk): JsonCopy {
  if (ancestors.includes(value)) throw eventInvalid(path, 'is part of a cycle')
  if (ancestors.length >= deepest) throw eventInvalid(path, `is nested more than ${deepest} levels deep`)
  const walk = { ancestors: [...ancestors, value], budget }
  if (ArrayBuffer.isView(value)) throw eventInvalid(path, 'holds bytes: give them as text')
  if (Array.isArray(value)) return copyItems(value, path, walk)
  if ('toJSON' in value && typeof value.toJSON === 'function')
    return copyValue(toJson(value, path), path, walk)
  if (!isPlainObject(value)) throw eventInvalid(path, 'is an object of a class, which JSON cannot say')
  return copyFields(value, path, walk)
}

/** Holes count: an array may claim to be longer than memory. */
function copyItems(value: readonly unknown[], path: string, walk: Walk): readonly JsonCopy[] {
  spend(walk, path, value.length)
  return Array.from(value, (item, at) => copyValue(item, fieldPath(path, at), walk))
}

function copyFields(value: object, path: string, walk: Walk): JsonObjectCopy {
  const copy: Record<string, JsonCopy> = Object.create(null)
  for (const key of Object.keys(value)) {
    spend(walk, path, key.length)
    const inner = fieldPath(path, key)
    const item = readField(value, key, inner)
    if (item !== undefined) copy[key] = copyValue(item, inner, walk)
  }
  return copy
}

function readField(value: object, key: string, path: string): unknown {
  try {
    return Reflect.get(value, key)
  } catch {
    throw eventInvalid(path, 'cannot be read: its getter threw')
  }
}

function toJson(value: object, path: string): unknown {
  try {
    return JSON.parse(JSON.stringify(value) ?? 'null')
  } catch {
    throw eventInvalid(path, 'cannot be written as JSON: its toJSON threw, or gave what JSON cannot say')
  }
}

function isPlainObject(value: unknown): value is object {
  if (value === null || typeof value !== 'object') return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // Objects of another realm, such as a test runner's, have another Object.prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

function spend({ budget }: Walk, path: string, size: number): void {
  budget.left -= size
  if (budget.left < 0) throw tooLarge(path)
}

function tooLarge(path: string) {
  return eventInvalid(path, `has more than ${largest} bytes of JSON`)
}
