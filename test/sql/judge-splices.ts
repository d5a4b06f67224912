import type { Span, WritePlan } from '../../packages/core/src/sql/plan-types.ts'
import { listAt, type Node, nodeAt, shapeOf, tryParse, valueAt } from './oracle.ts'

/**
 * Puts into a write what the capture puts there, takes it out of the syntax tree again, and finds whether anything else
 * has changed: the offsets of a plan are right if and only if the tree is then the one of the original.
 */
export function faultOfSplices(sql: string, plan: WritePlan, statement: Node): string | undefined {
  const splices: readonly Splice[] = [
    ...(plan.set ?? []).flatMap((_, item) => wrapValue(sql, plan, item)),
    ...appendAssignment(plan),
    ...addConflictCondition(sql, plan),
    addToReturning(sql, plan),
  ]
  // One text for all of them is quick to judge. The single ones tell which is wrong.
  if (isUndone(sql, splices, statement)) return undefined
  return splices.find((splice) => !isUndone(sql, [splice], statement))?.name ?? 'all that is put in together'
}

interface Splice {
  readonly name: string
  readonly at: Span
  readonly text: string
  /** Takes what was put in out of the tree. */
  readonly undo: (write: Node) => Node
}

function isUndone(sql: string, splices: readonly Splice[], original: Node): boolean {
  const [statement, ...more] = tryParse(spliced(sql, splices)) ?? []
  const [kind = ''] = Object.keys(original)
  if (statement?.[kind] === undefined || more.length > 0) return false
  const write = splices.reduce((tree, { undo }) => undo(tree), nodeAt(statement, kind))
  return shapeOf(write) === shapeOf(original[kind])
}

/** Puts in all splices, which stand in the order of the text. */
function spliced(sql: string, splices: readonly Splice[]): string {
  const pieces = splices.map(
    ({ at, text }, index) => sql.slice(splices[index - 1]?.at.end ?? 0, at.start) + text,
  )
  return pieces.join('') + sql.slice(splices.at(-1)?.at.end ?? 0)
}

function addToReturning(sql: string, plan: WritePlan): Splice {
  const { returning, returningOption, returningNamesOldOrNew } = plan
  const option = returningOption === undefined ? '' : textOf(sql, returningOption.span)
  const own = option === '' && !returningNamesOldOrNew ? 'with (old as "__o", new as "__n")' : option
  const list = returning === undefined ? '' : `${textOf(sql, returning)}, `
  return {
    name: 'what is added to RETURNING',
    at: { start: plan.bodyEnd, end: plan.end },
    text: ` returning ${own} ${list}added()`,
    undo: ({ returningClause, ...rest }) => {
      const exprs = listAt(returningClause, 'exprs')
      if (!shapeOf(exprs.at(-1)).includes('"added"')) return {}
      const options = option === '' ? {} : { options: listAt(returningClause, 'options') }
      return {
        ...rest,
        ...(returning === undefined ? {} : { returningClause: { ...options, exprs: exprs.slice(0, -1) } }),
      }
    },
  }
}

function wrapValue(sql: string, plan: WritePlan, index: number): readonly Splice[] {
  const item = plan.set?.[index]
  if (item?.kind !== 'column' || item.isDefault) return []
  const target = (plan.set ?? []).slice(0, index).reduce((count, { columns }) => count + columns.length, 0)
  return [
    {
      name: 'what wraps a value in SET',
      at: item.value,
      text: `case when added() then (${textOf(sql, item.value)})::int end `,
      undo: (write) => withTargets(write, (targets) => targets.with(target, unwrapped(targets[target]))),
    },
  ]
}

function unwrapped(target: unknown): Node {
  const [branch] = listAt(target, 'ResTarget', 'val', 'CaseExpr', 'args')
  const val = valueAt(branch, 'CaseWhen', 'result', 'TypeCast', 'arg')
  return { ResTarget: { ...nodeAt(target, 'ResTarget'), val } }
}

function appendAssignment({ setEnd }: WritePlan): readonly Splice[] {
  if (setEnd === undefined) return []
  return [
    {
      name: 'what is appended to SET',
      at: { start: setEnd, end: setEnd },
      text: ', added = 1 ',
      undo: (write) =>
        withTargets(write, (targets) =>
          shapeOf(targets.at(-1)).includes('"added"') ? targets.slice(0, -1) : [],
        ),
    },
  ]
}

/** Changes the SET list of an UPDATE, or that of DO UPDATE. */
function withTargets(write: Node, change: (targets: readonly unknown[]) => readonly unknown[]): Node {
  const conflict = nodeAt(write, 'onConflictClause')
  if (conflict['targetList'] === undefined)
    return { ...write, targetList: change(listAt(write, 'targetList')) }
  return { ...write, onConflictClause: { ...conflict, targetList: change(listAt(conflict, 'targetList')) } }
}

function addConflictCondition(sql: string, { conflict, setEnd }: WritePlan): readonly Splice[] {
  if (conflict?.action !== 'update' || setEnd === undefined) return []
  const { where, whereKeyword } = conflict
  const condition = where === undefined ? 'true' : textOf(sql, where)
  const end = where?.end ?? setEnd
  if (whereKeyword !== undefined && (whereKeyword.start < setEnd || whereKeyword.end > end)) return []
  return [
    {
      name: 'the condition of DO UPDATE',
      at: { start: setEnd, end },
      text: ` where case when (${condition}) then added() else false end `,
      undo: (write) => withCondition(write, where !== undefined),
    },
  ]
}

function withCondition(write: Node, isOurs: boolean): Node {
  const { whereClause, ...conflict } = nodeAt(write, 'onConflictClause')
  const [branch] = listAt(whereClause, 'CaseExpr', 'args')
  const condition = isOurs ? { whereClause: valueAt(branch, 'CaseWhen', 'expr') } : {}
  return { ...write, onConflictClause: { ...conflict, ...condition } }
}

function textOf(sql: string, { start, end }: Span): string {
  return sql.slice(start, end)
}
