import type { CoverageReport, TableCoverage, UncapturedStatements } from '@indelible/core'
import { escapeControls } from './escape-controls.ts'
import type { Colors } from './terminal.ts'

/** Writes a coverage report for reading: a line for each table, its gaps below it, and what was not captured. */
export function describeCoverage(report: CoverageReport, colors: Colors): string {
  const width = Math.max(0, ...report.tables.map((table) => nameOf(table).length))
  return [
    ...report.tables.flatMap((table) => describeTable(table, width, colors)),
    ...(report.tables.length === 0 ? ['no tables'] : []),
    '',
    ...describeUncaptured(report, colors),
  ].join('\n')
}

const ways: Readonly<Record<TableCoverage['captured'], string>> = {
  statement: 'by statement',
  trigger: 'by trigger',
  none: 'not captured',
}

function describeTable(table: TableCoverage, width: number, colors: Colors): string[] {
  const kind = table.kind === 'table' ? '' : colors.dim(`  ${table.kind}`)
  const way = table.captured === 'none' ? colors.red(ways.none) : ways[table.captured]
  const mark = table.gaps.length === 0 ? colors.green('✓') : colors.yellow('!')
  return [
    `${mark} ${nameOf(table).padEnd(width)}  ${way}${kind}`,
    ...table.gaps.map(({ verbs, reason }) => {
      const list = verbs.length === 0 ? '' : `${verbs.join(', ')}: `
      return `    ${list}${escapeControls(reason)}`
    }),
  ]
}

function nameOf({ schema, name }: Pick<TableCoverage, 'schema' | 'name'>): string {
  return escapeControls(schema === 'public' ? name : `${schema}.${name}`)
}

function describeUncaptured({ uncaptured, since }: CoverageReport, colors: Colors): string[] {
  const start = since.slice(0, 10)
  if (uncaptured.length === 0) return [`nothing was recorded as uncaptured since ${start}`]
  return [
    `recorded as uncaptured since ${start}:`,
    ...uncaptured.map((each) => describeStatements(each, colors)),
  ]
}

function describeStatements(
  { verb, tables, reason, count, last }: UncapturedStatements,
  colors: Colors,
): string {
  const where = tables.length === 0 ? '' : ` ${tables.join(', ')}`
  const times = colors.yellow(`${count.toLocaleString('en-US')} ×`)
  return `  ${times} ${escapeControls(`${verb}${where}: ${reason}`)}${colors.dim(`, last ${last.replace(/\.\d+/, '')}`)}`
}
