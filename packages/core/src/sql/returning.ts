import { isFreeName, nameOf } from './names.ts'
import type { ReturningOption, Span, WritePlan } from './plan-types.ts'
import { splitAtCommas } from './set-list.ts'
import {
  type Doubt,
  endBefore,
  findKeyword,
  indexAfterBracket,
  isDoubt,
  isOperatorAt,
  keywordAt,
  kindAt,
  type Statement,
  spanOf,
  textAt,
} from './statement.ts'

/** What a plan says about RETURNING, and the index where the clause begins or would begin. */
export interface Returning {
  readonly index: number
  readonly facts: Pick<
    WritePlan,
    'returning' | 'returningOption' | 'returningStars' | 'returningNamesOldOrNew'
  >
}

/** Reads the RETURNING clause, which is the last of its statement. */
export function readReturning(statement: Statement, from: number): Returning | Doubt {
  const end = statement.tokens.length
  const index = findKeyword(statement, 'RETURNING', [from, end])
  if (index === end) return { index, facts: { returningStars: false, returningNamesOldOrNew: false } }
  if (findKeyword(statement, 'RETURNING', [index + 1, end]) < end) return 'two RETURNING clauses'
  const option = readOption(statement, index + 1)
  if (isDoubt(option)) return option
  const list = spanOf(statement, option.next, end)
  if (list === undefined) return 'RETURNING without a list'
  return { index, facts: { returning: list, ...option.facts, ...readList(statement, option.next) } }
}

interface ReadOption {
  readonly facts: { readonly returningOption?: ReturningOption }
  readonly next: number
}

/** Reads `WITH (OLD AS o, NEW AS n)` in any order, either of them alone too. */
function readOption(statement: Statement, index: number): ReadOption | Doubt {
  if (keywordAt(statement, index) !== 'WITH') return { facts: {}, next: index }
  if (kindAt(statement, index + 1) !== 'open') return 'RETURNING WITH without its options'
  const next = indexAfterBracket(statement, index + 1)
  const span = spanOf(statement, index, next)
  const names = new Map<string, string>()
  for (const [start, end] of splitAtCommas(statement, index + 2, next - 1)) {
    const row = keywordAt(statement, start)
    const isAlias =
      keywordAt(statement, start + 1) === 'AS' && isFreeName(statement, start + 2) && end === start + 3
    if (!(row === 'OLD' || row === 'NEW') || names.has(row) || !isAlias) return 'an option of RETURNING'
    names.set(row, textAt(statement, start + 2))
  }
  const [old, fresh] = [names.get('OLD'), names.get('NEW')]
  if (span === undefined) return 'RETURNING WITH without its options'
  return { facts: { returningOption: optionOf(span, old, fresh) }, next }
}

function optionOf(span: Span, old: string | undefined, fresh: string | undefined): ReturningOption {
  return { span, ...(old === undefined ? {} : { old }), ...(fresh === undefined ? {} : { new: fresh }) }
}

function readList(
  statement: Statement,
  from: number,
): Omit<Returning['facts'], 'returning' | 'returningOption'> {
  let returningStars = false
  let returningNamesOldOrNew = false
  for (let index = from; index < statement.tokens.length; index++) {
    returningStars ||= isStar(statement, index, from)
    returningNamesOldOrNew ||= isOldOrNew(statement, index)
  }
  return { returningStars, returningNamesOldOrNew }
}

/** A `*` at the beginning of an item or after a dot stands for columns, any other multiplies. */
function isStar(statement: Statement, index: number, from: number): boolean {
  if (!isOperatorAt(statement, index, '*') || statement.tokens[index]?.depth !== 0) return false
  return index === from || ['comma', 'dot'].includes(kindAt(statement, index - 1) ?? '')
}

function isOldOrNew({ sql, tokens }: Statement, index: number): boolean {
  const token = tokens[index]
  // Most names are longer than "old", which saves reading them.
  if (token === undefined || token.end - token.start > 5 || tokens[index - 1]?.kind === 'dot') return false
  const name = nameOf(sql, token)
  return name === 'old' || name === 'new'
}

/** Just after the last token before RETURNING. */
export function bodyEndOf(statement: Statement, { index }: Returning): number {
  return endBefore(statement, index)
}
