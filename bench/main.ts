import os from 'node:os'
import { startPostgres } from '../test/support/embedded-postgres.ts'
import { parseBenchOptions } from './bench-options.ts'
import type { BenchOrm } from './bench-orm.ts'
import { runCaptureBench } from './capture-bench.ts'
import { runCascadeBench } from './cascade-bench.ts'
import { runHttpBench } from './http-bench.ts'
import { runLogBench } from './log-bench.ts'
import {
  type CaptureLine,
  captureTable,
  cascadeTable,
  httpTable,
  logTable,
  toCaptureLines,
} from './tables.ts'
import { writeToPage } from './write-page.ts'

const { orms, rounds, only, json, write, major } = parseBenchOptions(process.argv.slice(2))
const server = await startPostgres({ major, durable: true })
const figures: Record<string, unknown> = {}
try {
  for (const orm of orms) await measureOrm(orm)
  await measureLog()
  await measureCascades()
  await measureHttp()
} catch (error) {
  // Before the server stops: what that breaks would hide it.
  console.error(error)
  process.exitCode = 1
} finally {
  await server.stop()
}
if (json) console.log(JSON.stringify(figures, undefined, 2))

async function measureOrm(orm: BenchOrm): Promise<void> {
  const onRound = (round: number) => process.stderr.write(`\r${orm.title}: round ${round} of ${rounds} `)
  const result = await runCaptureBench(server.url, { orm, rounds, only, onRound })
  process.stderr.write('\r')
  const lines = toCaptureLines(result)
  figures[orm.name] = lines
  show(`capture ${orm.name} ${major}`, lines, `${settingOf(orm)} ${cpuNote(result.cpuSource)}`)
}

function settingOf({ title }: BenchOrm): string {
  const machine = `Node ${process.versions.node}, ${os.availableParallelism()} processors`
  return `${title} on PostgreSQL ${major}, ${machine}, ${rounds} rounds.`
}

function show(name: string, lines: readonly CaptureLine[], setting: string): void {
  if (lines.length === 0) return
  publish(name, `${setting}\n\n${captureTable(lines)}`)
}

async function measureLog(): Promise<void> {
  const rows = await runLogBench(server.url, { rounds: Math.min(rounds, 5), only })
  figures['log'] = rows
  if (rows.length > 0) publish(`log ${major}`, logTable(rows))
}

async function measureCascades(): Promise<void> {
  if (!'cascades'.includes(only)) return
  const rows = await runCascadeBench(server.url, { rounds })
  figures['cascades'] = rows
  publish(`cascades ${major}`, cascadeTable(rows))
}

async function measureHttp(): Promise<void> {
  if (!'http'.includes(only)) return
  const rows = await runHttpBench(server.url, { rounds })
  figures['http'] = rows
  publish(`http ${major}`, httpTable(rows))
}

function publish(name: string, text: string): void {
  if (!json) console.log(`\n${text}`)
  if (write) writeToPage(name, text)
}

function cpuNote(source: string): string {
  if (source === 'schedstat') return 'Processor time of the client process and its server sessions.'
  if (source === 'stat')
    return 'Processor time of the client process and its server sessions, the latter in ticks of 10 ms: coarse.'
  return 'Processor time of the client process alone: this system does not show that of the server.'
}
