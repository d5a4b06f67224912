import { performance } from 'node:perf_hooks'
import { type AuditDatabase, createSealer, fromPgPool, verifyLog } from '@indelible/core'
import { createBenchDatabase, entries } from './bench-database.ts'
import { median, medianRatio } from './median.ts'

/** What sealing or verifying costs. */
export interface LogRow {
  readonly name: string
  /** Entries in a second on the machine of the bench: for orientation only. */
  readonly rate: number
  /** Ratio to reading the same rows in the same process and throwing them away. */
  readonly toReading: number
}

/** What {@link runLogBench} measures. */
export interface LogBenchOptions {
  readonly rounds: number
  readonly only: string
}

/** Measures sealing and verifying, against reading the same rows. */
export async function runLogBench(
  serverUrl: string,
  { rounds, only }: LogBenchOptions,
): Promise<readonly LogRow[]> {
  const names = (['seal', 'verify'] as const).filter((name) => name.includes(only))
  if (names.length === 0) return []
  const samples: Sample[] = []
  for (let round = 1; round <= rounds; round += 1) samples.push(await measureLog(serverUrl, round))
  const read = samples.map((sample) => sample.read)
  return names.map((name) => {
    const times = samples.map((sample) => sample[name])
    return { name, rate: (entries / median(times)) * 1000, toReading: medianRatio(times, read) }
  })
}

interface Sample {
  readonly seal: number
  readonly read: number
  readonly verify: number
}

// A log is never emptied: each round has a new one.
async function measureLog(serverUrl: string, round: number): Promise<Sample> {
  const { pool, end } = await createBenchDatabase(serverUrl, `bench_log_${round}`)
  await pool.query('insert into indelible.pending select id from indelible.entry')
  const database = fromPgPool(pool)
  const sealer = createSealer(database, { onError: (error) => console.error(error) })
  const seal = await time(() => sealer.seal())
  await sealer.close()
  await pool.query('vacuum analyze')
  const read = await time(() => readAll(database))
  const verify = await time(() => verifySound(database))
  await end()
  return { seal, read, verify }
}

async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now()
  await work()
  return performance.now() - start
}

async function readAll(database: AuditDatabase): Promise<void> {
  for (let after = '0'; ; ) {
    const rows = await database.query(
      `select l.*, e.* from (select * from indelible.link where seq > $1::bigint order by seq limit 1000) l
       join lateral (select * from indelible.entry e where e.id = l.entry_id offset 0) e on true order by l.seq`,
      [after],
    )
    const last = rows.at(-1)?.['seq']
    if (last == null) return
    after = last
  }
}

async function verifySound(database: AuditDatabase): Promise<void> {
  const report = await verifyLog(database)
  if (!report.ok || report.entries !== entries)
    throw new Error(`the log of the bench is not sound: ${JSON.stringify(report.findings)}`)
}
