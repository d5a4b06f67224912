import type { SqlText } from '../store/audit-database.ts'

/**
 * Writes fields as the text whose UTF-8 bytes are hashed: the version line, then each field as a netstring
 * (`<length in bytes>:<text>,`), in the order given. NULL is `-`, so it differs from the empty text, `0:,`.
 *
 * Every hash over an entry is taken over the result of this function. No two lists of fields give the same text: a length
 * is followed by `:`, and no length begins with `-`. Format: docs/design/chain-format.md; netstrings: https://cr.yp.to/proto/netstrings.txt.
 *
 * @example
 * canonicalText('indelible/image/1', ['{"a":1}', null]) // 'indelible/image/1\n7:{"a":1},-'
 */
export function canonicalText(version: string, fields: readonly SqlText[]): string {
  let text = `${version}\n`
  for (const field of fields) text += field === null ? '-' : `${Buffer.byteLength(field)}:${field},`
  return text
}
