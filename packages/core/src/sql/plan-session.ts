import { lowerAscii } from './characters.ts'
import { nameAt } from './names.ts'
import type { SessionPlan, SessionVerb } from './plan-types.ts'
import { type Doubt, isOperatorAt, keywordAt, kindAt, type Statement, textAt } from './statement.ts'

/** Plans a statement about the session of which nothing but the verb matters. */
export function planSession(verb: SessionVerb): () => SessionPlan {
  return () => ({ kind: 'session', verb })
}

/** Plans `SET [SESSION | LOCAL] …`. */
export function planSet(statement: Statement): SessionPlan | Doubt {
  const scope = isAssigned(statement, 2) ? '' : keywordAt(statement, 1)
  const local = scope === 'LOCAL'
  const next = local || scope === 'SESSION' ? 2 : 1
  const found =
    spelledSetting(statement, 1, SET_SPELLINGS) ??
    spelledSetting(statement, next, SET_SPELLINGS) ??
    assignedSetting(statement, next)
  if (found === undefined) return 'what SET sets'
  return { kind: 'session', verb: 'set', setting: found.name, local, ...readValue(statement, found.next) }
}

/** A value of several tokens is none that matters. */
function readValue(statement: Statement, index: number): Pick<SessionPlan, 'value'> {
  const isLast = index === statement.tokens.length - 1
  return isLast ? { value: textAt(statement, index).toLowerCase() } : {}
}

/** Plans RESET. */
export function planReset(statement: Statement): SessionPlan | Doubt {
  const setting = (spelledSetting(statement, 1, RESET_SPELLINGS) ?? dottedName(statement, 1))?.name
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

/** A setting, and the index just after its name, or after what assigns a value to it. */
interface FoundSetting {
  readonly name: string
  readonly next: number
}

function spelledSetting(
  statement: Statement,
  from: number,
  spellings: readonly Spelling[],
): FoundSetting | undefined {
  const isSpelled = ([words]: Spelling) =>
    words.every((word, index) => keywordAt(statement, from + index) === word) &&
    !isAssigned(statement, from + words.length)
  const [words = [], name] = spellings.find(isSpelled) ?? []
  return name === undefined ? undefined : { name, next: from + words.length }
}

function assignedSetting(statement: Statement, from: number): FoundSetting | undefined {
  const named = dottedName(statement, from)
  return named !== undefined && isAssigned(statement, named.next)
    ? { name: named.name, next: named.next + 1 }
    : undefined
}

function isAssigned(statement: Statement, index: number): boolean {
  return (
    isOperatorAt(statement, index, '=') ||
    keywordAt(statement, index) === 'TO' ||
    kindAt(statement, index) === 'dot'
  )
}

function dottedName(statement: Statement, from: number): FoundSetting | undefined {
  const parts: string[] = []
  for (let index = from; ; index += 2) {
    const part = nameAt(statement, index)
    if (part === undefined) return undefined
    parts.push(lowerAscii(part))
    if (kindAt(statement, index + 1) !== 'dot') return { name: parts.join('.'), next: index + 1 }
  }
}
