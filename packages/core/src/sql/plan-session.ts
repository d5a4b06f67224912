import { lowerAscii } from './characters.ts'
import { nameAt } from './names.ts'
import type { SessionPlan, SessionVerb } from './plan-types.ts'
import { type Doubt, isOperatorAt, keywordAt, kindAt, type Statement } from './statement.ts'

/** Plans a statement about the session of which nothing but the verb matters. */
export function planSession(verb: SessionVerb): () => SessionPlan {
  return () => ({ kind: 'session', verb })
}

/** Plans `SET [SESSION | LOCAL] …`. */
export function planSet(statement: Statement): SessionPlan | Doubt {
  const scope = isAssigned(statement, 2) ? '' : keywordAt(statement, 1)
  const local = scope === 'LOCAL'
  const next = local || scope === 'SESSION' ? 2 : 1
  const setting =
    spelledSetting(statement, 1, SET_SPELLINGS) ??
    spelledSetting(statement, next, SET_SPELLINGS) ??
    assignedSetting(statement, next)
  return setting === undefined ? 'what SET sets' : { kind: 'session', verb: 'set', setting, local }
}

/** Plans RESET. */
export function planReset(statement: Statement): SessionPlan | Doubt {
  const setting = spelledSetting(statement, 1, RESET_SPELLINGS) ?? dottedName(statement, 1)?.name
  return setting === undefined
    ? 'what RESET resets'
    : { kind: 'session', verb: 'reset', setting, local: false }
}

/** Plans DISCARD. */
export function planDiscard(statement: Statement): SessionPlan | Doubt {
  const what = DISCARDED.get(keywordAt(statement, 1))
  return what === undefined ? 'what DISCARD discards' : { kind: 'session', verb: 'discard', setting: what }
}

const DISCARDED: ReadonlyMap<string, string> = new Map([
  ['ALL', 'all'],
  ['PLANS', 'plans'],
  ['SEQUENCES', 'sequences'],
  ['TEMP', 'temp'],
  ['TEMPORARY', 'temp'],
])

type Spelling = readonly [words: readonly string[], setting: string]

// The spellings that do not name the setting as pg_settings does. Where one begins another, the longer comes first.
const SET_SPELLINGS: readonly Spelling[] = [
  [['SESSION', 'AUTHORIZATION'], 'session_authorization'],
  [['SESSION', 'CHARACTERISTICS'], 'session characteristics'],
  [['TRANSACTION', 'SNAPSHOT'], 'transaction snapshot'],
  [['TRANSACTION'], 'transaction'],
  [['CONSTRAINTS'], 'constraints'],
  [['TIME', 'ZONE'], 'timezone'],
  [['XML', 'OPTION'], 'xmloption'],
  [['SCHEMA'], 'search_path'],
  [['NAMES'], 'client_encoding'],
  [['ROLE'], 'role'],
]

const RESET_SPELLINGS: readonly Spelling[] = [
  [['SESSION', 'AUTHORIZATION'], 'session_authorization'],
  [['TRANSACTION', 'ISOLATION', 'LEVEL'], 'transaction_isolation'],
  [['TIME', 'ZONE'], 'timezone'],
]

function spelledSetting(
  statement: Statement,
  from: number,
  spellings: readonly Spelling[],
): string | undefined {
  const isSpelled = ([words]: Spelling) =>
    words.every((word, index) => keywordAt(statement, from + index) === word) &&
    !isAssigned(statement, from + words.length)
  return spellings.find(isSpelled)?.[1]
}

function assignedSetting(statement: Statement, from: number): string | undefined {
  const named = dottedName(statement, from)
  return named !== undefined && isAssigned(statement, named.next) ? named.name : undefined
}

function isAssigned(statement: Statement, index: number): boolean {
  return (
    isOperatorAt(statement, index, '=') ||
    keywordAt(statement, index) === 'TO' ||
    kindAt(statement, index) === 'dot'
  )
}

function dottedName(
  statement: Statement,
  from: number,
): { readonly name: string; readonly next: number } | undefined {
  const parts: string[] = []
  for (let index = from; ; index += 2) {
    const part = nameAt(statement, index)
    if (part === undefined) return undefined
    parts.push(lowerAscii(part))
    if (kindAt(statement, index + 1) !== 'dot') return { name: parts.join('.'), next: index + 1 }
  }
}
