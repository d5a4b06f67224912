import type { HashHex } from '../entry/sha256.ts'

/** A link, by place and hash. */
export interface LinkPlace {
  readonly seq: number
  readonly entryId?: string
  readonly hash: HashHex
}

/** A run of links that follow each other, between two breaks of the chain. The first begins at the origin and may be empty. */
export interface Segment {
  readonly index: number
  readonly first: LinkPlace
  readonly last: LinkPlace
  /** The predecessor that its first link names. The first segment has none. */
  readonly wants?: HashHex
  /** Where a link with that hash stands, when there is one. */
  readonly wanted?: number
  /** The link before it in the table. */
  readonly left?: LinkPlace
  readonly gap?: boolean
}

/**
 * Joins segments into paths: behind each comes the first one that names its last hash. The first path begins at the origin;
 * every other begins at a segment that could not be joined.
 */
export function followPaths(segments: readonly Segment[]): readonly (readonly Segment[])[] {
  const successors = groupByWants(segments)
  const placed = new Set<Segment>()
  const heads = new Set(segments.map(({ last }) => last.hash))
  const follow = (root: Segment): readonly Segment[] => {
    const path: Segment[] = []
    for (
      let next: Segment | undefined = root;
      next !== undefined;
      next = firstFree(successors.get(next.last.hash), placed)
    ) {
      path.push(next)
      placed.add(next)
    }
    return path
  }
  const roots = segments.filter(({ wants }) => wants === undefined || !heads.has(wants))
  // Last, what is left: second claims on one predecessor, and rings.
  return [...roots, ...segments].flatMap((segment) => (placed.has(segment) ? [] : [follow(segment)]))
}

// Map.groupBy is newer than our oldest Node.
function groupByWants(segments: readonly Segment[]): ReadonlyMap<HashHex, readonly Segment[]> {
  const groups = new Map<HashHex, Segment[]>()
  for (const segment of segments) {
    if (segment.wants === undefined) continue
    const group = groups.get(segment.wants)
    if (group === undefined) groups.set(segment.wants, [segment])
    else group.push(segment)
  }
  return groups
}

function firstFree(
  candidates: readonly Segment[] | undefined,
  placed: ReadonlySet<Segment>,
): Segment | undefined {
  return candidates?.find((candidate) => !placed.has(candidate))
}
