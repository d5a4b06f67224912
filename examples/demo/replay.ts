import type { Pool } from 'pg'

/** What came out of playing the trail back. */
export interface ReplayReport {
  readonly entries: number
  readonly rows: number
  /** Tables whose rows are not what their entries say. */
  readonly different: readonly string[]
}

type Row = Readonly<Record<string, unknown>>

interface StoredEntry {
  readonly op: string
  readonly row_key: string
  readonly before: Row | null
  readonly after: Row | null
}

/** Builds every table anew from its entries alone and compares it with the table itself. The trail is complete when they agree. */
export async function replayTrail(pool: Pool): Promise<ReplayReport> {
  let [entries, rows] = [0, 0]
  const different: string[] = []
  for (const table of await listTables(pool)) {
    const trail = await readEntries(pool, table)
    const actual = await readRows(pool, table)
    entries += trail.length
    rows += actual.length
    if (!sameRows([...replay(trail).values()], actual)) different.push(table)
  }
  return { entries, rows, different }
}

async function listTables(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query("select tablename from pg_tables where schemaname = 'public' order by 1")
  return rows.map(({ tablename }) => tablename)
}

// The locks on a row put its writers in order, and ids are given out under the lock: id order is the row's history.
async function readEntries(pool: Pool, table: string): Promise<StoredEntry[]> {
  const { rows } = await pool.query<StoredEntry>(
    `select op, row_key, before, after from indelible.entry
     where table_schema = 'public' and table_name = $1 and op in ('insert', 'update', 'delete') order by id`,
    [table],
  )
  return rows
}

async function readRows(pool: Pool, table: string): Promise<Row[]> {
  const { rows } = await pool.query<{ row: Row }>(`select to_json(t) as row from "${table}" t`)
  return rows.map(({ row }) => row)
}

function replay(entries: readonly StoredEntry[]): Map<string, Row> {
  const table = new Map<string, Row>()
  for (const { op, row_key: key, after } of entries) {
    if (op === 'delete') table.delete(key)
    else table.set(key, { ...table.get(key), ...after })
  }
  return table
}

function sameRows(replayed: readonly Row[], actual: readonly Row[]): boolean {
  const redacted = new Set(
    replayed.flatMap((row) => Object.keys(row).filter((key) => row[key] === '[redacted]')),
  )
  return toText(replayed, redacted) === toText(actual, redacted)
}

/** Secrets never reach the trail: their columns are left out on both sides. */
function toText(rows: readonly Row[], leftOut: ReadonlySet<string>): string {
  const lines = rows.map((row) =>
    JSON.stringify(
      Object.entries(row)
        .filter(([key]) => !leftOut.has(key))
        .sort(([a], [b]) => (a < b ? -1 : 1)),
    ),
  )
  return lines.sort().join('\n')
}
