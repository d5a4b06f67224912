import { setTimeout as sleep } from 'node:timers/promises'
import { createBenchDatabase } from './bench-database.ts'
import { auditOptionsOf, type BenchOrm, type VariantName } from './bench-orm.ts'
import { type CpuSource, findCpuSource } from './cpu-clock.ts'
import { type BenchSubject, measureBatch, type Sample } from './measure-batch.ts'
import { type Operation, operations } from './operations.ts'
import { inContexts } from './request-context.ts'

/** One row of the table: an operation at a number of clients, with one sample of each variant for each round. */
export interface CaptureRow {
  readonly operation: string
  readonly clients: number
  readonly samples: ReadonlyMap<VariantName, readonly Sample[]>
}

/** What the capture bench of one ORM has measured. */
export interface CaptureResult {
  readonly rows: readonly CaptureRow[]
  readonly cpuSource: CpuSource
}

/** What {@link runCaptureBench} measures. */
export interface CaptureBenchOptions {
  readonly orm: BenchOrm
  readonly rounds: number
  readonly only: string
  readonly onRound: (round: number) => void
}

/** Measures what auditing costs under one ORM, all variants in one process and shuffled within every round. */
export async function runCaptureBench(
  serverUrl: string,
  { orm, rounds, only, onRound }: CaptureBenchOptions,
): Promise<CaptureResult> {
  const cells = operations
    .filter(({ name }) => name.includes(only))
    .flatMap((operation) => operation.clients.map((clients) => createCell(orm, operation, clients)))
  const wanted = orm.variants.filter((name) => cells.some((cell) => cell.samples.has(name)))
  const subjects = await openSubjects(serverUrl, orm, wanted)
  const cpuSource = await findSource(subjects)
  // The first rounds open sessions, prepare statements and compile JavaScript: they are not counted.
  for (let round = -1; round <= rounds; round += 1) {
    for (const cell of cells) await measureCell(cell, subjects, { cpuSource, counted: round > 0 })
    if (round > 0) onRound(round)
  }
  for (const subject of subjects.values()) await subject.close()
  return {
    cpuSource,
    rows: cells.map(({ operation, clients, samples }) => ({ operation: operation.name, clients, samples })),
  }
}

interface Cell {
  readonly operation: Operation
  readonly clients: number
  readonly samples: Map<VariantName, Sample[]>
}

function createCell(orm: BenchOrm, operation: Operation, clients: number): Cell {
  const variants = operation.variants.filter((name) => orm.variants.includes(name))
  return { operation, clients, samples: new Map(variants.map((name) => [name, []])) }
}

type Subjects = ReadonlyMap<VariantName, BenchSubject>

async function openSubjects(
  serverUrl: string,
  orm: BenchOrm,
  variants: readonly VariantName[],
): Promise<Subjects> {
  const subjects = new Map<VariantName, BenchSubject>()
  for (const variant of variants) {
    subjects.set(variant, await openSubject(serverUrl, orm, variant))
  }
  return subjects
}

async function openSubject(serverUrl: string, orm: BenchOrm, variant: VariantName): Promise<BenchSubject> {
  const database = await createBenchDatabase(serverUrl, `bench_${orm.name}_${variant}`.replace(/\W/g, '_'))
  const { calls, audit, close } = await orm.open(variant, database)
  return {
    database,
    calls: audit === undefined ? calls : inContexts(calls),
    finish: async () => (auditOptionsOf(variant)?.seal ? await audit?.seal() : undefined),
    close: async () => {
      await close()
      await database.end()
    },
  }
}

async function findSource(subjects: Subjects): Promise<CpuSource> {
  for (const { database } of subjects.values()) {
    const [pid] = await database.sessions()
    if (pid !== undefined) return findCpuSource(pid)
  }
  return 'none'
}

async function measureCell(
  { operation, clients, samples }: Cell,
  subjects: Subjects,
  { cpuSource, counted }: { readonly cpuSource: CpuSource; readonly counted: boolean },
): Promise<void> {
  for (const name of shuffle([...samples.keys()])) {
    const subject = subjects.get(name)
    if (subject === undefined) continue
    const sample = await measureBatch(subject, operation, { clients, cpuSource })
    if (counted) samples.get(name)?.push(sample)
    // Lets the server finish what it does behind the answers.
    await sleep(2)
  }
}

function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ item }) => item)
}
