import os from 'node:os'
import { startPostgres } from '../test/support/embedded-postgres.ts'
import { parseBenchOptions } from './bench-options.ts'
import { runCaptureBench } from './capture-bench.ts'
import { runCascadeBench } from './cascade-bench.ts'
import { runLogBench } from './log-bench.ts'
import { captureTable, logTable, toCaptureLines } from './tables.ts'
import { writeToPage } from './write-page.ts'

const { rounds, only, json, write, major } = parseBenchOptions(process.argv.slice(2))
const server = await startPostgres({ major, durable: true })
try {
  const capture = await runCaptureBench(server.url, { rounds, only, onRound: reportRound })
  const log = await runLogBench(server.url, { rounds: Math.min(rounds, 5), only })
  const cascades = 'cascades'.includes(only) ? await runCascadeBench(server.url, { rounds }) : []
  const lines = toCaptureLines(capture)
  const setting = `PostgreSQL ${major}, Node ${process.versions.node}, ${os.availableParallelism()} processors, ${rounds} rounds. ${cpuNote(capture.cpuSource)}`
  const tables = { capture: captureTable(lines), log: logTable(log) }
  if (json) console.log(JSON.stringify({ setting, capture: lines, log, cascades }, undefined, 2))
  else console.log(`\n${setting}\n\n${tables.capture}\n\n${tables.log}`)
  if (!json && cascades.length > 0) console.table(cascades)
  if (write) {
    writeToPage(`capture ${major}`, `${setting}\n\n${tables.capture}`)
    writeToPage(`log ${major}`, tables.log)
  }
} finally {
  await server.stop()
}

function reportRound(round: number): void {
  process.stderr.write(`\rround ${round} of ${rounds}`)
}

function cpuNote(source: string): string {
  if (source === 'schedstat') return 'Processor time of the client process and its server sessions.'
  if (source === 'stat')
    return 'Processor time of the client process and its server sessions, the latter in ticks of 10 ms: coarse.'
  return 'Processor time of the client process alone: this system does not show that of the server.'
}
