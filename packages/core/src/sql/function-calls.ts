import { lowerAscii } from './characters.ts'
import { nameOf } from './names.ts'
import type { ConfiguredSetting, ReadPlan } from './plan-types.ts'
import { keywordAt, kindAt, type Statement, textAt } from './statement.ts'

/** Tells whether a statement calls a function that is not known to be harmless. */
export function callsFunctions(statement: Statement): boolean {
  return statement.tokens.some((_, index) => isCall(statement, index))
}

/** Finds the settings that calls of `set_config` change. */
export function readConfiguration(statement: Statement): Pick<ReadPlan, 'setsConfiguration'> {
  const calls = statement.tokens.map((_, index) => index).filter((index) => isSetConfig(statement, index))
  if (calls.length === 0) return {}
  const ends = bracketEnds(statement)
  const isLocal = (open: number) => endsWithTrue(statement, ends.get(open) ?? open)
  return {
    setsConfiguration: calls.map((index) => ({
      setting: configuredSetting(statement, index + 2),
      local: isLocal(index + 1),
    })),
  }
}

function isCall(statement: Statement, index: number): boolean {
  const kind = kindAt(statement, index)
  if (kindAt(statement, index + 1) !== 'open' || (kind !== 'word' && kind !== 'quoted')) return false
  if (kindAt(statement, index - 1) === 'dot') return !isHarmlessBuiltIn(statement, index)
  // What AS names is an alias with its columns, or a type.
  return keywordAt(statement, index - 1) !== 'AS' && (kind === 'quoted' || !isHarmlessWord(statement, index))
}

function isHarmlessBuiltIn(statement: Statement, index: number): boolean {
  const isBuiltIn = keywordAt(statement, index - 2) === 'PG_CATALOG'
  return isBuiltIn && statement.dialect.harmlessFunctions.has(textAt(statement, index).toUpperCase())
}

function isHarmlessWord(statement: Statement, index: number): boolean {
  const { syntaxWords, harmlessFunctions } = statement.dialect
  const keyword = keywordAt(statement, index)
  if (keyword === 'OVER' || keyword === 'FILTER') return kindAt(statement, index - 1) === 'close'
  return syntaxWords.has(keyword) || harmlessFunctions.has(keyword)
}

function isSetConfig(statement: Statement, index: number): boolean {
  return (
    kindAt(statement, index + 1) === 'open' && nameOf(statement.sql, statement.tokens[index]) === 'set_config'
  )
}

function configuredSetting(statement: Statement, index: number): ConfiguredSetting['setting'] {
  const text = textAt(statement, index)
  if (kindAt(statement, index + 1) !== 'comma' || text.includes('\\')) return 'unknown'
  if (kindAt(statement, index) === 'parameter') return Number(text.slice(1))
  return text.startsWith("'") ? lowerAscii(text.slice(1, -1).replaceAll("''", "'")) : 'unknown'
}

/** Where each bracket is closed, found in one pass however deep they are nested. */
function bracketEnds({ tokens }: Statement): ReadonlyMap<number, number> {
  const open: number[] = []
  const ends = new Map<number, number>()
  tokens.forEach(({ kind }, index) => {
    if (kind === 'open') open.push(index)
    if (kind === 'close') ends.set(open.pop() ?? index, index)
  })
  return ends
}

/** Whether the last of several arguments is the word TRUE. */
function endsWithTrue(statement: Statement, close: number): boolean {
  return keywordAt(statement, close - 1) === 'TRUE' && kindAt(statement, close - 2) === 'comma'
}
