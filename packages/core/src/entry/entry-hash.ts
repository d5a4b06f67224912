import { canonicalText } from './canonical.ts'
import { type HashHex, sha256 } from './sha256.ts'
import type { StoredEntry } from './stored-entry.ts'

// Each kind of hash begins with a byte of its own. 0x00 and 0x01 are RFC 6962's leaf and node, 0x02 and 0x04 are in link.ts.
const IMAGE_PREFIX = 0x03
const LEAF_PREFIX = '\u0000'
const SALT_BYTES = 16

/** The columns that an image hash covers. */
export type EntryImages = Pick<StoredEntry, 'before' | 'after' | 'salt'>

/** The columns that an entry hash covers beside the image hash. */
export type EntryHeader = Omit<StoredEntry, 'before' | 'after' | 'salt'>

/** Both hashes of an entry, as its link keeps them. */
export interface EntryHashes {
  readonly imageHash: HashHex
  readonly entryHash: HashHex
}

/** Computes both hashes of an entry: SHA-256 over the texts of docs/design/chain-format.md. */
export function hashEntry(entry: StoredEntry): EntryHashes {
  const imageHash = hashImages(entry)
  return { imageHash, entryHash: hashHeader(entry, imageHash) }
}

/** Hashes the other columns together with the image hash, `SHA-256(0x00 ‖ canonical(…))`: a leaf hash of RFC 6962, section 2.1. */
export function hashHeader(header: EntryHeader, imageHash: HashHex): HashHex {
  return sha256(LEAF_PREFIX + canonicalText('indelible/entry/1', [...headerFields(header), imageHash]))
}

/**
 * Commits to both images: `SHA-256(0x03 ‖ salt ‖ canonical(before, after))`.
 *
 * The salt keeps short values from being guessed from their hash once the images are erased.
 */
function hashImages({ before, after, salt }: EntryImages): HashHex {
  const text = canonicalText('indelible/image/1', [before, after])
  const bytes = Buffer.allocUnsafe(1 + SALT_BYTES + Buffer.byteLength(text))
  bytes[0] = IMAGE_PREFIX
  bytes.fill(0, 1, 1 + SALT_BYTES)
  bytes.write(salt.replaceAll('-', ''), 1, SALT_BYTES, 'hex')
  bytes.write(text, 1 + SALT_BYTES, 'utf8')
  return sha256(bytes)
}

function headerFields(header: EntryHeader): readonly (string | null)[] {
  return [
    header.id,
    header.at,
    header.tx,
    header.op,
    header.tableSchema,
    header.tableName,
    header.rowKey,
    header.actorId,
    header.actorType,
    header.tenant,
    header.correlationId,
    header.context,
  ]
}
