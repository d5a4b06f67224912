import { lowerAscii } from '../../packages/core/src/sql/characters.ts'
import type {
  ConfiguredSetting,
  Plan,
  ReadPlan,
  SessionPlan,
  TransactionPlan,
} from '../../packages/core/src/sql/plan-types.ts'
import { postgresSql } from '../../packages/core/src/sql/postgres-sql.ts'
import { countWrites } from './judge-unprovable.ts'
import { findAll, listAt, type Node, nodeAt, textAt, valueAt } from './oracle.ts'

type OtherPlan = Exclude<Plan, { readonly kind: 'write' | 'unprovable' }>

/** Finds what a plan says wrongly about a statement that is said not to write. */
export function faultOfOther(plan: OtherPlan, statement: Node): string | undefined {
  if (plan.kind === 'empty') return 'there is a statement'
  if (plan.kind === 'read') return faultOfRead(plan, statement)
  return plan.kind === 'transaction' ? faultOfTransaction(plan, statement) : faultOfSession(plan, statement)
}

function faultOfRead(plan: ReadPlan, statement: Node): string | undefined {
  const [kind = ''] = Object.keys(statement)
  if (kind === 'ExplainStmt') return isAnalyzed(statement) ? 'EXPLAIN executes' : undefined
  if (kind === 'FetchStmt') return plan.callsFunctions ? undefined : 'FETCH may call anything'
  if (kind !== 'SelectStmt' && kind !== 'DeclareCursorStmt') return `${kind} is no read`
  if (countWrites(statement) > 0) return 'a write goes unseen'
  if (!plan.callsFunctions && findAll(statement, 'FuncCall').some(isUnknownCall)) return 'a call goes unseen'
  return faultOfConfiguration(plan.setsConfiguration, statement)
}

function isAnalyzed(statement: Node): boolean {
  return findAll(nodeAt(statement, 'ExplainStmt')['options'], 'DefElem').some(
    (option) => textAt(option, 'defname') === 'analyze',
  )
}

function isUnknownCall(call: Node): boolean {
  const [first, second] = namesOf(call)
  if (second !== undefined) return first !== 'pg_catalog'
  const name = first?.toUpperCase() ?? ''
  return !postgresSql.harmlessFunctions.has(name) && !postgresSql.syntaxWords.has(name)
}

function namesOf(call: Node): readonly (string | undefined)[] {
  return listAt(call, 'funcname').map((part) => textAt(part, 'String', 'sval'))
}

/** Finds whether a call of `set_config` goes unseen, or is taken for that of another setting or for a local one. */
export function faultOfConfiguration(
  settings: readonly ConfiguredSetting[] = [],
  tree: unknown,
): string | undefined {
  const calls = findAll(tree, 'FuncCall').filter((call) => namesOf(call).at(-1) === 'set_config')
  const isCovered = (call: Node) => settings.some((setting) => covers(setting, call))
  return calls.every(isCovered) ? undefined : 'a call of set_config goes unseen'
}

function covers({ setting, local }: ConfiguredSetting, call: Node): boolean {
  const args = listAt(call, 'args')
  // With any other number it is no call of PostgreSQL's own.
  if (args.length !== 3) return true
  const [name, , isLocal] = args
  if (local && valueAt(isLocal, 'A_Const', 'boolval', 'boolval') !== true) return false
  if (setting === 'unknown') return true
  return typeof setting === 'number'
    ? valueAt(name, 'ParamRef', 'number') === setting
    : lowerAscii(textAt(name, 'A_Const', 'sval', 'sval') ?? '') === setting
}

function faultOfTransaction(plan: TransactionPlan, statement: Node): string | undefined {
  const transaction = nodeAt(statement, 'TransactionStmt')
  const kind = textAt(transaction, 'kind')?.replace('TRANS_STMT_', '').replaceAll('_', ' ').toLowerCase()
  const verbs: Readonly<Record<string, string>> = { start: 'begin', prepare: 'prepare transaction' }
  if ((verbs[kind ?? ''] ?? kind) !== plan.verb) return `${kind} is not ${plan.verb}`
  if (textAt(transaction, 'savepoint_name') !== plan.name) return 'another savepoint'
  return (valueAt(transaction, 'chain') === true) === plan.chain ? undefined : 'another chain'
}

const SESSION_NODES: Readonly<Record<SessionPlan['verb'], readonly string[]>> = {
  set: ['VariableSetStmt', 'ConstraintsSetStmt'],
  reset: ['VariableSetStmt'],
  show: ['VariableShowStmt'],
  discard: ['DiscardStmt'],
  deallocate: ['DeallocateStmt'],
  listen: ['ListenStmt'],
  unlisten: ['UnlistenStmt'],
  notify: ['NotifyStmt'],
  lock: ['LockStmt'],
  close: ['ClosePortalStmt'],
  analyze: ['VacuumStmt'],
}

function faultOfSession(plan: SessionPlan, statement: Node): string | undefined {
  const [kind = ''] = Object.keys(statement)
  if (!SESSION_NODES[plan.verb].includes(kind)) return `${kind} is not ${plan.verb}`
  const node = nodeAt(statement, kind)
  if (kind === 'VacuumStmt')
    return valueAt(node, 'is_vacuumcmd') === true ? 'VACUUM is not ANALYZE' : undefined
  const setting = settingOf(kind, node)
  if (setting !== plan.setting) return `${setting} is not ${plan.setting}`
  if (kind !== 'VariableSetStmt') return undefined
  if ((valueAt(node, 'is_local') === true) !== plan.local) return 'another scope'
  return faultOfValue(plan, node)
}

/** Only these values are read; one that goes unseen counts as a change. */
function faultOfValue({ verb, value }: SessionPlan, node: Node): string | undefined {
  const isDefault = textAt(node, 'kind') === 'VAR_SET_DEFAULT'
  if (verb === 'set' && value === 'default' && !isDefault) return 'another value'
  if (value !== 'origin' && value !== "'origin'") return undefined
  const given = listAt(node, 'args').map((argument) => textAt(argument, 'A_Const', 'sval', 'sval'))
  return given.join().toLowerCase() === 'origin' ? undefined : 'another value'
}

function settingOf(kind: string, node: Node): string | undefined {
  if (kind === 'ConstraintsSetStmt') return 'constraints'
  if (kind === 'DiscardStmt') return textAt(node, 'target')?.replace('DISCARD_', '').toLowerCase()
  if (kind !== 'VariableSetStmt') return undefined
  return textAt(node, 'kind') === 'VAR_RESET_ALL' ? 'all' : lowerAscii(textAt(node, 'name') ?? '')
}
