import { styleText } from 'node:util'
import type { NamedEntry } from '@indelible/core'

/** Writes an entry as a head line and one line for each column that changed. */
export function formatEntry(entry: NamedEntry): string[] {
  const { at, op, entity, actorId, correlationId, context, seq, before, after } = entry
  const what = `${styleText('bold', op)} ${entity}  ${context?.['action']}`
  const who = `by ${styleText('cyan', actorId ?? 'nobody')} in ${correlationId}, through ${ormOf(entry)}`
  const head = `${at.slice(11, 23)}  ${what}  ${who}  ${styleText('dim', `#${seq ?? 'not sealed'}`)}`
  return [head, ...formatDiff(before, after).map((line) => `   ${line}`)]
}

/** The demo notes in the context which ORM it calls. */
function ormOf({ context }: NamedEntry): unknown {
  const metadata = context?.['metadata']
  return typeof metadata === 'object' && metadata !== null && 'orm' in metadata ? metadata['orm'] : 'no ORM'
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
