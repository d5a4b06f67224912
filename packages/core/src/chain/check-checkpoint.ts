import { AuditError } from '../errors.ts'
import type { ChainState } from './chain-state.ts'
import type { Checkpoint } from './checkpoint.ts'
import {
  alteredCheckpoint,
  foreignCheckpoint,
  invalidSignature,
  truncatedChain,
} from './checkpoint-findings.ts'
import { compareCheckpoint, reportSuspects } from './compare-checkpoint.ts'
import {
  type CheckpointNote,
  type ReadCheckpoint,
  readStoredCheckpoint,
  type StoredCheckpoint,
} from './stored-checkpoint.ts'

/** The checkpoints of the table, counted. */
export interface CheckpointTally {
  readonly total: number
  readonly signed: number
  /** Signed by one of the keys given. */
  readonly verified: number
}

/** Holds a checkpoint of the table against its own note, the keys and the links read so far. */
export function checkStoredCheckpoint(state: ChainState, stored: StoredCheckpoint): void {
  const { checkpoints } = state
  checkpoints.total += 1
  checkpoints.last = stored.size
  const read = readOrReport(state, stored)
  if (read === undefined || !isSignatureGood(state, read)) return
  const { checkpoint, signature, tree } = read
  if (isBeyond(state, checkpoint, false)) return
  const links = state.sealed
  const comparison = { isVouching: signature === 'verified', isReported: isNews(state, checkpoint) }
  checkpoints.mismatched = compareCheckpoint(state, checkpoint, comparison) !== undefined
  // What comes after a contradiction is judged on its own, as if the checkpoint were true, and not as a consequence.
  if (checkpoints.mismatched) state.doubted = links
  if (checkpoints.mismatched || links === undefined) state.sealed = { head: checkpoint.head, tree }
}

/** Holds a checkpoint that was kept outside the database against the links read so far. */
export function checkKnownCheckpoint(state: ChainState, { checkpoint, signature }: CheckpointNote): void {
  const { checkpoints, findings } = state
  const { size, logId } = checkpoint
  if (logId !== state.logId) {
    findings.add(foreignCheckpoint(state.logId, checkpoint))
  } else if (signature === 'failed') {
    findings.add(invalidSignature(size, 'The signature of a checkpoint known from outside is false.'))
  } else if (!isBeyond(state, checkpoint, true) && state.sealed !== undefined) {
    const comparison = { isVouching: true, isReported: !checkpoints.knownMismatched }
    checkpoints.knownMismatched = compareCheckpoint(state, checkpoint, comparison) !== undefined
  }
}

/** Reports what only the end of the chain shows: links cut off, and keys that have signed nothing. */
export function finishCheckpoints(state: ChainState): CheckpointTally {
  const { checkpoints, position, verifiers, findings } = state
  const { total, signed, verified, forged, last, beyond } = checkpoints
  reportSuspects(state)
  if (beyond) findings.add(truncatedChain(position.seq, beyond), position.seq + 1)
  if (verifiers.length > 0 && total > 0 && verified + forged === 0) {
    findings.add(invalidSignature(last, 'No checkpoint is signed by any of the keys given.'))
  }
  return { total, signed, verified }
}

function readOrReport(state: ChainState, stored: StoredCheckpoint): ReadCheckpoint | undefined {
  try {
    return readStoredCheckpoint(stored, state.logId, state.verifiers)
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    state.findings.add(alteredCheckpoint(stored.size, error.message, error.facts))
    return undefined
  }
}

/** Once a key has signed, every later checkpoint must be signed: else a forger would leave the signature out. */
function isSignatureGood(
  { checkpoints, verifiers, findings }: ChainState,
  { signature, checkpoint: { size } }: ReadCheckpoint,
): boolean {
  if (signature !== 'unsigned') checkpoints.signed += 1
  if (signature === 'verified') checkpoints.verified += 1
  if (signature === 'failed') {
    checkpoints.forged += 1
    findings.add(invalidSignature(size, `The signature of the checkpoint of size ${size} is false.`))
    return false
  }
  if (signature !== 'verified' && verifiers.length > 0 && checkpoints.verified > 0) {
    const message = `The checkpoint of size ${size} is not signed by any of the keys given, but one before it is.`
    findings.add(invalidSignature(size, message))
  }
  return true
}

/** A contradiction is no news behind another one where links are out of place, nor beside one from outside. */
function isNews({ checkpoints }: ChainState, { size }: Checkpoint): boolean {
  const { mismatched, broken, knownMismatched, agreed } = checkpoints
  return !(mismatched && broken) && !(knownMismatched && agreed === size)
}

function isBeyond({ checkpoints, position }: ChainState, { size }: Checkpoint, known: boolean): boolean {
  if (size <= position.seq) return false
  if (size > (checkpoints.beyond?.size ?? 0)) checkpoints.beyond = { size, known }
  return true
}
