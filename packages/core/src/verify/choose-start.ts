import type { ChainStart } from '../chain/chain-state.ts'
import { hashOrigin } from '../chain/link.ts'
import { EMPTY_TREE, parseTree, treeRoot } from '../chain/merkle.ts'
import type { NoteVerifier } from '../chain/note-key.ts'
import {
  CHECKPOINT_COLUMNS,
  type CheckpointNote,
  readStoredCheckpoint,
  toStoredCheckpoint,
} from '../chain/stored-checkpoint.ts'
import { AuditError } from '../errors.ts'
import { extendOverLinks } from '../seal/extend-over-links.ts'
import type { LogTail } from '../seal/log-tail.ts'
import type { AuditQueryable } from '../store/audit-database.ts'

/** A trusted checkpoint and the state of the log there. */
export interface TrustedStart {
  readonly note: CheckpointNote
  readonly state: ChainStart
}

/**
 * Finds the state of the log at a checkpoint that the caller trusts. The trusted root proves the tree, wherever it comes
 * from: from the `tree` column, or else from the entry hashes of the links before.
 *
 * @returns `undefined` when the log does not lead to that checkpoint: everything is to be read then.
 */
export async function resolveStart(
  tx: AuditQueryable,
  tail: LogTail,
  note: CheckpointNote,
): Promise<TrustedStart | undefined> {
  const { logId, size, root, head } = note.checkpoint
  if (note.signature === 'failed' || logId !== tail.logId || size > tail.size) return undefined
  const tree = await readTree(tx, size)
  if (tree && treeRoot(tree) === root) return { note, state: { tree, head } }
  const origin = { tree: EMPTY_TREE, head: hashOrigin(logId) }
  const state = await extendOverLinks(tx, origin, size)
  const isSame = state.tree.size === size && treeRoot(state.tree) === root && state.head === head
  return isSame ? { note, state } : undefined
}

/** Finds the last checkpoint of the table that one of the keys has signed. */
export async function findLastSigned(
  tx: AuditQueryable,
  logId: string,
  verifiers: readonly NoteVerifier[],
): Promise<CheckpointNote | undefined> {
  for (let before = LARGEST_SIZE; ; ) {
    const rows = await tx.query(DOWNWARDS, [before])
    const signed = rows.map((row) => tryReadSigned(row, logId, verifiers)).find((note) => note !== undefined)
    const last = rows.at(-1)?.['size']
    if (signed || !last) return signed
    before = last
  }
}

const LARGEST_SIZE = '9223372036854775807'

const DOWNWARDS = `
  select ${CHECKPOINT_COLUMNS} from indelible.checkpoint c where c.size < $1::bigint order by c.size desc limit 100`

const TREE = "select encode(tree, 'hex') as tree from indelible.checkpoint where size = $1::bigint"

async function readTree(tx: AuditQueryable, size: number) {
  const [row] = await tx.query(TREE, [`${size}`])
  return parseTree(size, row?.['tree'] ?? '')
}

function tryReadSigned(
  row: Parameters<typeof toStoredCheckpoint>[0],
  logId: string,
  verifiers: readonly NoteVerifier[],
): CheckpointNote | undefined {
  const stored = toStoredCheckpoint(row)
  try {
    const read = stored && readStoredCheckpoint(stored, logId, verifiers)
    return read?.signature === 'verified' ? read : undefined
  } catch (error) {
    // An altered checkpoint is no place to start from; reading the log will name it.
    if (error instanceof AuditError) return undefined
    throw error
  }
}
