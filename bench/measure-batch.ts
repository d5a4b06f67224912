import { performance } from 'node:perf_hooks'
import { type BenchDatabase, products } from './bench-database.ts'
import type { Calls, Turn } from './bench-orm.ts'
import { type CpuSource, readCpu } from './cpu-clock.ts'
import { median } from './median.ts'
import type { Operation } from './operations.ts'

/** One variant with its database. */
export interface BenchSubject {
  readonly database: BenchDatabase
  readonly calls: Calls
  /** Ends a batch: work that was put off, and is to be counted. */
  finish(): Promise<unknown>
  close(): Promise<void>
}

/** What one batch has cost. */
export interface Sample {
  /** Median time of a call, in milliseconds. */
  readonly p50: number
  /** Processor time for each call, of this process and the server's sessions, in microseconds. */
  readonly cpu: number
}

/** How a batch is run. */
export interface BatchOptions {
  readonly clients: number
  readonly cpuSource: CpuSource
}

/** Runs an operation some times with some clients at once. */
export async function measureBatch(
  { database, calls, finish }: BenchSubject,
  operation: Operation,
  { clients, cpuSource }: BatchOptions,
): Promise<Sample> {
  const turns = await prepareTurns(database, operation, clients)
  const sessions = await database.sessions()
  const before = readCpu(sessions, cpuSource)
  const times = await Promise.all(turns.map((own) => timeEach(own, calls[operation.call])))
  await finish()
  const cpu = (readCpu(sessions, cpuSource) - before) / (clients * operation.calls)
  await database.pool.query(`delete from "Product" where id > ${products}`)
  return { p50: median(times.flat()), cpu }
}

async function timeEach(turns: readonly Turn[], work: (turn: Turn) => Promise<unknown>): Promise<number[]> {
  const times: number[] = []
  for (const turn of turns) {
    const start = performance.now()
    await work(turn)
    times.push(performance.now() - start)
  }
  return times
}

let turnNumber = 0

async function prepareTurns(
  { pool }: BenchDatabase,
  { calls, spare = false }: Operation,
  clients: number,
): Promise<Turn[][]> {
  const { rows } = spare
    ? await pool.query<{ id: number }>(spareProducts, [calls * clients])
    : { rows: [] as { id: number }[] }
  return Array.from({ length: clients }, (_, client) =>
    Array.from({ length: calls }, () => {
      turnNumber += 1
      return { client, number: turnNumber, spare: rows.pop()?.id ?? 0 }
    }),
  )
}

const spareProducts = `
  insert into "Product" (sku, name, price, stock, attributes, keywords)
  select gen_random_uuid()::text, 'Product', 12.5, 7,
    '{"colour": "red", "size": 5, "notes": "a few words of text here"}', array['a', 'b']
  from generate_series(1, $1::integer) returning id`
