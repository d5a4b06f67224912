/**
 * What verification can find. See docs/design/chain-format.md for what raises each.
 *
 * - `edited`: an entry no longer gives the hash that its link keeps.
 * - `removed`: an entry that was linked or queued is gone.
 * - `inserted`: the chain passes over a link, or a link was put where it does not chain.
 * - `reordered`: links or entries have changed places among themselves.
 * - `forked`: two links name the same predecessor, and both go on.
 * - `gap`: links are missing.
 * - `truncated`: there are fewer links than a checkpoint covers.
 * - `restamped`: a link was altered after it was sealed: its columns, the link after it or a checkpoint disagree with it.
 * - `unsealed`: entries wait for the sealer longer than they should.
 * - `unqueued`: entries have neither a link nor a place in the queue.
 * - `checkpoint_mismatch`: a checkpoint disagrees with the log, or with itself.
 * - `signature_invalid`: a checkpoint is not signed by the key that should have signed it.
 */
export type FindingKind =
  | 'edited'
  | 'removed'
  | 'inserted'
  | 'reordered'
  | 'forked'
  | 'gap'
  | 'truncated'
  | 'restamped'
  | 'unsealed'
  | 'unqueued'
  | 'checkpoint_mismatch'
  | 'signature_invalid'

/** One thing that verification has found. Plain data, fit for JSON. */
export interface Finding {
  readonly kind: FindingKind
  /** The link concerned, or the first of several; of a checkpoint its size. */
  readonly seq?: number
  /** The last link concerned, when there are several. */
  readonly lastSeq?: number
  readonly entryId?: string
  /** The last entry concerned, when there are several. */
  readonly lastEntryId?: string
  /** What should stand there: a hash, a place, a number. */
  readonly expected?: string
  /** What stands there. */
  readonly actual?: string
  /** A sentence for people. */
  readonly message: string
}

/** How many findings of a kind were left out, by kind. */
export type OmittedFindings = Readonly<Partial<Record<FindingKind, number>>>

/** Findings in the order of the log, at most so many of each kind. */
export interface FindingList {
  /** Keeps a finding, or counts it when its kind is full. `position` puts it in order; default is its `seq`, and the end without one. */
  add(finding: Finding, position?: number): void
  addAll(findings: readonly Finding[]): void
  /** The findings kept, by position; those of one position as they came. */
  sorted(): readonly Finding[]
  omitted(): OmittedFindings
}

/** Creates an empty list that keeps at most `limit` findings of each kind, so that a wrecked table cannot fill the memory. */
export function createFindingList(limit: number): FindingList {
  const kept: { finding: Finding; position: number }[] = []
  const counts = new Map<FindingKind, number>()
  const add = (finding: Finding, position = finding.seq ?? Number.POSITIVE_INFINITY) => {
    const count = (counts.get(finding.kind) ?? 0) + 1
    counts.set(finding.kind, count)
    if (count <= limit) kept.push({ finding, position })
  }
  return {
    add,
    addAll: (findings) => findings.forEach((finding) => void add(finding)),
    sorted: () =>
      kept.toSorted((a, b) => comparePositions(a.position, b.position)).map(({ finding }) => finding),
    omitted: () =>
      Object.fromEntries([...counts].filter(([, n]) => n > limit).map(([kind, n]) => [kind, n - limit])),
  }
}

function comparePositions(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}
