import { nameAt } from './names.ts'
import type { TransactionPlan, TransactionVerb } from './plan-types.ts'
import { type Doubt, keywordAt, kindAt, type Statement } from './statement.ts'

const ENDS: ReadonlyMap<string, 'commit' | 'rollback'> = new Map([
  ['COMMIT', 'commit'],
  ['END', 'commit'],
  ['ROLLBACK', 'rollback'],
  ['ABORT', 'rollback'],
])

/** Plans what begins, ends or divides a transaction. */
export function planTransaction(statement: Statement): TransactionPlan | Doubt {
  const verb = keywordAt(statement, 0)
  if (verb === 'BEGIN' || verb === 'START') return planBegin(statement, verb)
  if (verb === 'SAVEPOINT') return atSavepoint(statement, 'savepoint', 1)
  if (verb === 'RELEASE') return atSavepoint(statement, 'release', afterWord(statement, 1, 'SAVEPOINT'))
  return planEnd(statement, ENDS.get(verb) ?? 'commit')
}

/** Plans `PREPARE TRANSACTION 'id'`, which takes the transaction off the connection without ending it. */
export function planPrepare(statement: Statement): TransactionPlan | Doubt {
  const isTransaction = keywordAt(statement, 1) === 'TRANSACTION' && kindAt(statement, 2) === 'string'
  return isTransaction
    ? { kind: 'transaction', verb: 'prepare transaction', chain: false }
    : 'PREPARE of a statement'
}

function planBegin(statement: Statement, verb: 'BEGIN' | 'START'): TransactionPlan | Doubt {
  if (verb === 'START' && keywordAt(statement, 1) !== 'TRANSACTION') return 'START of something unknown'
  const modes = afterNoise(statement, 1)
  const areModes = statement.tokens
    .slice(modes)
    .every(({ kind, keyword }) => kind === 'comma' || MODE_WORDS.has(keyword))
  return areModes ? { kind: 'transaction', verb: 'begin', chain: false } : 'how a transaction begins'
}

const MODE_WORDS: ReadonlySet<string> = new Set(
  'ISOLATION LEVEL READ ONLY WRITE COMMITTED UNCOMMITTED REPEATABLE SERIALIZABLE NOT DEFERRABLE'.split(' '),
)

function planEnd(statement: Statement, verb: 'commit' | 'rollback'): TransactionPlan | Doubt {
  if (keywordAt(statement, 1) === 'PREPARED') {
    return kindAt(statement, 2) === 'string' ? ended(`${verb} prepared`) : 'which prepared transaction ends'
  }
  const next = afterNoise(statement, 1)
  if (verb === 'rollback' && keywordAt(statement, next) === 'TO') {
    return atSavepoint(statement, 'rollback to', afterWord(statement, next + 1, 'SAVEPOINT'))
  }
  const rest = statement.tokens.slice(next).map(({ keyword }) => keyword)
  if (rest.length === 0 || rest.join(' ') === 'AND NO CHAIN') return ended(verb)
  return rest.join(' ') === 'AND CHAIN' ? { ...ended(verb), chain: true } : 'how a transaction ends'
}

function ended(verb: TransactionVerb): TransactionPlan {
  return { kind: 'transaction', verb, chain: false }
}

function atSavepoint(statement: Statement, verb: TransactionVerb, index: number): TransactionPlan | Doubt {
  const name = nameAt(statement, index)
  if (name === undefined || index + 1 !== statement.tokens.length) return 'the name of a savepoint'
  return { kind: 'transaction', verb, name, chain: false }
}

function afterNoise(statement: Statement, index: number): number {
  const next = afterWord(statement, index, 'WORK')
  return next > index ? next : afterWord(statement, index, 'TRANSACTION')
}

/** Steps over a word that may be left out. */
function afterWord(statement: Statement, index: number, word: string): number {
  return keywordAt(statement, index) === word ? index + 1 : index
}
