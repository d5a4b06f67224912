import type { HashHex } from '../entry/sha256.ts'
import type { ChainPosition, EntryMismatch } from './check-link.ts'
import type { ChainBreak } from './explain-breaks.ts'
import type { FindingList } from './findings.ts'
import { hashOrigin } from './link.ts'
import { EMPTY_TREE, type MerkleTree } from './merkle.ts'
import type { NoteVerifier } from './note-key.ts'

/** The state of a log at a checkpoint that the caller trusts. */
export interface ChainStart {
  readonly head: HashHex
  readonly tree: MerkleTree
}

/** What a verification knows between two links. */
export interface ChainState {
  readonly logId: string
  readonly verifiers: readonly NoteVerifier[]
  readonly findings: FindingList
  /** The size that it started from. */
  readonly start: number
  /** Held back, bounded: only the rest of the chain explains them. */
  readonly breaks: ChainBreak[]
  readonly mismatches: EntryMismatch[]
  readonly checkpoints: CheckpointState
  position: ChainPosition
  /** What the leaves so far give. Unknown after a gap, until a checkpoint tells it again. */
  sealed: ChainStart | undefined
  entries: number
}

/** What a verification knows between two checkpoints. */
export interface CheckpointState {
  total: number
  signed: number
  verified: number
  failed: number
  /** Size of the last one read. */
  last: number
  /** The links gave what a checkpoint says, last at this size. */
  agreed: number
  /** No link up to this size was found out of place, and every checkpoint agrees. */
  intact: number
  /** As `intact`, by a checkpoint with a verified signature or known from outside. */
  vouched: number
  /** Links were found out of place since the last agreement. */
  damaged: boolean
  /** Links were found out of place, or a checkpoint in disagreement, at all. */
  broken: boolean
  /** The last checkpoint compared disagreed. */
  mismatched: boolean
  knownMismatched: boolean
  /** The largest checkpoint that covers more links than were read. */
  beyond: { readonly size: number; readonly known: boolean } | undefined
}

/** The state before the first link. */
export function createChainState(
  {
    logId,
    verifiers,
    start,
  }: { logId: string; verifiers: readonly NoteVerifier[]; start: ChainStart | undefined },
  findings: FindingList,
): ChainState {
  const sealed = start ?? { head: hashOrigin(logId), tree: EMPTY_TREE }
  const { head, tree } = sealed
  return {
    logId,
    verifiers,
    findings,
    start: tree.size,
    breaks: [],
    mismatches: [],
    checkpoints: createCheckpointState(tree.size),
    position: { seq: tree.size, hash: head, computed: head },
    sealed,
    entries: 0,
  }
}

function createCheckpointState(start: number): CheckpointState {
  return {
    total: 0,
    signed: 0,
    verified: 0,
    failed: 0,
    last: 0,
    agreed: start,
    intact: start,
    vouched: start,
    damaged: false,
    broken: false,
    mismatched: false,
    knownMismatched: false,
    beyond: undefined,
  }
}
