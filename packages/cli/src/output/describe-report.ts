import type { Finding } from '@indelible/core'
import type { VerifyResult } from '../commands/verify.ts'
import { escapeControls } from './escape-controls.ts'
import type { Colors } from './terminal.ts'

/** Writes the report of a verification for reading. */
export function describeReport(result: VerifyResult, colors: Colors): string {
  const lines = [
    ...result.schema.map(({ kind, object }) => `${colors.red('schema')} ${escapeControls(object)}: ${kind}`),
    ...result.findings.map((finding) => describeFinding(finding, colors)),
    ...Object.entries(result.omitted).map(([kind, count]) => `${colors.red(kind)} ${format(count)} more`),
    ...result.warnings.map((warning) => `${colors.yellow('note')} ${escapeControls(warning)}`),
  ]
  return [...lines, conclude(result, colors)].join('\n')
}

function describeFinding({ kind, message, expected, actual }: Finding, colors: Colors): string {
  const sides = [
    ...(expected === undefined ? [] : [`  expected ${escapeControls(expected)}`]),
    ...(actual === undefined ? [] : [`  actual   ${escapeControls(actual)}`]),
  ]
  return [`${colors.red(kind)} ${escapeControls(message)}`, ...sides].join('\n')
}

function conclude(result: VerifyResult, colors: Colors): string {
  const { ok, entries, size, vouchedSize, findings, omitted, schema } = result
  const read = `${format(entries)} entries read, ${format(size)} in the chain, ${format(vouchedSize)} vouched for from outside`
  const left = Object.values(omitted).reduce((sum, count) => sum + count, 0)
  const count = findings.length + left + schema.length
  const verdict = ok
    ? colors.green('verified')
    : colors.red(`${format(count)} ${count === 1 ? 'finding' : 'findings'}`)
  return `${verdict}: ${read}.`
}

function format(count: number): string {
  return count.toLocaleString('en-US')
}
