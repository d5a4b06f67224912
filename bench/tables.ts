import type { VariantName } from './bench-orm.ts'
import type { CaptureResult, CaptureRow } from './capture-bench.ts'
import type { CascadeRow } from './cascade-bench.ts'
import type { HttpRatio, HttpRow } from './http-bench.ts'
import type { LogRow } from './log-bench.ts'
import type { Sample } from './measure-batch.ts'
import { median, medianRatio } from './median.ts'

/** Ratios of one variant to another: median of the rounds, of the median time and of the processor time. */
export interface Ratio {
  readonly p50: number
  readonly cpu: number
}

/** One line of the capture table. */
export interface CaptureLine {
  readonly operation: string
  readonly clients: number
  /** Median time of `plain`, in milliseconds: says which operation is which, and no more. */
  readonly plainP50: number
  readonly ratios: Readonly<Record<string, Ratio>>
}

const columns: readonly (readonly [title: string, variant: VariantName, base: VariantName])[] = [
  ['audited', 'audited', 'plain'],
  ['audited, unnamed', 'audited unnamed', 'plain'],
  ['row trigger', 'trigger', 'plain'],
  ['plain, named', 'plain named', 'plain'],
  ['audited : plain, both named', 'audited', 'plain named'],
]

/** Sums up the rounds. */
export function toCaptureLines({ rows }: CaptureResult): readonly CaptureLine[] {
  return rows.map((row) => ({
    operation: row.operation,
    clients: row.clients,
    plainP50: median(samplesOf(row, 'plain').map(({ p50 }) => p50)),
    ratios: Object.fromEntries(
      columns.flatMap(([title, variant, base]) => {
        const [samples, bases] = [samplesOf(row, variant), samplesOf(row, base)]
        return samples.length === 0 || bases.length === 0 ? [] : [[title, ratioOf(samples, bases)]]
      }),
    ),
  }))
}

// The sealing client stands in the column of the audited one, in a row of its own.
function samplesOf({ samples }: CaptureRow, variant: VariantName): readonly Sample[] {
  return samples.get(variant) ?? (variant === 'audited' ? samples.get('sealing') : undefined) ?? []
}

function ratioOf(samples: readonly Sample[], bases: readonly Sample[]): Ratio {
  const of = (figure: keyof Sample) =>
    medianRatio(
      samples.map((sample) => sample[figure]),
      bases.map((sample) => sample[figure]),
    )
  return { p50: of('p50'), cpu: of('cpu') }
}

/** Writes the capture table in Markdown: each cell is time / processor time. */
export function captureTable(lines: readonly CaptureLine[]): string {
  const titles = columns
    .map(([title]) => title)
    .filter((title) => lines.some(({ ratios }) => title in ratios))
  const cells = lines.map(({ operation, clients, ratios }) => [
    operation,
    `${clients}`,
    ...titles.map((title) => {
      const ratio = ratios[title]
      return ratio === undefined ? '' : `${ratio.p50.toFixed(2)} / ${ratio.cpu.toFixed(2)}`
    }),
  ])
  return markdownTable([['operation', 'clients', ...titles], ...cells])
}

/** Writes the table of sealing and verifying in Markdown. */
export function logTable(rows: readonly LogRow[]): string {
  return markdownTable([
    ['', 'time to reading the same rows'],
    ...rows.map(({ name, toReading }) => [name, toReading.toFixed(2)]),
  ])
}

/** What it costs to follow foreign key actions. */
export function cascadeTable(rows: readonly CascadeRow[]): string {
  return markdownTable([
    ['a delete of a row with …', 'announced', 'followed'],
    ...rows.map(({ shape, announced, followed }) => [shape, announced.toFixed(2), followed.toFixed(2)]),
  ])
}

/** What the middleware costs a request: each cell is time / processor time. */
export function httpTable(rows: readonly HttpRow[]): string {
  const cell = (ratio: HttpRatio | undefined) =>
    ratio === undefined ? '' : `${ratio.time.toFixed(2)} / ${ratio.cpu.toFixed(2)}`
  return markdownTable([
    ['a request', 'with its context', 'with its context and event'],
    ...rows.map(({ name, ratios }) => [name, cell(ratios.context), cell(ratios.events)]),
  ])
}

function markdownTable([head = [], ...body]: readonly (readonly string[])[]): string {
  const widths = head.map((_, at) => Math.max(...[head, ...body].map((row) => row[at]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [line(head), rule, ...body.map(line)].join('\n')
}
