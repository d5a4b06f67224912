import type { Pool } from 'pg'
import { PASSWORD_HASH_PREFIX } from './fill.ts'
import { NIGHTLY_JOB } from './nightly-job.ts'
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
  const leftBehind = await countEntries(pool, 'correlation_id = any ($1)', [traffic.rolledBack])
  print.claim(
    `nothing is too much: ${traffic.rolledBack.length} requests were rolled back and left no entry`,
    leftBehind === 0 && traffic.rolledBack.length > 0,
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

async function countMixedUpActors(
  pool: Pool,
  { actors }: TrafficReport,
): Promise<{ names: number; mixedUp: number }> {
  const { rows } = await pool.query<{ request: string; actor: string }>(
    `select correlation_id as request, actor_id as actor from indelible.entry
     where correlation_id like 'req-%' or correlation_id like 'job-%'`,
  )
  const expected = new Map([...actors, [NIGHTLY_JOB.correlationId, NIGHTLY_JOB.actorId]])
  return {
    names: new Set(rows.map(({ actor }) => actor)).size,
    mixedUp: rows.filter(({ request, actor }) => expected.get(request) !== actor).length,
  }
}

function number(count: number): string {
  return count.toLocaleString('en')
}
