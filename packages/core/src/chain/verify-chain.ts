import type { HashHex } from '../entry/sha256.ts'
import { type ChainStart, type ChainState, createChainState } from './chain-state.ts'
import {
  type CheckpointTally,
  checkKnownCheckpoint,
  checkStoredCheckpoint,
  finishCheckpoints,
} from './check-checkpoint.ts'
import { type ChainRow, checkLink, describeEdit, type EntryMismatch, type LinkCheck } from './check-link.ts'
import { type ChainFacts, explainBreaks } from './explain-breaks.ts'
import { explainMismatches } from './explain-mismatches.ts'
import { createFindingList, type Finding, type FindingList } from './findings.ts'
import { hashLink, type Link } from './link.ts'
import { appendLeaf, treeRoot } from './merkle.ts'
import type { NoteVerifier } from './note-key.ts'
import type { LinkPlace } from './segments.ts'
import type { CheckpointNote, StoredCheckpoint } from './stored-checkpoint.ts'

/** What {@link createChainVerifier} needs to know. */
export interface ChainVerifierOptions {
  readonly logId: string
  /** Where to start. Default: before the first link. */
  readonly start?: ChainStart | undefined
  /** Keys that checkpoints must be signed with. Default: none, and signatures are not judged. */
  readonly verifiers?: readonly NoteVerifier[]
  /** Takes what is found. Default: a list that keeps 100 findings of each kind. */
  readonly findings?: FindingList
}

/** What verification has come to. */
export interface ChainResult {
  readonly findings: FindingList
  /** Sequence number of the last link. */
  readonly size: number
  /** Entries read and hashed. */
  readonly entries: number
  /** Hash of the last link, as stored. */
  readonly head: HashHex
  /** Merkle root over all links; absent when links are missing. */
  readonly root?: HashHex
  /** Links up to here are vouched for by a verified signature or by a checkpoint known from outside. */
  readonly vouchedSize: number
  readonly checkpoints: CheckpointTally
}

/** Reads a chain once, from start to end. Holds a bounded amount of memory, however long the chain and however bad its state. */
export interface ChainVerifier {
  /** Takes the next link, by `seq`. */
  readLink(row: ChainRow): void
  /** Takes a checkpoint of the table, once the links that it covers are read; by `size`. */
  readCheckpoint(checkpoint: StoredCheckpoint): void
  /** Takes a checkpoint kept outside the database, in the same order. It is believed, unless a key given calls its signature false. */
  readKnownCheckpoint(note: CheckpointNote): void
  /** Hashes that links name as their predecessor without following it. Look up who bears them, and tell `finish`. */
  unresolved(): readonly HashHex[]
  /** Explains what was held back. `located` says where the unresolved hashes stand, those that stand anywhere. */
  finish(located?: ReadonlyMap<HashHex, number>): ChainResult
}

const FINDINGS_OF_EACH_KIND = 100
const MAX_BREAKS = 1000
const MAX_MISMATCHES = 1000

/**
 * Creates a verifier that is pure: it knows no clock and no database.
 *
 * @example
 * const verifier = createChainVerifier({ logId })
 * for (const row of rows) verifier.readLink(row)
 * console.log(verifier.finish().findings.sorted())
 */
export function createChainVerifier({
  logId,
  start,
  verifiers = [],
  findings = createFindingList(FINDINGS_OF_EACH_KIND),
}: ChainVerifierOptions): ChainVerifier {
  const state = createChainState({ logId, verifiers, findings, start })
  return {
    readLink: (row) => readLink(state, row),
    readCheckpoint: (checkpoint) => checkStoredCheckpoint(state, checkpoint),
    readKnownCheckpoint: (note) => checkKnownCheckpoint(state, note),
    unresolved: () => state.breaks.map(({ wants }) => wants),
    finish: (located = new Map()) => finish(state, located),
  }
}

function readLink(state: ChainState, row: ChainRow): void {
  const { link, entry } = row
  const check = checkLink(row, state.position)
  if (entry) state.entries += 1
  if (link.seq !== state.position.seq + 1) reportGap(state, link)
  state.findings.addAll(check.findings)
  if (!check.follows) holdBreak(state, link)
  if (check.mismatch) holdMismatch(state, check.mismatch)
  state.sealed &&= extend(state.sealed, check, link)
  state.doubted &&= extend(state.doubted, check, link)
  state.position = check.position
  state.checkpoints.beyond = undefined
}

function reportGap(state: ChainState, { seq }: Link): void {
  const { position, checkpoints, findings } = state
  findings.add(missingLinks(position.seq + 1, seq - 1))
  state.sealed = undefined
  state.doubted = undefined
  checkpoints.damaged = true
  checkpoints.broken = true
}

function extend({ head, tree }: ChainStart, { leaf, computed }: LinkCheck, link: Link): ChainStart {
  // A link that fits its neighbours was hashed a moment ago.
  const untouched = head === link.prevHash && leaf === link.entryHash
  return { head: untouched ? computed : hashLink(head, leaf), tree: appendLeaf(tree, leaf) }
}

function holdBreak(state: ChainState, link: Link): void {
  const { position: left, breaks, checkpoints } = state
  const right = { seq: link.seq, entryId: link.entryId, hash: link.hash }
  const found = { left, right, wants: link.prevHash, gap: link.seq !== left.seq + 1 }
  checkpoints.damaged = true
  checkpoints.broken = true
  if (breaks.length < MAX_BREAKS) breaks.push(found)
  else state.findings.addAll(explainBreaks([found], factsOf(state, right)))
}

function holdMismatch({ mismatches, findings }: ChainState, mismatch: EntryMismatch): void {
  if (mismatches.length < MAX_MISMATCHES) mismatches.push(mismatch)
  else findings.add(describeEdit(mismatch))
}

function finish(state: ChainState, located: ReadonlyMap<HashHex, number>): ChainResult {
  const { breaks, mismatches, position, findings, sealed, entries, checkpoints } = state
  findings.addAll(explainBreaks(breaks, factsOf(state, position, located)))
  findings.addAll(explainMismatches(mismatches))
  const tally = finishCheckpoints(state)
  return {
    findings,
    size: position.seq,
    entries,
    head: position.hash,
    ...(sealed && { root: treeRoot(sealed.tree) }),
    vouchedSize: checkpoints.vouched,
    checkpoints: tally,
  }
}

function factsOf(
  { start, checkpoints }: ChainState,
  end: LinkPlace,
  located: ReadonlyMap<HashHex, number> = new Map(),
): ChainFacts {
  return { start, end, located, vouched: checkpoints.intact }
}

function missingLinks(first: number, last: number): Finding {
  return {
    kind: 'gap',
    seq: first,
    ...(last > first && { lastSeq: last }),
    expected: String(first),
    actual: String(last + 1),
    message: last > first ? `Links ${first} to ${last} are missing.` : `Link ${first} is missing.`,
  }
}
