import type { ChainRow } from '../../packages/core/src/chain/check-link.ts'
import { formatCheckpoint } from '../../packages/core/src/chain/checkpoint.ts'
import type { Finding } from '../../packages/core/src/chain/findings.ts'
import { hashLink, hashOrigin, type Link } from '../../packages/core/src/chain/link.ts'
import { appendLeaf, EMPTY_TREE, serialiseTree, treeRoot } from '../../packages/core/src/chain/merkle.ts'
import type { NoteSigner, NoteVerifier } from '../../packages/core/src/chain/note-key.ts'
import { signNote } from '../../packages/core/src/chain/signed-note.ts'
import { readCheckpointNote, type StoredCheckpoint } from '../../packages/core/src/chain/stored-checkpoint.ts'
import { type ChainResult, createChainVerifier } from '../../packages/core/src/chain/verify-chain.ts'
import { hashEntry } from '../../packages/core/src/entry/entry-hash.ts'
import type { StoredEntry } from '../../packages/core/src/entry/stored-entry.ts'
import { chainEntries } from '../../packages/core/src/seal/append-links.ts'

/** The tables of a log as plain data: to be tampered with. */
export interface TestLog {
  readonly logId: string
  links: Link[]
  entries: StoredEntry[]
  checkpoints: StoredCheckpoint[]
}

export interface BuildLogOptions {
  /** A checkpoint after each so many links. Default: none. */
  readonly checkpointEvery?: number
  readonly signer?: NoteSigner
  /** Entry ids in the order of the chain. Default 1, 2, 3, … */
  readonly ids?: readonly number[]
}

export const LOG_ID = '7d3f0c52-1a5e-4f0b-9c1d-2b6a8e4f9d10'

export function buildLog(size: number, { checkpointEvery = 0, signer, ids }: BuildLogOptions = {}): TestLog {
  const entries = Array.from({ length: size }, (_, index) => buildEntry(ids?.[index] ?? index + 1))
  const links = [...chainEntries(entries, { size: 0, head: hashOrigin(LOG_ID) })]
  const sizes = links
    .map(({ seq }) => seq)
    .filter((seq) => checkpointEvery > 0 && seq % checkpointEvery === 0)
  return { logId: LOG_ID, links, entries, checkpoints: sizes.map((at) => buildCheckpoint(links, at, signer)) }
}

export function buildEntry(id: number): StoredEntry {
  return {
    id: `${id}`,
    at: `2026-11-22T10:15:${String(id % 60).padStart(2, '0')}.000000Z`,
    tx: `${700 + id}`,
    op: 'update',
    tableSchema: 'public',
    tableName: 'order',
    rowKey: `${id % 7}`,
    before: '{"status":"OPEN"}',
    after: `{"status":"${id}"}`,
    actorId: 'u_42',
    actorType: 'user',
    tenant: null,
    correlationId: null,
    context: '{"action":"order.pay"}',
    salt: `00000000-0000-0000-0000-${String(id).padStart(12, '0')}`,
  }
}

export function buildCheckpoint(links: readonly Link[], size: number, signer?: NoteSigner): StoredCheckpoint {
  const covered = links.slice(0, size)
  const tree = covered.map(({ entryHash }) => entryHash).reduce(appendLeaf, EMPTY_TREE)
  const head = covered.reduce((hash, { entryHash }) => hashLink(hash, entryHash), hashOrigin(LOG_ID))
  const checkpoint = { logId: LOG_ID, size, root: treeRoot(tree), head, at: '2026-11-22T10:16:00.000000Z' }
  const text = formatCheckpoint(checkpoint)
  const { logId: _logId, ...columns } = checkpoint
  return { ...columns, tree: serialiseTree(tree), note: signer ? signNote(text, [signer]) : text }
}

/** Changes one entry. */
export function editEntry(log: TestLog, id: number, changes: Partial<StoredEntry>): void {
  log.entries = log.entries.map((entry) => (entry.id === `${id}` ? { ...entry, ...changes } : entry))
}

/** Changes one link. */
export function editLink(log: TestLog, seq: number, changes: Partial<Link>): void {
  log.links = log.links.map((link) => (link.seq === seq ? { ...link, ...changes } : link))
}

/** Makes the links from `first` on fit their entries and each other again, up to `last`. */
export function restamp(log: TestLog, first: number, last: number = log.links.length): void {
  for (let seq = first; seq <= last; seq += 1) {
    const [link, previous] = [log.links[seq - 1], log.links[seq - 2]]
    const entry = log.entries.find(({ id }) => id === link?.entryId)
    if (!link || !entry) throw new Error(`nothing to restamp at ${seq}`)
    const prevHash = seq === first ? link.prevHash : (previous?.hash ?? '')
    const hashes = hashEntry(entry)
    editLink(log, seq, { ...hashes, prevHash, hash: hashLink(prevHash, hashes.entryHash) })
  }
}

/** Gives the links new places. */
export function renumber(log: TestLog, place: (seq: number) => number): void {
  log.links = log.links.map((link) => ({ ...link, seq: place(link.seq) })).toSorted((a, b) => a.seq - b.seq)
}

export interface Verified extends Omit<ChainResult, 'findings'> {
  readonly findings: readonly Finding[]
  /** `kind@seq` of each finding. */
  readonly brief: readonly string[]
}

export interface VerifyTestLogOptions {
  readonly verifiers?: readonly NoteVerifier[]
  readonly known?: readonly string[]
}

/** Feeds a log to the verifier as the database shell does. */
export function verifyTestLog(
  log: TestLog,
  { verifiers = [], known = [] }: VerifyTestLogOptions = {},
): Verified {
  const verifier = createChainVerifier({ logId: log.logId, verifiers })
  const entries = new Map(log.entries.map((entry) => [entry.id, entry]))
  const notes = known.map((note) => readCheckpointNote(note, verifiers))
  let fed = 0
  const feedCheckpoints = (upTo: number) => {
    const isDue = (size: number) => size > fed && size <= upTo
    for (const note of notes) if (isDue(note.checkpoint.size)) verifier.readKnownCheckpoint(note)
    for (const checkpoint of log.checkpoints) if (isDue(checkpoint.size)) verifier.readCheckpoint(checkpoint)
    fed = upTo
  }
  for (const link of log.links) {
    feedCheckpoints(link.seq - 1)
    verifier.readLink({ link, entry: entries.get(link.entryId) } satisfies ChainRow)
  }
  feedCheckpoints(Number.POSITIVE_INFINITY)
  const wanted = new Set(verifier.unresolved())
  const bearers = log.links.filter(({ hash }) => wanted.has(hash)).toReversed()
  const result = verifier.finish(new Map(bearers.map(({ hash, seq }) => [hash, seq])))
  const findings = result.findings.sorted()
  return { ...result, findings, brief: findings.map(({ kind, seq }) => `${kind}@${seq}`) }
}
