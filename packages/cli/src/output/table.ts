import type { AuditEntry } from '@indelible/core'
import Table from 'cli-table3'
import { summariseChanges } from './changes.ts'
import type { EntryWriter, EntryWriterTarget } from './entry-writer.ts'
import { escapeControls } from './escape-controls.ts'
import type { Colors } from './terminal.ts'
import { truncate } from './truncate.ts'

const HEAD = ['ID', 'TIME', 'OP', 'TABLE', 'KEY', 'ACTOR', 'CHANGES']

/** A row of usual widths, for entries to come. */
const TYPICAL = [
  '1000000',
  '2026-01-01 00:00:00.000Z',
  'statement',
  'schema.table_name',
  '1000000000',
  'user_1000000',
  '',
]

/** Where standard output is a file or a pipe. */
const DEFAULT_COLUMNS = 160
const WIDEST_CELL = 28
const NARROWEST_CHANGES = 24
const GAP = '  '

/** Prints entries as a table, whose columns are as wide as the first entries need. */
export function createTableWriter({ terminal, follow = false }: EntryWriterTarget): EntryWriter {
  const { print, colors, columns = DEFAULT_COLUMNS } = terminal
  let widths: readonly number[] | undefined
  return {
    write: async (entries) => {
      if (entries.length === 0) return
      const rows = entries.map(toCells)
      if (!widths) {
        widths = fitWidths([HEAD, ...(follow ? [TYPICAL] : []), ...rows], columns)
        await print(render([HEAD.map(colors.dim)], widths))
      }
      await print(
        render(
          rows.map((row) => paint(row, colors)),
          widths,
        ),
      )
    },
    end: async () => {},
  }
}

function toCells(entry: AuditEntry): string[] {
  const table = [entry.tableSchema, entry.tableName]
    .filter((name) => name !== null && name !== 'public')
    .join('.')
  const cells = [
    `${entry.id}`,
    toShortTime(entry.at),
    entry.op,
    table,
    entry.rowKey ?? '',
    entry.actorId ?? '',
  ]
  return [...cells.map((cell) => escapeControls(truncate(cell, 200))), summariseChanges(entry)]
}

/** `2026-11-22T10:15:00.123456Z` → `2026-11-22 10:15:00.123Z` */
function toShortTime(at: string): string {
  return at.replace('T', ' ').replace(/(\.\d{3})\d*Z$/, '$1Z')
}

/** The last column takes what the others leave. */
function fitWidths(rows: readonly (readonly string[])[], columns: number): readonly number[] {
  const others = HEAD.slice(0, -1).map((_, index) => Math.min(WIDEST_CELL, widest(rows, index)))
  const taken = others.reduce((sum, width) => sum + width + GAP.length, 0)
  return [...others, Math.max(NARROWEST_CHANGES, columns - taken)]
}

function widest(rows: readonly (readonly string[])[], column: number): number {
  return Math.max(...rows.map((row) => measure(row[column] ?? '')))
}

const WIDE = /[\p{scx=Han}\p{scx=Hangul}\p{scx=Hira}\p{scx=Kana}\p{Emoji_Presentation}\uff00-\uff60]/u

/** Columns that a text takes, or a few more. */
function measure(text: string): number {
  return [...text].reduce((width, character) => width + (WIDE.test(character) ? 2 : 1), 0)
}

function paint([id = '', time = '', op = '', ...rest]: readonly string[], colors: Colors): string[] {
  return [id, colors.dim(time), paintOp(op, colors), ...rest]
}

/** Gives each kind of operation its colour. */
export function paintOp(op: string, colors: Colors): string {
  if (op === 'insert') return colors.green(op)
  if (op === 'update') return colors.yellow(op)
  return op === 'delete' || op === 'truncate' ? colors.red(op) : colors.cyan(op)
}

const NO_BORDERS = Object.fromEntries(
  [
    ...['top', 'top-mid', 'top-left', 'top-right', 'bottom', 'bottom-mid', 'bottom-left', 'bottom-right'],
    ...['left', 'left-mid', 'mid', 'mid-mid', 'right', 'right-mid'],
  ].map((part) => [part, '']),
)

function render(rows: readonly (readonly string[])[], widths: readonly number[]): string {
  const table = new Table({
    chars: { ...NO_BORDERS, middle: GAP },
    colWidths: [...widths],
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  table.push(...rows.map((row) => [...row]))
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n')
}
