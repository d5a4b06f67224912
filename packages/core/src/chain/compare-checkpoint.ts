import type { HashHex } from '../entry/sha256.ts'
import type { ChainStart, ChainState } from './chain-state.ts'
import type { Checkpoint } from './checkpoint.ts'
import { mismatchedCheckpoint, restampedLinks } from './checkpoint-findings.ts'
import { treeRoot } from './merkle.ts'

/** A hash of a checkpoint that the links do not give. */
export interface Disagreement {
  readonly what: 'root' | 'head'
  readonly expected: HashHex
  readonly actual: HashHex
}

/** Why a checkpoint is compared, and what it is worth. */
export interface Comparison {
  /** Signed by a key given, or known from outside. */
  readonly isVouching: boolean
  /** Its disagreement is to be reported: not one that follows from another. */
  readonly isReported: boolean
}

/**
 * Holds a checkpoint against the links read so far. Returns the disagreement.
 *
 * Of a checkpoint and links that disagree, either may be false. A later checkpoint agrees with what the links gave, or
 * with what the earlier one said, and so decides.
 */
export function compareCheckpoint(
  state: ChainState,
  checkpoint: Checkpoint,
  { isVouching, isReported }: Comparison,
): Disagreement | undefined {
  const disagreement = findDisagreement(state.sealed, checkpoint)
  if (disagreement === undefined) {
    reportSuspects(state)
    agree(state, checkpoint, isVouching)
    return undefined
  }
  if (state.doubted && findDisagreement(state.doubted, checkpoint) === undefined) {
    acquit(state, state.doubted)
    agree(state, checkpoint, isVouching)
    return undefined
  }
  reportSuspects(state)
  disagree(state, checkpoint, isReported ? disagreement : undefined)
  return disagreement
}

/** Reports links that were chained anew, when nothing speaks for them any more. */
export function reportSuspects({ checkpoints, findings }: ChainState): void {
  const { suspects } = checkpoints
  if (suspects) findings.add(restampedLinks(suspects.first, suspects.last), suspects.last)
  checkpoints.suspects = undefined
}

function findDisagreement(
  sealed: ChainStart | undefined,
  { root, head }: Checkpoint,
): Disagreement | undefined {
  if (sealed === undefined) return undefined
  const actual = treeRoot(sealed.tree)
  if (actual !== root) return { what: 'root', expected: root, actual }
  return sealed.head === head ? undefined : { what: 'head', expected: head, actual: sealed.head }
}

function agree(state: ChainState, { size }: Checkpoint, isVouching: boolean): void {
  const { checkpoints } = state
  state.doubted = undefined
  checkpoints.agreed = size
  checkpoints.damaged = false
  if (checkpoints.broken || checkpoints.contradicted) return
  checkpoints.intact = size
  if (isVouching) checkpoints.vouched = size
}

/** The checkpoint before was false: the links are what they were. */
function acquit(state: ChainState, links: ChainStart): void {
  state.sealed = links
  state.checkpoints.suspects = undefined
  state.checkpoints.contradicted = false
}

function disagree(
  { checkpoints, findings }: ChainState,
  { size }: Checkpoint,
  reported?: Disagreement,
): void {
  const first = Math.min(checkpoints.agreed + 1, size)
  if (reported) findings.add(mismatchedCheckpoint(size, first, reported))
  // Links out of place are reported already, and links that another checkpoint of this size confirms are none.
  if (reported && !checkpoints.damaged && checkpoints.agreed < size)
    checkpoints.suspects = { first, last: size }
  checkpoints.agreed = size
  checkpoints.damaged = false
  checkpoints.contradicted = true
}
