import type { Pool } from 'pg'
import { PASSWORD_HASH_PREFIX } from './fill.ts'
import { NIGHTLY_JOBS } from './nightly-jobs.ts'
import type { Orm } from './orm.ts'
import type { Printer } from './print.ts'
import { replayTrail } from './replay.ts'
import type { TrafficReport } from './traffic.ts'

/** Checks the promises of the trail against the database itself, by SQL of its own and not through Indelible. */
export async function checkTrail(pool: Pool, traffic: TrafficReport, print: Printer): Promise<void> {
  const { entries, rows, different } = await replayTrail(pool)
  const verdict = different.length > 0 ? `, but not for ${different.join(', ')}` : ''
  print.claim(
    `nothing is missing: ${number(entries)} row entries, replayed, give the ${number(rows)} rows of the shop${verdict}`,
    different.length === 0 && rows > 0,
  )
  const rolledBack = [...traffic.rolledBack.keys()]
  const leftBehind = await countEntries(pool, 'correlation_id = any ($1)', [rolledBack])
  print.claim(
    `nothing is too much: ${rolledBack.length} requests were rolled back, by ${listNames(traffic.rolledBack.values())}, and left no entry`,
    leftBehind === 0 && rolledBack.length > 0,
  )
  const { orms, shared } = await countByOrm(pool)
  const counts = orms.map(({ orm, entries }) => `${number(entries)} through ${orm}`)
  print.claim(
    `all in one trail: ${counts.join(', ')}; ${number(shared)} rows were written by more than one of them`,
    orms.every(({ orm }) => traffic.orms.has(orm)) && orms.length === traffic.orms.size && shared > 0,
  )
  const { names, mixedUp } = await countMixedUpActors(pool, traffic)
  print.claim(
    `nobody is mixed up: ${names} actors at once, every entry names its own`,
    mixedUp === 0 && names > 1,
  )
  const leaked = await countEntries(pool, 'strpos(e::text, $1) > 0', [PASSWORD_HASH_PREFIX])
  const masked = await countEntries(pool, 'strpos(after::text, \'"passwordHash":"[redacted]"\') > 0', [])
  print.claim(
    `no secret is told: ${number(masked)} entries about password hashes, none with one`,
    leaked === 0 && masked > 0,
  )
}

async function countEntries(pool: Pool, where: string, params: readonly unknown[]): Promise<number> {
  const { rows } = await pool.query(`select count(*)::int as n from indelible.entry e where ${where}`, [
    ...params,
  ])
  return rows[0].n
}

interface OrmCounts {
  readonly orms: readonly { readonly orm: Orm; readonly entries: number }[]
  /** Rows whose entries come from more than one ORM. */
  readonly shared: number
}

/** The demo notes in the context of each request which ORM serves it. */
async function countByOrm(pool: Pool): Promise<OrmCounts> {
  const { rows: orms } = await pool.query(
    `select context #>> '{metadata,orm}' as orm, count(*)::int as entries from indelible.entry group by 1 order by 2 desc`,
  )
  const { rows } = await pool.query(
    `select count(*)::int as n from (select from indelible.entry group by table_name, row_key
      having count(distinct context #>> '{metadata,orm}') > 1) shared`,
  )
  return { orms, shared: rows[0].n }
}

async function countMixedUpActors(
  pool: Pool,
  { actors }: TrafficReport,
): Promise<{ names: number; mixedUp: number }> {
  const { rows } = await pool.query<{ request: string; actor: string }>(
    `select correlation_id as request, actor_id as actor from indelible.entry
     where correlation_id like 'req-%' or correlation_id like 'job-%'`,
  )
  const jobs = NIGHTLY_JOBS.map(({ correlationId, actorId }) => [correlationId, actorId] as const)
  const expected = new Map([...actors, ...jobs])
  return {
    names: new Set(rows.map(({ actor }) => actor)).size,
    mixedUp: rows.filter(({ request, actor }) => expected.get(request) !== actor).length,
  }
}

function listNames(names: Iterable<string>): string {
  return [...new Set(names)].join(' and ')
}

function number(count: number): string {
  return count.toLocaleString('en')
}
