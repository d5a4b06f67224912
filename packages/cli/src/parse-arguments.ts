import type { AuditOp, TableFilter } from '@indelible/core'
import { InvalidArgumentError } from 'commander'

const OPS = ['insert', 'update', 'delete', 'truncate', 'statement', 'ddl', 'event'] as const

/** Reads `order`, `shop.order` or `"my schema"."my.table"`. */
export function parseTable(text: string): string | TableFilter {
  const match = /^(?:(?<schema>"(?:[^"]|"")+"|[^".]+)\.)?(?<name>"(?:[^"]|"")+"|[^".]+)$/.exec(text)
  const { schema, name } = match?.groups ?? {}
  if (!name) throw new InvalidArgumentError('Write <table> or <schema>.<table>.')
  return schema === undefined ? unquote(name) : { schema: unquote(schema), name: unquote(name) }
}

function unquote(name: string): string {
  return name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name
}

/** Reads an operation. */
export function parseOp(text: string): AuditOp {
  const op = OPS.find((known) => known === text)
  if (!op) throw new InvalidArgumentError(`It is one of ${OPS.join(', ')}.`)
  return op
}

/** Makes a parser of whole numbers within bounds. */
export function parseInteger(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`It is a whole number from ${min} to ${max}.`)
  }
}

/** Adds one more value to an option that may be given several times. */
export function collect(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text]
}

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)?(?:Z|[+-]\d\d(?::?\d\d)?)?$/i

/** Makes a parser of moments: ISO 8601 (UTC unless it has a zone), or how long ago: `30m`, `2h`, `7d`. */
export function parseMoment(now: () => Date): (text: string) => Date | string {
  return (text) => {
    const [, count, unit = ''] = /^(\d{1,9})([smhdw])$/.exec(text) ?? []
    const seconds = UNITS[unit]
    if (count && seconds) return new Date(now().getTime() - Number(count) * seconds * 1000)
    if (ISO.test(text) && !Number.isNaN(Date.parse(text.slice(0, 10)))) return text
    throw new InvalidArgumentError('Write 2026-01-31T12:00:00Z, or how long ago: 30m, 2h, 7d.')
  }
}
