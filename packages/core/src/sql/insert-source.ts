import { indexAfterBracket, keywordAt, kindAt, type Statement } from './statement.ts'

const QUERY_WORDS: ReadonlySet<string> = new Set(['SELECT', 'VALUES', 'TABLE', 'WITH'])

/** Finds where the rows of an INSERT come from: `[(columns)] [OVERRIDING …] VALUES | query | DEFAULT VALUES`. */
export function indexOfInsertSource(statement: Statement, from: number): number | undefined {
  const hasColumns = kindAt(statement, from) === 'open' && !beginsQuery(statement, from)
  const next = hasColumns ? indexAfterBracket(statement, from) : from
  const source = keywordAt(statement, next) === 'OVERRIDING' ? next + 3 : next
  return beginsQuery(statement, source) || isDefaultValues(statement, source) ? source : undefined
}

/** Tells whether a query, in parentheses or not, begins at an index. */
export function beginsQuery(statement: Statement, index: number): boolean {
  let first = index
  while (kindAt(statement, first) === 'open') first++
  const word = keywordAt(statement, first)
  // A column may be called values.
  if (word === 'VALUES' && first > index) return kindAt(statement, first + 1) === 'open'
  return QUERY_WORDS.has(word)
}

function isDefaultValues(statement: Statement, index: number): boolean {
  return keywordAt(statement, index) === 'DEFAULT' && keywordAt(statement, index + 1) === 'VALUES'
}
