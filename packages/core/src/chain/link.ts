import { type HashHex, sha256OfHex } from '../entry/sha256.ts'
import type { TextRow } from '../store/audit-database.ts'

const LINK_PREFIX = '02'
const ORIGIN_PREFIX = '04'

/** One row of `indelible.link`: the place of an entry in the chain. */
export interface Link {
  /** Place in the chain, from 1, without holes. */
  readonly seq: number
  readonly entryId: string
  readonly entryHash: HashHex
  readonly imageHash: HashHex
  /** The `hash` of the link before; of the first link, {@link hashOrigin} of the log. */
  readonly prevHash: HashHex
  readonly hash: HashHex
}

/** The select list that yields a {@link Link} as text. It expects `indelible.link` under the alias `l`. */
export const LINK_COLUMNS: string = [
  'l.seq::text as seq',
  'l.entry_id::text as entry_id',
  "encode(l.entry_hash, 'hex') as entry_hash",
  "encode(l.image_hash, 'hex') as image_hash",
  "encode(l.prev_hash, 'hex') as prev_hash",
  "encode(l.hash, 'hex') as hash",
].join(', ')

/** Reads a row selected with {@link LINK_COLUMNS}. */
export function toLink(row: TextRow): Link {
  return {
    seq: Number(row['seq']),
    entryId: row['entry_id'] ?? '',
    entryHash: row['entry_hash'] ?? '',
    imageHash: row['image_hash'] ?? '',
    prevHash: row['prev_hash'] ?? '',
    hash: row['hash'] ?? '',
  }
}

/** Chains an entry to the link before it: `SHA-256(0x02 ‖ prev_hash ‖ entry_hash)`. */
export function hashLink(prevHash: HashHex, entryHash: HashHex): HashHex {
  return sha256OfHex(LINK_PREFIX + prevHash + entryHash)
}

/** The `prev_hash` of the first link: `SHA-256(0x04 ‖ the 16 bytes of the log's id)`. No two logs share a chain. */
export function hashOrigin(logId: string): HashHex {
  return sha256OfHex(ORIGIN_PREFIX + logId.replaceAll('-', ''))
}
