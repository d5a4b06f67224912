import { hash } from 'node:crypto'

/** A SHA-256 hash as 64 lower-case hexadecimal digits: the form that every function of this package takes and returns. */
export type HashHex = string

/** Hashes bytes, or a text as UTF-8. */
export function sha256(data: string | Uint8Array): HashHex {
  return hash('sha256', data, 'hex')
}

/** Hashes bytes that are written down in hexadecimal. */
export function sha256OfHex(hex: string): HashHex {
  return hash('sha256', Buffer.from(hex, 'hex'), 'hex')
}
