const longestId = 256

/**
 * Returns the text of an identifier as applications keep them: a text, a number, or an object that tells it by `toHexString`
 * (MongoDB). Returns `undefined` for what cannot name anybody: nothing, control characters, half characters, more than 256
 * characters. An identifier is never cut: it would be somebody else's.
 */
export function toActorId(value: unknown): string | undefined {
  const text = textOf(value)?.trim()
  if (text === undefined || text === '' || text.length > longestId) return undefined
  return /\p{Cc}|\p{Cs}/u.test(text) ? undefined : text
}

function textOf(value: unknown): string | undefined {
  switch (typeof value) {
    case 'string':
      return value
    case 'number':
      return Number.isSafeInteger(value) ? String(value) : undefined
    case 'bigint':
      return String(value)
    case 'object':
      return hexOf(value)
    default:
      return undefined
  }
}

function hexOf(value: object | null): string | undefined {
  if (value === null || !('toHexString' in value) || typeof value.toHexString !== 'function') return undefined
  const hex: unknown = value.toHexString()
  return typeof hex === 'string' ? hex : undefined
}
