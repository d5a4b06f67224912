import { AuditError } from '../errors.ts'
import type { ChainState } from './chain-state.ts'
import type { Checkpoint } from './checkpoint.ts'
import type { Finding } from './findings.ts'
import { treeRoot } from './merkle.ts'
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
  const { checkpoint } = read
  if (isBeyond(state, checkpoint, false)) return
  if (state.sealed !== undefined && checkpoint.size !== state.position.seq) return
  const reason = findDisagreement(state, checkpoint)
  if (reason === undefined) agree(state, checkpoint, read.signature === 'verified')
  else if (!(checkpoints.mismatched && checkpoints.broken)) reportMismatch(state, checkpoint, reason)
  checkpoints.mismatched = reason !== undefined
  // From here on the checkpoint counts as true: what comes later is judged on its own, not as a consequence.
  if (checkpoint.size === state.position.seq) state.sealed = { head: checkpoint.head, tree: read.tree }
}

/** Holds a checkpoint that was kept outside the database against the links read so far. */
export function checkKnownCheckpoint(state: ChainState, { checkpoint, signature }: CheckpointNote): void {
  const { checkpoints, findings } = state
  if (checkpoint.logId !== state.logId) {
    findings.add(foreignCheckpoint(state, checkpoint), checkpoint.size)
    return
  }
  if (signature === 'failed') {
    findings.add(
      falseSignature(checkpoint.size, 'The signature of the checkpoint known from outside is false.'),
    )
    return
  }
  if (isBeyond(state, checkpoint, true) || checkpoint.size !== state.position.seq) return
  const reason = findDisagreement(state, checkpoint)
  if (reason === undefined) agree(state, checkpoint, true)
  else if (!checkpoints.knownMismatched) reportMismatch(state, checkpoint, reason)
  checkpoints.knownMismatched = reason !== undefined
}

/** Reports what only the end of the chain shows: links cut off, and a key that has signed nothing. */
export function finishCheckpoints({
  checkpoints,
  position,
  verifiers,
  findings,
}: ChainState): CheckpointTally {
  const { total, signed, verified, failed, last, beyond } = checkpoints
  if (beyond) findings.add(truncatedChain(position.seq, beyond), position.seq + 1)
  if (verifiers.length > 0 && total > 0 && verified + failed === 0) {
    findings.add(falseSignature(last, 'No checkpoint is signed by any of the keys given.'))
  }
  return { total, signed, verified }
}

function readOrReport(state: ChainState, stored: StoredCheckpoint): ReadCheckpoint | undefined {
  try {
    return readStoredCheckpoint(stored, state.logId, state.verifiers)
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    const { expected, actual } = error.facts
    state.findings.add({
      kind: 'checkpoint_mismatch',
      seq: stored.size,
      ...(expected !== undefined && { expected: String(expected) }),
      ...(actual !== undefined && { actual: String(actual) }),
      message: `The checkpoint of size ${stored.size} was altered. ${error.message}`,
    })
    return undefined
  }
}

/** Once a key has signed, every later checkpoint must be signed: else a forger would leave the signature out. */
function isSignatureGood({ checkpoints, verifiers, findings }: ChainState, read: ReadCheckpoint): boolean {
  const { signature, checkpoint } = read
  if (signature !== 'unsigned') checkpoints.signed += 1
  if (signature === 'verified') checkpoints.verified += 1
  if (signature === 'failed') {
    checkpoints.failed += 1
    findings.add(
      falseSignature(checkpoint.size, `The signature of the checkpoint of size ${checkpoint.size} is false.`),
    )
    return false
  }
  if (signature !== 'verified' && verifiers.length > 0 && checkpoints.verified > 0) {
    const message = `The checkpoint of size ${checkpoint.size} is not signed by any of the keys given, but one before it is.`
    findings.add(falseSignature(checkpoint.size, message))
  }
  return true
}

function isBeyond({ checkpoints, position }: ChainState, { size }: Checkpoint, known: boolean): boolean {
  if (size <= position.seq) return false
  if (size > (checkpoints.beyond?.size ?? 0)) checkpoints.beyond = { size, known }
  return true
}

interface Disagreement {
  readonly what: 'root' | 'head'
  readonly expected: string
  readonly actual: string
}

function findDisagreement({ sealed }: ChainState, { root, head }: Checkpoint): Disagreement | undefined {
  if (sealed === undefined) return undefined
  const actual = treeRoot(sealed.tree)
  if (actual !== root) return { what: 'root', expected: root, actual }
  return sealed.head === head ? undefined : { what: 'head', expected: head, actual: sealed.head }
}

function agree({ checkpoints }: ChainState, { size }: Checkpoint, vouched: boolean): void {
  checkpoints.agreed = size
  checkpoints.damaged = false
  if (checkpoints.broken) return
  checkpoints.intact = size
  if (vouched) checkpoints.vouched = size
}

function reportMismatch(
  { checkpoints, findings }: ChainState,
  { size }: Checkpoint,
  reason: Disagreement,
): void {
  const { what, ...hashes } = reason
  const message = `The links up to ${size} do not give the ${what} of the checkpoint of size ${size}: \
the log was changed between link ${checkpoints.agreed + 1} and link ${size}.`
  findings.add({ kind: 'checkpoint_mismatch', seq: size, ...hashes, message })
  // Links out of place are reported already. Where there are none, someone has chained the links anew.
  if (!checkpoints.damaged) findings.add(restampedRange(checkpoints.agreed + 1, size), size)
  checkpoints.agreed = size
  checkpoints.damaged = false
  checkpoints.broken = true
}

function restampedRange(first: number, last: number): Finding {
  const message = `Some of the links ${first} to ${last} were re-hashed: they fit each other, but not the checkpoint of size ${last}.`
  return { kind: 'restamped', seq: first, ...(last > first && { lastSeq: last }), message }
}

function truncatedChain(size: number, beyond: { readonly size: number; readonly known: boolean }): Finding {
  const source = beyond.known ? 'known from outside' : 'in the table'
  return {
    kind: 'truncated',
    seq: size + 1,
    lastSeq: beyond.size,
    expected: String(beyond.size),
    actual: String(size),
    message: `The end of the log was cut off: it has ${size} links, a checkpoint ${source} covers ${beyond.size}.`,
  }
}

function foreignCheckpoint({ logId }: ChainState, checkpoint: Checkpoint): Finding {
  return {
    kind: 'checkpoint_mismatch',
    seq: checkpoint.size,
    expected: checkpoint.logId,
    actual: logId,
    message: `A checkpoint known from outside belongs to another log: the id of this log was changed, or it is the wrong file.`,
  }
}

function falseSignature(seq: number, message: string): Finding {
  return { kind: 'signature_invalid', seq, message }
}
