import { STORED_ENTRY_COLUMNS, type StoredEntry, toStoredEntry } from '../entry/stored-entry.ts'
import type { AuditQueryable, TextRow } from '../store/audit-database.ts'

/** A part of the queue to the sealer, in the order of ids. */
export interface QueuedEntries {
  /** To be linked. */
  readonly entries: readonly StoredEntry[]
  /** Ids to take off the queue: those of `entries`, and of entries that have a link already. */
  readonly done: readonly string[]
  /** Ids whose entry does not exist. */
  readonly orphans: readonly string[]
  /** Whether the queue may hold more. */
  readonly isMore: boolean
}

/** Reads at most `batch` queued ids with their entries. It reads on past ids without entry: these stay, and must not block the queue. */
export async function readQueue(
  database: AuditQueryable,
  batch: number,
  after: string = LOWEST_ID,
): Promise<QueuedEntries> {
  const rows = await database.query(QUEUE, [after, `${batch}`])
  const isMore = rows.length === batch
  const here = sortOut(rows, isMore)
  if (here.done.length > 0 || !isMore) return here
  const rest = await readQueue(database, batch, rows.at(-1)?.['pending_id'] ?? LOWEST_ID)
  return { ...rest, orphans: [...here.orphans, ...rest.orphans] }
}

const LOWEST_ID = '-9223372036854775808'

// LATERAL with OFFSET 0 makes one index probe for each id. A plain join may read the whole entry table for each batch.
const QUEUE = `
  select p.id::text as pending_id, e.*,
    exists (select from indelible.link l where l.entry_id = p.id offset 0)::text as linked
  from (select id from indelible.pending where id > $1::bigint order by id limit $2::bigint) p
  left join lateral (
    select ${STORED_ENTRY_COLUMNS} from indelible.entry e where e.id = p.id offset 0
  ) e on true
  order by p.id`

function sortOut(rows: readonly TextRow[], isMore: boolean): QueuedEntries {
  // An id may be queued twice, by someone who tries to put an entry back. It is linked once.
  const distinct = rows.filter((row, index) => row['pending_id'] !== rows[index - 1]?.['pending_id'])
  const present = distinct.filter((row) => row['id'] !== null)
  return {
    entries: present.flatMap((row) => (row['linked'] === 'true' ? [] : (toStoredEntry(row) ?? []))),
    done: present.flatMap((row) => row['id'] ?? []),
    orphans: distinct.flatMap((row) => (row['id'] === null ? (row['pending_id'] ?? []) : [])),
    isMore,
  }
}
