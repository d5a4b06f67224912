import type { AuditStatus } from '@indelible/core'
import { escapeControls } from './escape-controls.ts'
import type { Colors } from './terminal.ts'
import { truncate } from './truncate.ts'

/** Writes a status for reading. */
export function describeStatus(status: AuditStatus, colors: Colors): string {
  const fields = [...describeServer(status, colors), ...describeLog(status, colors)]
  const lines = fields.map(([name, value]) => `${colors.dim(name.padEnd(NAME_WIDTH))}${value}`)
  return [...lines, ...describeFindings(status, colors), ...describeHints(status, colors)].join('\n')
}

type Field = readonly [name: string, value: string]

const NAME_WIDTH = 12

function describeServer({ server, schema, role }: AuditStatus, colors: Colors): Field[] {
  return [
    ['server', `PostgreSQL ${escapeControls(server)}`],
    ['role', escapeControls(role.name)],
    ['schema', describeSchema(schema, colors)],
  ]
}

const NO_SCHEMA = 'schema indelible'

function describeSchema({ version, findings }: AuditStatus['schema'], colors: Colors): string {
  if (findings.some(({ object }) => object === NO_SCHEMA)) {
    return colors.red('missing: `npx indelible migrate` creates it')
  }
  const state = findings.length === 0 ? colors.green('intact') : colors.red('not as Indelible made it')
  return version === null ? state : `version ${version}, ${state}`
}

function describeLog({ log, schema }: AuditStatus, colors: Colors): Field[] {
  if (schema.findings.some(({ object }) => object === NO_SCHEMA)) return []
  if (!log) return [['entries', colors.yellow('this role may not read them')]]
  const { count, isEstimate, oldestSeconds } = log.pending
  const age = oldestSeconds === null ? '' : `, the oldest for ${formatSeconds(oldestSeconds)}`
  const { checkpoint } = log
  return [
    ['entries', format(log.entries)],
    ['sealed', format(log.sealed)],
    ['waiting', `${isEstimate ? 'about ' : ''}${format(count)}${age}`],
    ['checkpoint', checkpoint ? `of ${format(checkpoint.size)} entries, ${checkpoint.at}` : 'none'],
  ]
}

function describeFindings({ schema }: AuditStatus, colors: Colors): string[] {
  const findings = schema.findings.filter(({ object }) => object !== NO_SCHEMA)
  const lines = findings.flatMap(({ kind, object, expected, actual }) => [
    `${colors.red(kind)} ${escapeControls(object)}`,
    ...(kind === 'altered' ? [`  expected ${shorten(expected)}`, `  actual   ${shorten(actual)}`] : []),
  ])
  return lines.length > 0 ? ['', ...lines] : []
}

function shorten(fact: string | null): string {
  return truncate(escapeControls(fact ?? ''), 300)
}

function describeHints({ role, schema, unaudited, outdatedCascades }: AuditStatus, colors: Colors): string[] {
  const owner =
    role.canAlterSchema && schema.version !== null
      ? [
          `${colors.yellow('hint')}: this role could switch the protection of the audit tables off; let your application use another.`,
        ]
      : []
  const tables = unaudited.map(
    ({ schema, table, writes }) =>
      `${colors.yellow('hint')}: ${escapeControls(`${schema}.${table}`)} was written to (${format(writes)} rows) and has no entry.`,
  )
  const parents = new Set(outdatedCascades.map(({ schema, table }) => escapeControls(`${schema}.${table}`)))
  const cascades =
    parents.size > 0
      ? [
          `${colors.yellow('hint')}: what foreign keys to ${[...parents].join(', ')} do is only announced; run \`npx indelible migrate\` after the migrations of your tables.`,
        ]
      : []
  const hints = [...owner, ...tables, ...cascades]
  return hints.length > 0 ? ['', ...hints] : []
}

function format(count: number): string {
  return count.toLocaleString('en-US')
}

/** `12 s`, `5 min`, `3 h`, `2 d` */
function formatSeconds(seconds: number): string {
  const units = [
    [86_400, 'd'],
    [3600, 'h'],
    [60, 'min'],
  ] as const
  const [size, unit] = units.find(([size]) => seconds >= size) ?? [1, 's']
  return `${Math.round(seconds / size)} ${unit}`
}
