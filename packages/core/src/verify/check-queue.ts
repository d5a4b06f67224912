import { setTimeout as sleep } from 'node:timers/promises'
import type { Finding } from '../chain/findings.ts'
import type { AuditQueryable } from '../store/audit-database.ts'

/** What the queue to the sealer looks like in one snapshot. */
export interface QueueCheck {
  readonly pending: number
  readonly findings: readonly Finding[]
  /** Ids that seem to wait too long, the first of them. */
  readonly late: readonly string[]
}

/** Looks for entries that no sealer will ever see, and for queued ids whose entry is gone. Both are exact in one snapshot. */
export async function checkQueue(tx: AuditQueryable, unsealedAfter: number): Promise<QueueCheck> {
  const [count] = await tx.query('select count(*)::text as count from indelible.pending')
  const unqueued = await readIds(tx, UNQUEUED)
  const orphans = await readIds(tx, ORPHANS)
  const late = await tx.query(LATE, [`${unsealedAfter}`])
  return {
    pending: Number(count?.['count'] ?? 0),
    findings: [...describeUnqueued(unqueued), ...describeOrphans(orphans)],
    late: late.flatMap((row) => row['id'] ?? []),
  }
}

/**
 * Looks again, after a pause, at entries that seemed to wait too long: an entry bears the time of its statement, and a long
 * transaction shows it to the sealer only at its end.
 */
export async function checkLate(
  database: AuditQueryable,
  late: readonly string[],
  pause: number,
): Promise<readonly Finding[]> {
  if (late.length === 0) return []
  if (pause > 0) await sleep(pause)
  const rows = await database.query(STILL_LATE, [`{${late.join(',')}}`])
  const [first] = rows
  const id = first?.['id']
  if (first === undefined || !id) return []
  const more =
    rows.length > 1 ? ` So do ${rows.length === LATE_LIMIT ? 'at least ' : ''}${rows.length - 1} more.` : ''
  const message = `Entry ${id} has waited ${first['seconds']} seconds for the sealer: is one running?${more}`
  return [{ kind: 'unsealed', entryId: id, actual: String(rows.length), message }]
}

const LATE_LIMIT = 1000

const LATE = `
  select e.id::text as id from indelible.pending p join indelible.entry e on e.id = p.id
  where e.at < clock_timestamp() - $1::bigint * interval '1 millisecond'
  order by e.id limit ${LATE_LIMIT}`

const STILL_LATE = `
  select e.id::text as id, round(extract(epoch from clock_timestamp() - e.at))::text as seconds
  from indelible.pending p join indelible.entry e on e.id = p.id
  where p.id = any ($1::bigint[]) order by e.id`

const UNQUEUED = `
  select e.id from indelible.entry e
  where not exists (select from indelible.link l where l.entry_id = e.id)
    and not exists (select from indelible.pending p where p.id = e.id)`

const ORPHANS = `
  select distinct p.id from indelible.pending p
  where not exists (select from indelible.entry e where e.id = p.id)`

interface Ids {
  readonly count: number
  /** The lowest ten. */
  readonly sample: readonly string[]
  readonly last: string
}

async function readIds(tx: AuditQueryable, select: string): Promise<Ids | undefined> {
  const sample = (await tx.query(`select id::text as id from (${select}) x order by x.id limit 10`)).flatMap(
    (row) => row['id'] ?? [],
  )
  if (sample.length === 0) return undefined
  const [row] = await tx.query(`select count(*)::text as count, max(id)::text as last from (${select}) x`)
  return { count: Number(row?.['count']), sample, last: row?.['last'] ?? '' }
}

function describeUnqueued(ids: Ids | undefined): readonly Finding[] {
  if (ids === undefined) return []
  const message = `${nameEntries(ids)} neither a link nor a place in the queue: written past indelible.log, or links or queue rows were removed.`
  return [{ kind: 'unqueued', ...rangeOf(ids), actual: String(ids.count), message }]
}

function describeOrphans(ids: Ids | undefined): readonly Finding[] {
  if (ids === undefined) return []
  const message = `${nameEntries(ids)} a place in the queue, but was removed before it was sealed.`
  return [{ kind: 'removed', ...rangeOf(ids), actual: String(ids.count), message }]
}

function rangeOf({ sample: [first], last, count }: Ids) {
  return { ...(first !== undefined && { entryId: first }), ...(count > 1 && { lastEntryId: last }) }
}

function nameEntries({ count, sample }: Ids): string {
  const list = sample.join(', ')
  if (count === 1) return `Entry ${list} has`
  return `Each of ${count} entries (${list}${count > sample.length ? ', …' : ''}) has`
}
