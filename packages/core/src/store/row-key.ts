/** One part of a row's key. Write other types (a date, a uuid) as the text PostgreSQL gives them. */
export type RowKeyPart = string | number | bigint | boolean

/** The key of a row: its one part, or its parts in key order. */
export type RowKey = RowKeyPart | readonly RowKeyPart[]

/**
 * Writes a key as `indelible.entry.row_key` holds it: the value's text, or for a composite key a JSON array of texts.
 *
 * `JSON.stringify` escapes a text exactly as PostgreSQL's `to_json(text)` does: `"`, `\`, and control characters.
 *
 * @throws TypeError when the key is an empty list, or a number that JavaScript cannot hold exactly.
 *
 * @example
 * toRowKey(42) // '42'
 * toRowKey(['eu', 42]) // '["eu","42"]'
 */
export function toRowKey(key: RowKey): string {
  if (!isComposite(key)) return toText(key)
  const [first] = key
  if (first === undefined) throw new TypeError('a row key needs at least one part')
  return key.length === 1 ? toText(first) : JSON.stringify(key.map(toText))
}

function isComposite(key: RowKey): key is readonly RowKeyPart[] {
  return Array.isArray(key)
}

function toText(part: RowKeyPart): string {
  if (typeof part === 'number' && Number.isInteger(part) && !Number.isSafeInteger(part)) {
    throw new TypeError(
      `the key ${part} is beyond JavaScript's exact numbers: write it as a string or bigint`,
    )
  }
  return String(part)
}
