import { lowerAscii } from './characters.ts'
import { nameOf } from './names.ts'
import { keywordAt, kindAt, type Statement, textAt } from './statement.ts'

/** What a statement calls, as far as names tell. */
export interface Calls {
  readonly callsFunctions: boolean
  /** The setting that a call of `set_config` changes, `unknown` where the text does not tell. */
  readonly setsConfiguration?: string
}

/** Looks for calls of functions that are not known to be harmless. */
export function readCalls(statement: Statement): Calls {
  const calls = callIndexes(statement)
  const settings = new Set(calls.map((index) => configuredSetting(statement, index)).filter(isDefined))
  const [setting = 'unknown'] = settings.size === 1 ? settings : []
  return { callsFunctions: calls.length > 0, ...(settings.size === 0 ? {} : { setsConfiguration: setting }) }
}

function callIndexes(statement: Statement): readonly number[] {
  const indexes: number[] = []
  for (let index = 0; index + 1 < statement.tokens.length; index++) {
    if (kindAt(statement, index + 1) === 'open' && isCall(statement, index)) indexes.push(index)
  }
  return indexes
}

function isCall(statement: Statement, index: number): boolean {
  const { syntaxWords, harmlessFunctions } = statement.dialect
  const kind = kindAt(statement, index)
  if (kind === 'quoted') return true
  if (kind !== 'word') return false
  const keyword = keywordAt(statement, index)
  if (kindAt(statement, index - 1) !== 'dot')
    return !syntaxWords.has(keyword) && !harmlessFunctions.has(keyword)
  const isBuiltIn = keywordAt(statement, index - 2) === 'PG_CATALOG'
  return !isBuiltIn || !harmlessFunctions.has(textAt(statement, index).toUpperCase())
}

function configuredSetting(statement: Statement, index: number): string | undefined {
  if (nameOf(statement.sql, statement.tokens[index]) !== 'set_config') return undefined
  const text = textAt(statement, index + 2)
  const isPlain = text.startsWith("'") && !text.includes('\\') && kindAt(statement, index + 3) === 'comma'
  return isPlain ? lowerAscii(text.slice(1, -1)) : 'unknown'
}

function isDefined(setting: string | undefined): setting is string {
  return setting !== undefined
}
