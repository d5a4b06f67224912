import type { HashHex } from '../entry/sha256.ts'
import { hashedTimestamp } from '../entry/stored-entry.ts'
import { AuditError } from '../errors.ts'
import type { TextRow } from '../store/audit-database.ts'
import { type Checkpoint, parseCheckpoint } from './checkpoint.ts'
import { type MerkleTree, parseTree, treeRoot } from './merkle.ts'
import type { NoteVerifier } from './note-key.ts'
import { checkSignatures, parseNote, type SignedNote } from './signed-note.ts'

/** One row of `indelible.checkpoint`. */
export interface StoredCheckpoint {
  readonly size: number
  readonly root: HashHex
  readonly head: HashHex
  /** Roots of the perfect subtrees, one after the other. */
  readonly tree: string
  /** The note: what counts. The other columns repeat it for the sealer and for SQL. */
  readonly note: string
  readonly at: string
}

/** The select list that yields a {@link StoredCheckpoint} as text. It expects `indelible.checkpoint` under the alias `c`. */
export const CHECKPOINT_COLUMNS: string = [
  'c.size::text as size',
  "encode(c.root, 'hex') as root",
  "encode(c.head, 'hex') as head",
  "encode(c.tree, 'hex') as tree",
  'c.note as note',
  `${hashedTimestamp('c.at')} as at`,
].join(', ')

/** Reads a row selected with {@link CHECKPOINT_COLUMNS}; `undefined` when an outer join found no checkpoint. */
export function toStoredCheckpoint(row: TextRow): StoredCheckpoint | undefined {
  if (row['size'] == null) return undefined
  return {
    size: Number(row['size']),
    root: row['root'] ?? '',
    head: row['head'] ?? '',
    tree: row['tree'] ?? '',
    note: row['note'] ?? '',
    at: row['at'] ?? '',
  }
}

/** What the signatures of a checkpoint are worth to the holder of the keys given. */
export type SignatureState = 'unsigned' | 'unknown' | 'verified' | 'failed'

/** A note read: what it claims, and who says so. */
export interface CheckpointNote {
  readonly checkpoint: Checkpoint
  readonly signature: SignatureState
}

/** A row of `indelible.checkpoint` whose columns agree with each other. */
export interface ReadCheckpoint extends CheckpointNote {
  readonly tree: MerkleTree
}

/**
 * Reads the note of a checkpoint, signed or not. An unsigned one is the bare text.
 *
 * @throws AuditError `AUDIT_NOTE_INVALID` when it is malformed. A false signature is a {@link SignatureState}.
 */
export function readCheckpointNote(note: string, verifiers: readonly NoteVerifier[]): CheckpointNote {
  const signed: SignedNote = note.includes('\n\n') ? parseNote(note) : { text: note, signatures: [] }
  return { checkpoint: parseCheckpoint(signed.text), signature: signatureState(signed, verifiers) }
}

/**
 * Reads a row of `indelible.checkpoint`: its note rules, and the other columns must repeat it.
 *
 * @throws AuditError `AUDIT_NOTE_INVALID` when the note is malformed, belongs to another log, or disagrees with a column.
 */
export function readStoredCheckpoint(
  stored: StoredCheckpoint,
  logId: string,
  verifiers: readonly NoteVerifier[],
): ReadCheckpoint {
  const { checkpoint, signature } = readCheckpointNote(stored.note, verifiers)
  if (checkpoint.logId !== logId) {
    throw disagreement('its note names another log', { expected: logId, actual: checkpoint.logId })
  }
  for (const column of ['size', 'root', 'head', 'at'] as const) {
    const [expected, actual] = [checkpoint[column], stored[column]]
    if (actual !== expected) throw disagreement(`its ${column} is not that of its note`, { expected, actual })
  }
  const tree = parseTree(stored.size, stored.tree)
  if (tree === undefined || treeRoot(tree) !== checkpoint.root) {
    throw disagreement('its tree does not give its root', { expected: checkpoint.root })
  }
  return { checkpoint, signature, tree }
}

function signatureState(note: SignedNote, verifiers: readonly NoteVerifier[]): SignatureState {
  if (note.signatures.length === 0) return 'unsigned'
  const { verified, failed } = checkSignatures(note, verifiers)
  if (failed.length > 0) return 'failed'
  return verified.length > 0 ? 'verified' : 'unknown'
}

function disagreement(reason: string, facts: Readonly<Record<string, unknown>>): AuditError {
  return new AuditError('AUDIT_NOTE_INVALID', `The checkpoint disagrees with itself: ${reason}.`, { facts })
}
