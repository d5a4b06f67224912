import { keywordAt, type Statement } from './statement.ts'

/**
 * Tells whether a statement that begins at an index may run in a transaction block. PostgreSQL refuses some there. A
 * routine may end transactions, which it cannot inside a block.
 */
export function isTransactional(statement: Statement, start: number): boolean {
  const verb = keywordAt(statement, start)
  if (NEVER.has(verb)) return false
  if (hasWord(statement, start, 'CONCURRENTLY')) return false
  const what = keywordAt(statement, start + 1)
  return !(REFUSED.get(verb) ?? []).includes(what)
}

// The verbs of transaction control cannot be wrapped, DO and CALL may end transactions.
const NEVER: ReadonlySet<string> = new Set(
  'VACUUM CLUSTER REINDEX CALL DO BEGIN START COMMIT END ROLLBACK ABORT SAVEPOINT RELEASE'.split(' '),
)

const REFUSED: ReadonlyMap<string, readonly string[]> = new Map([
  ['CREATE', ['DATABASE', 'TABLESPACE', 'SUBSCRIPTION']],
  ['DROP', ['DATABASE', 'TABLESPACE', 'SUBSCRIPTION']],
  ['ALTER', ['DATABASE', 'SYSTEM', 'SUBSCRIPTION']],
  ['PREPARE', ['TRANSACTION']],
])

function hasWord({ tokens }: Statement, start: number, word: string): boolean {
  for (let index = start; index < tokens.length && tokens[index]?.kind !== 'semicolon'; index++) {
    if (tokens[index]?.keyword === word) return true
  }
  return false
}
