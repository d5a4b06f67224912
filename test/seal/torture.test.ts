import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fromPgPool } from '../../packages/core/src/pg/pg-database.ts'
import { sealAll } from '../../packages/core/src/seal/seal-all.ts'
import { migrate } from '../../packages/core/src/store/migrate.ts'
import { verifyLog } from '../../packages/core/src/verify/verify-log.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

const WRITERS = 8
const WRITES = 10_000
const SECONDS = 20
const KILLS = 4
const FEWEST_ENTRIES = 1000
const SEALER = fileURLToPath(new URL('sealer-process.ts', import.meta.url))

let database: TestDatabase

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' })
  await migrate(fromPgPool(database.pool))
})

afterAll(() => database.drop())

test('every committed entry is linked once, while sealers race and are killed', async () => {
  const audit = fromPgPool(database.pool)
  const stop = new AbortController()
  const sealers = [keepAlive(stop.signal), keepKilling(stop.signal)]
  const reports = verifyMeanwhile(stop.signal)
  const [attempts, backends] = await Promise.all([writeAll(), terminateBackends()])
  stop.abort()
  const kills = (await Promise.all(sealers)).reduce((sum, count) => sum + count, 0)
  const { sealed, size } = await sealAll(audit)

  const committed = attempts.flatMap(({ written }) => written).length
  const report = await verifyLog(audit)
  console.log(
    `${committed} entries, ${kills} sealers killed, ${backends} backends terminated, ${sealed} left for the end, ` +
      `${report.checkpoints.total} checkpoints, ${await countLate()} late committers`,
  )
  expect(report).toMatchObject({ ok: true, findings: [], pending: 0, size: committed, entries: committed })
  expect(size).toBe(committed)
  expect((await reports).flatMap(({ findings }) => findings)).toEqual([])
  const keys = await database.query<{ row_key: string }>('select row_key from indelible.trail where seq > 0')
  expect(keys.map((row) => row.row_key).toSorted()).toEqual(
    attempts.flatMap(({ written }) => written).toSorted(),
  )
  expect(kills).toBeGreaterThanOrEqual(KILLS)
  expect(committed).toBeGreaterThan(FEWEST_ENTRIES)
}, 90_000)

/** Runs one sealer from beginning to end, as a rival to those that are killed. */
async function keepAlive(signal: AbortSignal): Promise<number> {
  const sealer = await startSealer()
  if (!signal.aborted) await once(signal, 'abort')
  await kill(sealer)
  return 0
}

/** Starts one sealer after the other and kills each in the middle of its work, some of them however soon all is written. */
async function keepKilling(signal: AbortSignal): Promise<number> {
  for (let kills = 0; ; kills += 1) {
    if (signal.aborted && kills >= KILLS) return kills
    const sealer = await startSealer()
    await sleep(Math.random() * 150)
    await kill(sealer)
  }
}

async function startSealer(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [SEALER, database.url], { stdio: ['ignore', 'pipe', 'inherit'] })
  await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  expectAlive(child)
  return child
}

async function kill(child: ChildProcess): Promise<void> {
  expectAlive(child)
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

/** A sealer whose session is cut off goes on with another. */
function expectAlive({ exitCode, signalCode }: ChildProcess): void {
  expect({ exitCode, signalCode }).toEqual({ exitCode: null, signalCode: null })
}

/** The sealers' sessions are cut off as well, as a failover would. */
async function terminateBackends(): Promise<number> {
  let count = 0
  for (let i = 0; i < 10; i += 1) {
    await sleep(400)
    const rows = await database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'sealer' and datname = current_database() limit 1",
    )
    count += rows.length
  }
  return count
}

async function verifyMeanwhile(signal: AbortSignal) {
  const reports = []
  while (!signal.aborted) {
    await sleep(2000)
    reports.push(await verifyLog(fromPgPool(database.pool)))
  }
  return reports
}

interface Written {
  /** Row keys of committed entries. */
  readonly written: readonly string[]
}

function writeAll(): Promise<readonly Written[]> {
  const deadline = Date.now() + SECONDS * 1000
  return Promise.all(Array.from({ length: WRITERS }, (_, writer) => writeUntil(deadline, writer)))
}

async function writeUntil(deadline: number, writer: number): Promise<Written> {
  const client = new pg.Client(database.url)
  await client.connect()
  const written: string[] = []
  const isEnough = () =>
    written.length >= WRITES / WRITERS ||
    (Date.now() >= deadline && written.length > FEWEST_ENTRIES / WRITERS)
  for (let i = 0; !isEnough(); i += 1) {
    written.push(...(await writeTransaction(client, `${writer}-${i}`)))
  }
  await client.end()
  return { written }
}

/** Most transactions write once; some write twice, some roll back, to the start or to a savepoint, some take their time. */
async function writeTransaction(client: pg.Client, key: string): Promise<readonly string[]> {
  const dice = Math.random()
  if (dice < 0.6) {
    await write(client, key)
    return [key]
  }
  await client.query('begin')
  await write(client, `${key}a`)
  if (dice > 0.97) await sleep(Math.random() * 300)
  await client.query('savepoint s')
  await write(client, `${key}b`)
  const isPartial = dice < 0.7
  if (isPartial) await client.query('rollback to savepoint s')
  const isRolledBack = dice > 0.85 && dice < 0.985
  await client.query(isRolledBack ? 'rollback' : 'commit')
  if (isRolledBack) return []
  return isPartial ? [`${key}a`] : [`${key}a`, `${key}b`]
}

async function write(client: pg.Client, key: string): Promise<void> {
  await client.query(
    "select indelible.log('insert', 'public', 'order', $1, null, '{\"status\":\"OPEN\"}', null)",
    [key],
  )
}

/** Links whose entry has a lower id than the one before. */
async function countLate(): Promise<number> {
  const [row] = await database.query<{ late: number }>(`
    select count(*)::int as late
    from (select entry_id, lag(entry_id) over (order by seq) as before from indelible.link) l where entry_id < before`)
  return row?.late ?? 0
}
