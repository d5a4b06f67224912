import { fieldOf, isPlain } from './plain-value.ts'
import { cutText, masked, maskSecretText, type SecretNames } from './secret-text.ts'

/** What of a body is kept. */
export interface RedactBodyOptions extends SecretNames {
  /** The longest that it may be as JSON, in bytes of UTF-8; what is beyond is left out. @default 10,000 */
  readonly maxBytes?: number
  /** How deep it may be nested. @default 10 */
  readonly depth?: number
}

/** JSON without its secrets. Objects have no prototype. */
export type RedactedBody = null | boolean | number | string | RedactedBody[] | { [key: string]: RedactedBody }

interface Copy {
  readonly names: SecretNames
  readonly depth: number
  readonly parents: Set<object>
  left: number
  /** Whether it has been said already that something is left out for want of space. */
  full: boolean
}

const leftOut = '[left out]'
// Room to say so: as the name of a field, with its value and the commas.
const reserve = 32
const longestText = 100_000

/**
 * Takes a snapshot of a body that was parsed from JSON or a form, with secrets masked, within a size. Returns `undefined` for all else:
 * streams, buffers, files, instances of classes, plain text. It runs no getter and no `toJSON` of the body.
 */
export function redactBody(
  body: unknown,
  { isSecret, maxBytes = 10_000, depth = 10 }: RedactBodyOptions,
): RedactedBody | undefined {
  if (!isPlain(body)) return undefined
  return copyValue(body, {
    names: { isSecret },
    depth,
    parents: new Set(),
    left: maxBytes - reserve,
    full: false,
  })
}

function copyValue(value: unknown, copy: Copy): RedactedBody {
  switch (typeof value) {
    case 'string':
      return spend(copyText(value, copy), copy)
    case 'number':
      return spend(Number.isFinite(value) ? value : null, copy)
    case 'boolean':
      return spend(value, copy)
    case 'bigint':
      return spend(cutText(String(value), 100), copy)
    case 'object':
      return value === null ? spend(null, copy) : copyObject(value, copy)
    default:
      return spend(leftOut, copy)
  }
}

function copyObject(value: object, copy: Copy): RedactedBody {
  const { parents, depth } = copy
  if (!isPlain(value) || parents.has(value) || parents.size >= depth) return spend(leftOut, copy)
  parents.add(value)
  copy.left -= 2
  const copied = Array.isArray(value) ? copyItems(value, copy) : copyFields(value, copy)
  parents.delete(value)
  return copied
}

function copyItems(items: readonly unknown[], copy: Copy): RedactedBody[] {
  const copied: RedactedBody[] = []
  for (const index of items.keys()) {
    copy.left -= 1
    if (copy.left <= 0) {
      if (!copy.full) copied.push(leftOut)
      copy.full = true
      return copied
    }
    copied.push(copyValue(fieldOf(items, String(index)), copy))
  }
  return copied
}

function copyFields(value: object, copy: Copy): RedactedBody {
  const isSecretPair = namesSecret(value, copy.names)
  const copied: Record<string, RedactedBody> = Object.create(null)
  for (const key of Object.keys(value)) {
    const name = cutText(maskSecretText(key.slice(0, 1000), copy.names), 200)
    copy.left -= byteLength(name) + 2
    if (copy.left <= 0) {
      if (!copy.full) copied[leftOut] = true
      copy.full = true
      return copied
    }
    const field = fieldOf(value, key)
    const isSecret = copy.names.isSecret(key) || (isSecretPair && valueNames.includes(key))
    copied[name] =
      isSecret && field !== null && field !== undefined ? spend(masked, copy) : copyValue(field, copy)
  }
  return copied
}

const pairNames = ['name', 'key', 'field', 'path']
const valueNames = ['value', 'values']

/** Whether an object is a pair that names a secret: `{ name: 'password', value: … }`, or `{ op: 'replace', path: '/password', … }`. */
function namesSecret(value: object, { isSecret }: SecretNames): boolean {
  if (!valueNames.some((name) => Object.hasOwn(value, name))) return false
  return pairNames.some((name) => {
    const said = fieldOf(value, name)
    return typeof said === 'string' && said.slice(0, 1000).split('/').some(isSecret)
  })
}

/** A text may be JSON in itself: its secrets are found by their names too. */
function copyText(text: string, { names, left, depth, parents }: Copy): string {
  if (!/^\s*[[{]/.test(text)) {
    return cutText(maskSecretText(text.slice(0, left + 1000), names), Math.max(left - 8, 1))
  }
  const parsed = text.length > longestText ? undefined : tryParse(text)
  if (parsed === undefined) return leftOut
  const copy: Copy = { names, left, depth: depth - parents.size, parents: new Set(), full: false }
  return JSON.stringify(copyValue(parsed, copy))
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function spend<Value extends RedactedBody>(value: Value, copy: Copy): Value | string {
  const size = byteLength(value)
  if (size > copy.left) {
    copy.left = 0
    copy.full = true
    return leftOut
  }
  copy.left -= size
  return value
}

function byteLength(value: RedactedBody): number {
  return Buffer.byteLength(JSON.stringify(value))
}
