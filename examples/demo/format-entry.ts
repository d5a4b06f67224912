import { styleText } from 'node:util'

type Image = Readonly<Record<string, unknown>> | null

/** The parts of an audit entry that are shown. */
export interface ShownEntry {
  readonly at: string
  readonly op: string
  readonly actorId: string | null
  readonly action: string
  readonly before: Image
  readonly after: Image
}

/** Writes an entry as a head line and one line for each column that changed. */
export function formatEntry(entry: ShownEntry): string[] {
  const time = entry.at.slice(11, 23)
  const head = `${time}  ${styleText('bold', entry.op)}  ${entry.action}  by ${styleText('cyan', entry.actorId ?? 'nobody')}`
  return [head, ...formatDiff(entry.before, entry.after).map((line) => `   ${line}`)]
}

function formatDiff(before: Image, after: Image): string[] {
  const columns = Object.keys(after ?? before ?? {}).filter((name) => before?.[name] ?? after?.[name])
  const width = Math.max(...columns.map((name) => name.length))
  return columns.map((name) => {
    const sides = [before && red(before[name]), after && green(after[name])].filter((side) => side !== null)
    return `${name.padEnd(width)}  ${sides.join(' → ')}`
  })
}

const red = (value: unknown) => styleText('red', show(value))
const green = (value: unknown) => styleText('green', show(value))

function show(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
