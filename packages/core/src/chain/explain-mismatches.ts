import { hashHeader } from '../entry/entry-hash.ts'
import { describeEdit, type EntryMismatch } from './check-link.ts'
import type { Finding } from './findings.ts'

/**
 * Tells entries that have changed places (`reordered`) from entries that were edited.
 *
 * The image hash finds the partner, for no two entries share a salt; the entry hash proves it.
 */
export function explainMismatches(mismatches: readonly EntryMismatch[]): readonly Finding[] {
  const byImage = new Map(mismatches.map((mismatch) => [mismatch.link.imageHash, mismatch]))
  return mismatches.map((mismatch) => {
    const owner = byImage.get(mismatch.actual.imageHash)
    return owner && owner !== mismatch && holdsEntryOf(owner, mismatch)
      ? describeSwap(mismatch, owner)
      : describeEdit(mismatch)
  })
}

/** The link may name the other's entry, or the entry may bear the other's contents under its own id. */
function holdsEntryOf(owner: EntryMismatch, { header, actual }: EntryMismatch): boolean {
  return (
    actual.entryHash === owner.link.entryHash ||
    hashHeader({ ...header, id: owner.entryId }, actual.imageHash) === owner.link.entryHash
  )
}

function describeSwap({ seq, entryId, link, actual }: EntryMismatch, owner: EntryMismatch): Finding {
  return {
    kind: 'reordered',
    seq,
    entryId,
    expected: link.entryHash,
    actual: actual.entryHash,
    message: `Entry ${entryId} stands at link ${seq}, but what it holds was sealed at link ${owner.seq}: entries have changed places.`,
  }
}
