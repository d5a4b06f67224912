import { types } from 'node:util'

/** Reads a field of an object without running a getter. */
export function fieldOf(holder: object, key: string): unknown {
  const property = Object.getOwnPropertyDescriptor(holder, key)
  return property !== undefined && 'value' in property ? property.value : undefined
}

/** Whether a value is an array, or an object as JSON makes them. A proxy is neither: asking for its prototype would run code of its own. */
export function isPlain(value: unknown): value is object {
  if (value === null || typeof value !== 'object' || types.isProxy(value)) return false
  if (Array.isArray(value)) return true
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}
