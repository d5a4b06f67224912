import type { HashHex } from '../entry/sha256.ts'
import type { ChainPosition, EntryMismatch } from './check-link.ts'
import type { ChainBreak } from './explain-breaks.ts'
import type { FindingList } from './findings.ts'
import { hashOrigin } from './link.ts'
import { EMPTY_TREE, type MerkleTree } from './merkle.ts'
import type { NoteVerifier } from './note-key.ts'

/** The state of a log at one size: what its links up to there give. */
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
  /** What the links so far give. Unknown after a gap, until a checkpoint tells it again. */
  sealed: ChainStart | undefined
  /** What they gave before a checkpoint contradicted: the next checkpoint shows which of the two was false. */
  doubted: ChainStart | undefined
  entries: number
}

/** What a verification knows between two checkpoints. */
export interface CheckpointState {
  total: number
  signed: number
  verified: number
  /** Signatures that are false. */
  forged: number
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
  /** Links were found out of place at all: the places of later ones may be shifted. */
  broken: boolean
  /** A checkpoint contradicts the links before it, and is not refuted by a later one. */
  contradicted: boolean
  /** The last checkpoint compared has contradicted, of the table and of those from outside. */
  mismatched: boolean
  knownMismatched: boolean
  /** Links under the suspicion of having been chained anew. */
  suspects: { readonly first: number; readonly last: number } | undefined
  /** The largest checkpoint that covers more links than were read. */
  beyond: { readonly size: number; readonly known: boolean } | undefined
}

/** What {@link createChainState} starts from. */
export type ChainStateOptions = Pick<ChainState, 'logId' | 'verifiers' | 'findings'> & {
  readonly start: ChainStart | undefined
}

/** The state before the first link. */
export function createChainState({ logId, verifiers, findings, start }: ChainStateOptions): ChainState {
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
    doubted: undefined,
    entries: 0,
  }
}

function createCheckpointState(start: number): CheckpointState {
  return {
    total: 0,
    signed: 0,
    verified: 0,
    forged: 0,
    last: 0,
    agreed: start,
    intact: start,
    vouched: start,
    damaged: false,
    broken: false,
    contradicted: false,
    mismatched: false,
    knownMismatched: false,
    suspects: undefined,
    beyond: undefined,
  }
}
