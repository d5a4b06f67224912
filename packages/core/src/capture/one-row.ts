import type { WritePlan } from '../sql/plan-types.ts'
import type { Table } from './catalog.ts'

const name = '(?:[a-z_][a-z0-9_]*|"(?:[^"]|"")+")'
const value = String.raw`(?:\$\d+|-?\d+|'(?:[^'\\]|'')*')(?:::[a-z0-9_]+)?`
const equation = new RegExp(`^(?:${name}\\.){0,2}(${name})\\s*=\\s*${value}$|^1\\s*=\\s*1$`, 'i')

/**
 * Whether a condition is nothing but `column = value and …` and names every column of the key, so that the statement writes one row
 * at most. Other conditions may do so too; of this form it is certain.
 */
export function writesOneRow({ sql, plan, table }: OneWrite): boolean {
  if (plan.where === undefined || table.key.length === 0) return false
  const parts = withoutParentheses(sql.slice(plan.where.start, plan.where.end)).split(/\s+and\s+/i)
  const found = parts.map((part) => equation.exec(withoutParentheses(part)))
  if (found.includes(null)) return false
  const columns = new Set(found.flatMap((match) => (match?.[1] === undefined ? [] : [unquoted(match[1])])))
  return table.key.every((column) => columns.has(column))
}

/** A statement with what is known about it. */
interface OneWrite {
  readonly sql: string
  readonly plan: WritePlan
  readonly table: Pick<Table, 'key'>
}

function withoutParentheses(text: string): string {
  const inner = /^\s*\(([^()]*)\)\s*$/.exec(text)?.[1]
  return (inner ?? text).trim()
}

function unquoted(identifier: string): string {
  return identifier.startsWith('"') ? identifier.slice(1, -1).replaceAll('""', '"') : identifier.toLowerCase()
}
