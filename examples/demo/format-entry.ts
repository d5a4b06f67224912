import { styleText } from 'node:util'
import type { NamedEntry } from '@indelible/prisma'

/** Writes an entry as a head line and one line for each column that changed. */
export function formatEntry({ at, op, actorId, context, seq, before, after }: NamedEntry): string[] {
  const link = styleText('dim', `#${seq ?? 'not sealed'}`)
  const actor = styleText('cyan', actorId ?? 'nobody')
  const head = `${at.slice(11, 23)}  ${styleText('bold', op)}  ${context?.['action']}  by ${actor}  ${link}`
  return [head, ...formatDiff(before, after).map((line) => `   ${line}`)]
}

type Image = NamedEntry['before']

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
