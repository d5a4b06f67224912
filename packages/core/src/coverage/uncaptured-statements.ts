import type { AuditQueryable } from '../store/audit-database.ts'
import { readableJson } from '../store/readable-json.ts'

/** Statements that ran and whose rows no entry holds, together. */
export interface UncapturedStatements {
  readonly verb: string
  /** With their schemas where these are known; empty when the tables are not. */
  readonly tables: readonly string[]
  readonly reason: string
  readonly count: number
  /** When the last one ran: ISO 8601 in UTC. */
  readonly last: string
}

/** Counts what was recorded as uncaptured since a moment, most first. */
export async function readUncapturedStatements(
  database: AuditQueryable,
  since: Date,
): Promise<readonly UncapturedStatements[]> {
  const rows = await database.query(UNCAPTURED, [since.toISOString()])
  return rows.map((row) => ({
    verb: row['verb'] ?? 'UNKNOWN',
    tables: JSON.parse(row['tables'] ?? '[]') as string[],
    reason: row['reason'] ?? '',
    count: Number(row['count']),
    last: row['last'] ?? '',
  }))
}

const UNCAPTURED = `
  select e.after ->> 'verb' as verb, e.after ->> 'reason' as reason, t.names as tables, count(*) as count,
    to_char(max(e.at) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as last
  from (select at, op, ${readableJson('after')} as after from indelible.entry) e
  cross join lateral (
    select coalesce(json_agg(distinct concat_ws('.', x ->> 'schema', x ->> 'name')), '[]')::text as names
    from json_array_elements(case json_typeof(e.after -> 'tables') when 'array' then e.after -> 'tables' end) x
  ) t
  where e.at >= $1::timestamptz and e.op in ('statement', 'truncate')
  group by 1, 2, 3
  order by count(*) desc, 1, 3, 2
  limit 1000`
