import type { Checkpoint } from './checkpoint.ts'
import type { Disagreement } from './compare-checkpoint.ts'
import type { Finding } from './findings.ts'

/** The links up to a checkpoint do not give what it says. */
export function mismatchedCheckpoint(
  size: number,
  first: number,
  { what, ...hashes }: Disagreement,
): Finding {
  const message = `The links up to ${size} do not give the ${what} of the checkpoint of size ${size}: \
the log was changed between link ${first} and link ${size}, or the checkpoint is false.`
  return { kind: 'checkpoint_mismatch', seq: size, ...hashes, message }
}

/** Links fit each other, but not a checkpoint. */
export function restampedLinks(first: number, last: number): Finding {
  const message = `Some of the links ${first} to ${last} were chained anew: they fit each other, but not the checkpoint of size ${last}.`
  return { kind: 'restamped', seq: first, ...(last > first && { lastSeq: last }), message }
}

/** A checkpoint of the table disagrees with itself. */
export function alteredCheckpoint(
  size: number,
  reason: string,
  { expected, actual }: Readonly<Record<string, unknown>>,
): Finding {
  return {
    kind: 'checkpoint_mismatch',
    seq: size,
    ...(expected !== undefined && { expected: String(expected) }),
    ...(actual !== undefined && { actual: String(actual) }),
    message: `The checkpoint of size ${size} was altered. ${reason}`,
  }
}

/** A checkpoint from outside names another log. */
export function foreignCheckpoint(logId: string, checkpoint: Checkpoint): Finding {
  const message =
    'A checkpoint known from outside belongs to another log: the id of this log was changed, or it is the wrong file.'
  return {
    kind: 'checkpoint_mismatch',
    seq: checkpoint.size,
    expected: checkpoint.logId,
    actual: logId,
    message,
  }
}

/** There are fewer links than a checkpoint covers. */
export function truncatedChain(
  size: number,
  beyond: { readonly size: number; readonly known: boolean },
): Finding {
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

/** A signature is false, or missing where one is due. */
export function invalidSignature(seq: number, message: string): Finding {
  return { kind: 'signature_invalid', seq, message }
}
