import type { ChainRow } from '../chain/check-link.ts'
import { LINK_COLUMNS, toLink } from '../chain/link.ts'
import {
  CHECKPOINT_COLUMNS,
  type CheckpointNote,
  type StoredCheckpoint,
  toStoredCheckpoint,
} from '../chain/stored-checkpoint.ts'
import type { ChainVerifier } from '../chain/verify-chain.ts'
import { STORED_ENTRY_COLUMNS, toStoredEntry } from '../entry/stored-entry.ts'
import type { AuditQueryable } from '../store/audit-database.ts'

/** What {@link readChain} reads, and how. */
export interface ReadChainOptions {
  /** Size to start behind. */
  readonly start: number
  readonly pageSize: number
  /** By size, none of them at or before `start`. */
  readonly known: readonly CheckpointNote[]
  readonly onPage: (lastSeq: number) => void
}

/** Feeds links, entries and checkpoints to a verifier, in order, a page at a time. */
export async function readChain(
  tx: AuditQueryable,
  verifier: ChainVerifier,
  { start, pageSize, known, onPage }: ReadChainOptions,
): Promise<void> {
  const feed = createCheckpointFeed(tx, verifier, { after: start, known })
  for (let after = `${start}`; ; ) {
    const { rows, last } = await readPage(tx, after, pageSize)
    if (last === undefined) break
    await feed.load(last)
    for (const row of rows) {
      feed.release(row.link.seq - 1)
      verifier.readLink(row)
    }
    after = last
    feed.release(Number(last))
    onPage(Number(last))
  }
  await feed.finish()
}

// LATERAL with OFFSET 0 makes one index probe for each link. A plain join may read the whole entry table for each page.
const PAGE = `
  select ${LINK_COLUMNS}, e.*
  from (select * from indelible.link where seq > $1::bigint order by seq limit $2::bigint) l
  left join lateral (
    select ${STORED_ENTRY_COLUMNS} from indelible.entry e where e.id = l.entry_id offset 0
  ) e on true
  order by l.seq`

async function readPage(
  tx: AuditQueryable,
  after: string,
  pageSize: number,
): Promise<{ rows: readonly ChainRow[]; last: string | undefined }> {
  const rows = await tx.query(PAGE, [after, `${pageSize}`])
  return {
    rows: rows.map((row) => ({ link: toLink(row), entry: toStoredEntry(row) })),
    last: rows.at(-1)?.['seq'] ?? undefined,
  }
}

interface CheckpointFeed {
  /** Reads the checkpoints of the table up to a size. */
  load(upTo: string): Promise<void>
  /** Feeds those up to a size: first what is known from outside, then the table's. */
  release(upTo: number): void
  /** Reads and feeds the rest. */
  finish(): Promise<void>
}

const CHECKPOINTS = `
  select ${CHECKPOINT_COLUMNS} from indelible.checkpoint c
  where c.size > $1::bigint and c.size <= $2::bigint order by c.size limit 1000`

const LARGEST_SIZE = '9223372036854775807'

function createCheckpointFeed(
  tx: AuditQueryable,
  verifier: ChainVerifier,
  { after, known }: { readonly after: number; readonly known: readonly CheckpointNote[] },
): CheckpointFeed {
  const [outside, stored] = [[...known], [] as StoredCheckpoint[]]
  let loaded = `${after}`
  const release = (upTo: number) => {
    for (const note of takeWhile(outside, ({ checkpoint }) => checkpoint.size <= upTo))
      verifier.readKnownCheckpoint(note)
    for (const checkpoint of takeWhile(stored, ({ size }) => size <= upTo))
      verifier.readCheckpoint(checkpoint)
  }
  const load = async (upTo: string) => {
    const rows = await tx.query(CHECKPOINTS, [loaded, upTo])
    stored.push(...rows.flatMap((row) => toStoredCheckpoint(row) ?? []))
    loaded = rows.at(-1)?.['size'] ?? loaded
    return rows.length
  }
  return {
    release,
    load: async (upTo) => {
      while ((await load(upTo)) > 0);
    },
    finish: async () => {
      while ((await load(LARGEST_SIZE)) > 0) release(Number.POSITIVE_INFINITY)
      release(Number.POSITIVE_INFINITY)
    },
  }
}

function takeWhile<Item>(queue: Item[], isDue: (item: Item) => boolean): Item[] {
  const end = queue.findIndex((item) => !isDue(item))
  return queue.splice(0, end < 0 ? queue.length : end)
}
