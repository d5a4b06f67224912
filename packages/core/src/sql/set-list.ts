import { nameAt } from './names.ts'
import type { SetItem } from './plan-types.ts'
import { type Doubt, isDoubt, isOperatorAt, keywordAt, kindAt, type Statement, spanOf } from './statement.ts'

/** Reads the assignments between two indexes, of which the first stands just after SET. */
export function readSetList(statement: Statement, from: number, to: number): readonly SetItem[] | Doubt {
  const items: SetItem[] = []
  for (const [start, end] of splitAtCommas(statement, from, to)) {
    const item = readSetItem(statement, start, end)
    if (isDoubt(item)) return item
    items.push(item)
  }
  return items
}

/** The index ranges between the commas that stand at the depth of the first token. */
export function splitAtCommas(statement: Statement, from: number, to: number): readonly [number, number][] {
  const depth = statement.tokens[from]?.depth
  const parts: [number, number][] = []
  let start = from
  for (let index = from; index < to; index++) {
    const token = statement.tokens[index]
    if (token?.kind !== 'comma' || token.depth !== depth) continue
    parts.push([start, index])
    start = index + 1
  }
  return [...parts, [start, to]]
}

function readSetItem(statement: Statement, start: number, end: number): SetItem | Doubt {
  const equals = indexOfEquals(statement, start, end)
  const value = spanOf(statement, equals + 1, end)
  const columns =
    kindAt(statement, start) === 'open' ? rowColumns(statement, start, equals) : [nameAt(statement, start)]
  if (value === undefined || !columns.every((column) => column !== undefined)) return 'an assignment in SET'
  const kind = kindOf(statement, start, equals)
  if (kind === undefined) return 'what is assigned in SET'
  const isDefault = isDefaultWord(statement, equals + 1, end)
  return { columns, kind, value, isDefault }
}

/** DEFAULT is no expression, not even in parentheses. */
function isDefaultWord(statement: Statement, start: number, end: number): boolean {
  let first = start
  while (kindAt(statement, first) === 'open') first++
  return keywordAt(statement, first) === 'DEFAULT' && first - start === end - first - 1
}

function indexOfEquals(statement: Statement, start: number, end: number): number {
  const depth = statement.tokens[start]?.depth
  let index = start
  while (index < end && !(isOperatorAt(statement, index, '=') && statement.tokens[index]?.depth === depth))
    index++
  return index
}

function rowColumns(statement: Statement, open: number, equals: number): (string | undefined)[] {
  return splitAtCommas(statement, open + 1, equals - 1).map(([start]) => nameAt(statement, start))
}

function kindOf(statement: Statement, start: number, equals: number): SetItem['kind'] | undefined {
  if (kindAt(statement, start) === 'open') return 'row'
  if (equals === start + 1) return 'column'
  const next = kindAt(statement, start + 1)
  return next === 'dot' || next === 'openBracket' ? 'part' : undefined
}
