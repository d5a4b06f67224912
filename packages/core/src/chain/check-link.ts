import { type EntryHashes, type EntryHeader, hashEntry, hashHeader } from '../entry/entry-hash.ts'
import type { HashHex } from '../entry/sha256.ts'
import type { StoredEntry } from '../entry/stored-entry.ts'
import type { Finding } from './findings.ts'
import { hashLink, type Link } from './link.ts'

/** A link with the entry that it names, or without when that is gone. */
export interface ChainRow {
  readonly link: Link
  readonly entry: StoredEntry | undefined
}

/** Where the chain stands after a link. */
export interface ChainPosition {
  readonly seq: number
  readonly entryId?: string
  /** The hash that the link keeps. */
  readonly hash: HashHex
  /** The hash that its other columns give. Differs only when someone altered the link. */
  readonly computed: HashHex
}

/** An entry that does not give the hash that its link keeps. The images are not part of it: a list of these stays small. */
export interface EntryMismatch {
  readonly seq: number
  readonly entryId: string
  readonly header: EntryHeader
  readonly link: EntryHashes
  readonly actual: EntryHashes
}

/** What one link and its entry say for themselves and about the link before. */
export interface LinkCheck {
  readonly position: ChainPosition
  /** The hash that its `prev_hash` and `entry_hash` give. */
  readonly computed: HashHex
  /** The entry hash that the link vouches for: the leaf of the Merkle tree. */
  readonly leaf: HashHex
  /** Whether the link names the one before as its predecessor. */
  readonly follows: boolean
  readonly mismatch?: EntryMismatch
  readonly findings: readonly Finding[]
}

/** Checks a link and its entry against each other and against the link before. */
export function checkLink({ link, entry }: ChainRow, previous: ChainPosition): LinkCheck {
  const hashes = entry && hashEntry(entry)
  const computed = hashLink(link.prevHash, link.entryHash)
  const follows = link.prevHash === previous.hash || link.prevHash === previous.computed
  const altered = findAlteredColumn(link, { computed, hashes, follows, previousHash: previous.hash })
  const leaf = altered === 'entry_hash' && hashes ? hashes.entryHash : link.entryHash
  const mismatch =
    entry && hashes && hashes.entryHash !== leaf
      ? { seq: link.seq, entryId: link.entryId, header: withoutImages(entry), link, actual: hashes }
      : undefined
  return {
    position: {
      seq: link.seq,
      entryId: link.entryId,
      hash: link.hash,
      computed: altered === 'hash' ? computed : link.hash,
    },
    computed,
    leaf,
    follows: follows || altered === 'prev_hash',
    ...(mismatch && { mismatch }),
    findings: [
      ...(entry ? [] : [removedEntry(link)]),
      ...(altered ? [alteredLink(link, altered, { computed, hashes, previousHash: previous.hash })] : []),
    ],
  }
}

/** Says how an entry was edited. */
export function describeEdit({ seq, entryId, header, link, actual }: EntryMismatch): Finding {
  const imageEdited = actual.imageHash !== link.imageHash
  const headerEdited = hashHeader(header, link.imageHash) !== link.entryHash
  return {
    kind: 'edited',
    seq,
    entryId,
    expected: link.entryHash,
    actual: actual.entryHash,
    message: `Entry ${entryId} was edited after it was sealed: ${editedParts(imageEdited, headerEdited)}.`,
  }
}

type LinkColumn = 'entry_hash' | 'image_hash' | 'prev_hash' | 'hash'

interface LinkEvidence {
  readonly computed: HashHex
  readonly hashes: EntryHashes | undefined
  readonly previousHash: HashHex
}

/** Finds the one column of a link that the others prove wrong: three of four fit together with the entry and the link before. */
function findAlteredColumn(
  link: Link,
  { computed, hashes, previousHash, follows }: LinkEvidence & { readonly follows: boolean },
): LinkColumn | undefined {
  if (computed === link.hash) {
    return hashes?.entryHash === link.entryHash && hashes.imageHash !== link.imageHash
      ? 'image_hash'
      : undefined
  }
  if (hashes && hashLink(link.prevHash, hashes.entryHash) === link.hash) return 'entry_hash'
  if (!follows && hashLink(previousHash, link.entryHash) === link.hash) return 'prev_hash'
  return 'hash'
}

function alteredLink(
  link: Link,
  column: LinkColumn,
  { computed, hashes, previousHash }: LinkEvidence,
): Finding {
  const [expected, actual] = {
    entry_hash: [hashes?.entryHash ?? '', link.entryHash],
    image_hash: [hashes?.imageHash ?? '', link.imageHash],
    prev_hash: [previousHash, link.prevHash],
    hash: [computed, link.hash],
  }[column] as [HashHex, HashHex]
  const message = `Link ${link.seq} was altered after it was sealed: its ${column} does not fit its other columns.`
  return { kind: 'restamped', seq: link.seq, entryId: link.entryId, expected, actual, message }
}

function removedEntry({ seq, entryId, entryHash }: Link): Finding {
  const message = `Entry ${entryId} is gone: link ${seq} proves that it was there.`
  return { kind: 'removed', seq, entryId, expected: entryHash, message }
}

function withoutImages({ before: _before, after: _after, salt: _salt, ...header }: StoredEntry): EntryHeader {
  return header
}

function editedParts(image: boolean, header: boolean): string {
  if (image && header) return 'before, after or salt, and other columns too'
  return image ? 'before, after or salt' : 'a column other than before, after and salt'
}
