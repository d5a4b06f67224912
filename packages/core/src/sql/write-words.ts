import { keywordAt, type Statement } from './statement.ts'

/**
 * Tells whether a word that may write stands anywhere but at the indexes that were proved. This is what makes a plan
 * safe: the planner need not know the whole grammar, because PostgreSQL changes no row without one of these words, save
 * by calling a function. Words in strings, comments, quoted names and after a dot are none, nor is a row lock.
 */
export function hasUnprovedWrite(statement: Statement, proved: readonly number[]): boolean {
  return statement.tokens.some(
    ({ keyword }, index) =>
      statement.dialect.writeWords.has(keyword) && !proved.includes(index) && !isRowLock(statement, index),
  )
}

/** `FOR UPDATE` and `FOR NO KEY UPDATE`. */
function isRowLock(statement: Statement, index: number): boolean {
  if (keywordAt(statement, index) !== 'UPDATE') return false
  if (keywordAt(statement, index - 1) === 'FOR') return true
  const words = [3, 2, 1].map((distance) => keywordAt(statement, index - distance))
  return words.join(' ') === 'FOR NO KEY'
}
