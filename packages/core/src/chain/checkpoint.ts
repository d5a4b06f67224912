import type { HashHex } from '../entry/sha256.ts'
import { AuditError } from '../errors.ts'

/** What a log commits to at one size: every entry up to there, and their order. */
export interface Checkpoint {
  readonly logId: string
  /** How many links it covers. */
  readonly size: number
  /** Merkle root over their entry hashes. */
  readonly root: HashHex
  /** Hash of the last link. */
  readonly head: HashHex
  /** When it was made, by the database's clock: `2026-11-22T10:15:00.123456Z`. */
  readonly at: string
}

const LINES =
  /^indelible\/([0-9a-f-]{36})\n([1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\nhead ([A-Za-z0-9+/]{43}=)\ntime (\S+)\n(?:.+\n)*$/

/**
 * Writes a checkpoint as the text of a note: origin, size and root as of C2SP tlog-checkpoint, then the extension lines
 * `head <base64>` and `time <timestamp>`.
 *
 * Format: https://c2sp.org/tlog-checkpoint
 */
export function formatCheckpoint({ logId, size, root, head, at }: Checkpoint): string {
  return `indelible/${logId}\n${size}\n${toBase64(root)}\nhead ${toBase64(head)}\ntime ${at}\n`
}

/**
 * Reads what {@link formatCheckpoint} has written. Further extension lines are passed over.
 *
 * @throws AuditError `AUDIT_NOTE_INVALID` when the text is no checkpoint of Indelible.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const [, logId, size, root, head, at] = LINES.exec(text) ?? []
  if (!logId || !size || !root || !head || !at || !Number.isSafeInteger(Number(size))) {
    throw new AuditError(
      'AUDIT_NOTE_INVALID',
      'The note is no checkpoint of an Indelible log: expected the lines indelible/<log id>, size, root, head and time.',
    )
  }
  return { logId, size: Number(size), root: fromBase64(root), head: fromBase64(head), at }
}

function toBase64(hex: HashHex): string {
  return Buffer.from(hex, 'hex').toString('base64')
}

function fromBase64(text: string): HashHex {
  return Buffer.from(text, 'base64').toString('hex')
}
