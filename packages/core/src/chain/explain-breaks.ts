import type { HashHex } from '../entry/sha256.ts'
import type { Finding } from './findings.ts'
import { followPaths, type LinkPlace, type Segment } from './segments.ts'

/** A place where a link does not name the link before it as its predecessor. */
export interface ChainBreak {
  /** The link before; of the first link, the origin of the log at seq 0. */
  readonly left: LinkPlace
  /** The link that does not follow. */
  readonly right: LinkPlace
  /** The `prev_hash` of that link. */
  readonly wants: HashHex
  /** Whether sequence numbers are missing between the two. That is reported already. */
  readonly gap: boolean
}

/** What is known of the chain as a whole when its breaks are explained. */
export interface ChainFacts {
  /** The size that verification started from. */
  readonly start: number
  /** The last link of the chain. */
  readonly end: LinkPlace
  /** Places of the links that bear a hash which a break wants. */
  readonly located: ReadonlyMap<HashHex, number>
  /** Links up to here are vouched for by a checkpoint that fits. */
  readonly vouched: number
}

interface BreakContext extends ChainFacts {
  readonly segments: readonly Segment[]
  readonly paths: readonly (readonly Segment[])[]
}

/**
 * Explains the breaks of a chain: which links were moved, put in, forked off or re-hashed.
 *
 * Breaks cut the chain into segments. A segment belongs behind the one whose last hash its first link names. Followed from
 * the origin, that gives the order in which the links were sealed; what the order passes over, and what it cannot place,
 * is what happened.
 */
export function explainBreaks(breaks: readonly ChainBreak[], facts: ChainFacts): readonly Finding[] {
  if (breaks.length === 0) return []
  const segments = cutSegments(breaks, facts)
  const paths = followPaths(segments)
  const context = { ...facts, segments, paths }
  return [
    ...paths.flatMap(reorderedSegments),
    ...paths.slice(1).flatMap(([root]) => (root ? explainRoot(root, context) : [])),
  ]
}

function cutSegments(breaks: readonly ChainBreak[], { start, end, located }: ChainFacts): readonly Segment[] {
  const ends = [...breaks.map(({ left }) => left), end]
  const places = new Map([...located, ...ends.map(({ hash, seq }) => [hash, seq] as const)])
  return ends.map((last, index) => {
    const before = breaks[index - 1]
    const first = before?.right ?? { seq: start + 1, hash: '' }
    const wanted = before && places.get(before.wants)
    return {
      index,
      first,
      last,
      ...(before && { wants: before.wants, gap: before.gap, left: before.left }),
      ...(wanted !== undefined && { wanted }),
    }
  })
}

/** Segments of one path that stand in another order than the path, and not where the path puts them. */
function reorderedSegments(path: readonly Segment[]): readonly Finding[] {
  const sorted = path.toSorted((a, b) => a.index - b.index)
  const findings: Finding[] = []
  let next = path[0]?.first.seq ?? 1
  for (const [place, segment] of path.entries()) {
    if (sorted[place] !== segment && segment.first.seq !== next) {
      findings.push({
        ...rangeOf('reordered', segment),
        expected: String(next),
        actual: String(segment.first.seq),
        message: `${nameRange(segment)} stood at seq ${next} when sealed: links have changed places.`,
      })
    }
    next += segment.last.seq - segment.first.seq + 1
  }
  return findings
}

/** Explains a segment that follows the end of no other: the root of a path that does not begin at the origin. */
function explainRoot(root: Segment, context: BreakContext): readonly Finding[] {
  if (root.wanted !== undefined) return [explainBranch(root, root.wanted, context)]
  if (isPassedOver(root, context)) return [insertedSegment(root)]
  if (root.gap) return []
  if (isForgedTail(root, context)) return [insertedSegment(root)]
  return [restampedBefore(root, context)]
}

/** Its first link names a link that has another successor already. */
function explainBranch(branch: Segment, ancestor: number, context: BreakContext): Finding {
  const { segments } = context
  const trunk = segments.find(({ first, last }) => first.seq <= ancestor && ancestor <= last.seq)
  if (trunk === undefined) return restampedBefore(branch, context)
  const trunkGoesOn = segments.some((segment) => segment !== branch && segment.wants === trunk.last.hash)
  if (trunkGoesOn) return insertedSegment(branch)
  const isDeadEnd = trunk.last.seq === ancestor + 1 && branch.last.seq > branch.first.seq
  if (isDeadEnd) return insertedSegment({ ...trunk, first: trunk.last })
  return {
    ...rangeOf('forked', branch),
    expected: trunk.last.hash,
    ...(branch.wants && { actual: branch.wants }),
    message: `The chain is forked: links ${ancestor + 1} and ${branch.first.seq} both follow link ${ancestor}.`,
  }
}

function isPassedOver({ index }: Segment, { paths }: BreakContext): boolean {
  return paths.some((path) =>
    path.some((segment, place) => {
      const next = path[place + 1]
      return next !== undefined && segment.index < index && index < next.index
    }),
  )
}

/** One link that does not follow a predecessor which a checkpoint vouches for, and that nothing follows. */
function isForgedTail({ first, last, left }: Segment, { vouched, end }: BreakContext): boolean {
  return first.seq === last.seq && last.seq === end.seq && left !== undefined && left.seq <= vouched
}

function insertedSegment(segment: Pick<Segment, 'first' | 'last'>): Finding {
  return {
    ...rangeOf('inserted', segment),
    message: `${nameRange(segment)} does not belong to the chain: the links around it do not know it.`,
  }
}

/** Which side of the break lies, its hashes alone cannot tell; a checkpoint can. */
function restampedBefore({ first, left, wants }: Segment, { vouched }: BreakContext): Finding {
  if (left === undefined || left.seq === 0) {
    const message =
      'The first link does not commit to the id of this log: the chain was made anew or the id changed.'
    return { ...restamped(first, left, wants), message }
  }
  const culprit = left.seq <= vouched ? first : left
  const message = `Link ${culprit.seq} was re-hashed after it was sealed, or links at this place were removed: \
link ${first.seq} names another predecessor than link ${left.seq}.`
  return { ...restamped(culprit, left, wants), message }
}

function restamped(culprit: LinkPlace, left: LinkPlace | undefined, wants: HashHex | undefined) {
  return {
    kind: 'restamped' as const,
    seq: culprit.seq,
    ...(culprit.entryId !== undefined && { entryId: culprit.entryId }),
    ...(wants && { expected: wants }),
    ...(left && { actual: left.hash }),
  }
}

function rangeOf<Kind extends Finding['kind']>(kind: Kind, { first, last }: Pick<Segment, 'first' | 'last'>) {
  return {
    kind,
    seq: first.seq,
    ...(last.seq > first.seq && { lastSeq: last.seq }),
    ...(last.seq === first.seq && last.entryId !== undefined && { entryId: last.entryId }),
  }
}

function nameRange({ first, last }: Pick<Segment, 'first' | 'last'>): string {
  return first.seq === last.seq ? `Link ${first.seq}` : `The run of links ${first.seq} to ${last.seq}`
}
