import { lowerAscii } from './characters.ts'
import { nameOf } from './names.ts'
import type { ReadPlan } from './plan-types.ts'
import { keywordAt, kindAt, type Statement, textAt } from './statement.ts'

/** What a statement does to the settings of its session. */
export type Configuration = Pick<ReadPlan, 'setsConfiguration'>

/** Tells whether a statement calls a function that is not known to be harmless. */
export function callsFunctions(statement: Statement): boolean {
  return statement.tokens.some((_, index) => isCall(statement, index))
}

/** Finds the setting that calls of `set_config` change, `unknown` where they name none or several. */
export function readConfiguration(statement: Statement): Configuration {
  let found: string | undefined
  for (let index = 0; index < statement.tokens.length; index++) {
    const setting = configuredSetting(statement, index)
    if (setting !== undefined) found = found === undefined || found === setting ? setting : 'unknown'
  }
  return found === undefined ? {} : { setsConfiguration: found }
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

function configuredSetting(statement: Statement, index: number): string | undefined {
  if (kindAt(statement, index + 1) !== 'open') return undefined
  if (nameOf(statement.sql, statement.tokens[index]) !== 'set_config') return undefined
  const text = textAt(statement, index + 2)
  const isPlain = text.startsWith("'") && !text.includes('\\') && kindAt(statement, index + 3) === 'comma'
  return isPlain ? lowerAscii(text.slice(1, -1).replaceAll("''", "'")) : 'unknown'
}
