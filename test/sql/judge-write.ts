import type { Span, WritePlan } from '../../packages/core/src/sql/plan-types.ts'
import { faultOfConfiguration } from './judge-other.ts'
import { faultOfSplices } from './judge-splices.ts'
import { countWrites } from './judge-unprovable.ts'
import { findAll, listAt, type Node, nodeAt, shapeOf, textAt, tryParse, valueAt } from './oracle.ts'

const NODES: Readonly<Record<WritePlan['verb'], string>> = {
  insert: 'InsertStmt',
  update: 'UpdateStmt',
  delete: 'DeleteStmt',
}

/** Finds what the plan of a write says wrongly. */
export function faultOfWrite(sql: string, plan: WritePlan, statement: Node): string | undefined {
  if (statement[NODES[plan.verb]] === undefined) return 'another verb'
  if (countWrites(statement) !== 1) return 'another write goes unseen'
  const write = nodeAt(statement, NODES[plan.verb])
  const [expected, actual] = [factsOf(write), factsOfPlan(sql, plan)]
  const wrong = Object.keys(expected).find((fact) => shapeOf(expected[fact]) !== shapeOf(actual[fact]))
  if (wrong !== undefined) return `${wrong}: ${shapeOf(actual[wrong])} instead of ${shapeOf(expected[wrong])}`
  return (
    faultOfNames(plan, write) ??
    faultOfReturning(plan, listAt(write, 'returningClause', 'exprs')) ??
    faultOfConfiguration(plan.setsConfiguration, statement) ??
    faultOfSplices(sql, plan, statement)
  )
}

type Facts = Readonly<Record<string, unknown>>

/** What is true of a write. */
function factsOf(write: Node): Facts {
  const conflict = nodeAt(write, 'onConflictClause')
  const returning = nodeAt(write, 'returningClause')
  return {
    catalog: textAt(write, 'relation', 'catalogname'),
    schema: textAt(write, 'relation', 'schemaname'),
    name: textAt(write, 'relation', 'relname'),
    reference: rowNameOf(write),
    where: write['whereClause'],
    hasFrom: listAt(write, 'fromClause').length + listAt(write, 'usingClause').length > 0,
    returning: write['returningClause'] === undefined ? undefined : listAt(returning, 'exprs'),
    old: optionOf(returning, 'OLD'),
    new: optionOf(returning, 'NEW'),
    conflict: textAt(conflict, 'action')?.replace('ONCONFLICT_', '').toLowerCase(),
    conflictWhere: conflict['whereClause'],
    set: setItemsOf(listAt(write, 'targetList').concat(listAt(conflict, 'targetList'))),
    maxParameter: Math.max(
      0,
      ...findAll(write, 'ParamRef').map((parameter) => Number(parameter['number'] ?? 0)),
    ),
  }
}

function optionOf(returning: Node, row: string): string | undefined {
  const options = findAll(listAt(returning, 'options'), 'ReturningOption')
  return textAt(
    options.find((option) => option['option'] === `RETURNING_OPTION_${row}`),
    'value',
  )
}

function isStar(target: unknown): boolean {
  const value = nodeAt(target, 'ResTarget', 'val')
  const last = listAt(value, 'ColumnRef', 'fields')
    .concat(listAt(value, 'A_Indirection', 'indirection'))
    .at(-1)
  return valueAt(last, 'A_Star') !== undefined
}

function setItemsOf(targets: readonly unknown[]): readonly Facts[] {
  const rows = targets.map((target) => nodeAt(target, 'ResTarget', 'val', 'MultiAssignRef'))
  return targets.flatMap((target, index) => {
    const width = Number(rows[index]?.['ncolumns'] ?? 1)
    const column = Number(rows[index]?.['colno'] ?? 1)
    return column === 1 ? [setItemOf(target, targets.slice(index, index + width))] : []
  })
}

function setItemOf(target: unknown, all: readonly unknown[]): Facts {
  const value = nodeAt(target, 'ResTarget', 'val')
  const source = valueAt(value, 'MultiAssignRef', 'source')
  const isPart = listAt(target, 'ResTarget', 'indirection').length > 0
  return {
    columns: all.map((other) => textAt(other, 'ResTarget', 'name')),
    kind: source !== undefined ? 'row' : isPart ? 'part' : 'column',
    value: source ?? value,
    isDefault: valueAt(source ?? value, 'SetToDefault') !== undefined,
  }
}

/** What the plan says, its cuts parsed inside a statement of our own. */
function factsOfPlan(sql: string, plan: WritePlan): Facts {
  const cut = (span: Span | undefined) => (span === undefined ? undefined : sql.slice(span.start, span.end))
  return {
    schema: plan.table.schema,
    name: plan.table.name,
    reference: rowNameOf(parseFrame(`delete from ${plan.reference}`, 'DeleteStmt', ['relation'])),
    where: conditionOf(cut(plan.where)),
    hasFrom: plan.hasFrom,
    returning: returningListOf(cut(plan.returning)),
    old: aliasOf(plan.returningOption?.old),
    new: aliasOf(plan.returningOption?.new),
    conflict: plan.conflict?.action,
    conflictWhere: conditionOf(cut(plan.conflict?.where)),
    set: (plan.set ?? []).map((item) => ({
      ...item,
      value: assignedValueOf(cut(item.value) ?? '', item.kind === 'row' ? item.columns.length : 0),
    })),
    maxParameter: plan.maxParameter,
  }
}

/** Parses a statement of our own, in which a cut may add nothing but the one field it is cut for. */
function parseFrame(sql: string, kind: string, fields: readonly string[]): Node {
  const [statement, ...more] = tryParse(sql) ?? []
  const node = nodeAt(statement, kind)
  const isClean = more.length === 0 && Object.keys(node).sort().join() === [...fields].sort().join()
  return isClean ? node : { whereClause: 'unclean', targetList: [], returningClause: { exprs: ['unclean'] } }
}

/** How a statement names the row it writes: by its alias, else by its table, with the schema where it was written. */
function rowNameOf(write: Node): readonly (string | undefined)[] {
  const alias = textAt(write, 'relation', 'alias', 'aliasname')
  if (alias !== undefined) return [undefined, alias]
  return [textAt(write, 'relation', 'schemaname'), textAt(write, 'relation', 'relname')]
}

function aliasOf(reference: string | undefined): string | undefined {
  if (reference === undefined) return undefined
  const frame = parseFrame(`delete from t as ${reference}`, 'DeleteStmt', ['relation'])
  return textAt(frame, 'relation', 'alias', 'aliasname') ?? 'unclean'
}

function conditionOf(cut: string | undefined): unknown {
  if (cut === undefined) return undefined
  return parseFrame(`delete from t where ${cut}`, 'DeleteStmt', ['relation', 'whereClause'])['whereClause']
}

function returningListOf(cut: string | undefined): unknown {
  if (cut === undefined) return undefined
  const frame = parseFrame(`delete from t returning ${cut}`, 'DeleteStmt', ['relation', 'returningClause'])
  return valueAt(frame, 'returningClause', 'options') === undefined
    ? listAt(frame, 'returningClause', 'exprs')
    : 'options'
}

function assignedValueOf(cut: string, columns: number): unknown {
  const target =
    columns === 0 ? 'a' : `(${Array.from({ length: columns }, (_, index) => `c${index}`).join(', ')})`
  const frame = parseFrame(`update t set ${target} = ${cut}`, 'UpdateStmt', ['relation', 'targetList'])
  const targets = listAt(frame, 'targetList')
  if (targets.length !== Math.max(1, columns)) return 'unclean'
  const value = nodeAt(targets[0], 'ResTarget', 'val')
  return columns === 0 ? value : valueAt(value, 'MultiAssignRef', 'source')
}

/** Finds whether a column goes unnamed, which would make a guard believe that nothing is read. */
function faultOfNames(plan: WritePlan, write: Node): string | undefined {
  const pairs = [
    [plan.where, write['whereClause']],
    [plan.returning, valueAt(write, 'returningClause', 'exprs')],
  ] as const
  for (const [span, tree] of pairs) {
    const names = span === undefined ? new Set<string>() : plan.identifiers(span)
    const missing = columnNames(tree).find((name) => !names.has(name) && !isRewritten(name))
    if (missing !== undefined) return `${missing} goes unnamed`
  }
  return undefined
}

/** Tells whether the parser has cut a name, or put another character in the place of one it could not read. */
function isRewritten(name: string): boolean {
  return Buffer.byteLength(name) >= 60 || name.includes('\ufffd')
}

function faultOfReturning(plan: WritePlan, targets: readonly unknown[]): string | undefined {
  if (targets.some(isStar) && !plan.returningStars) return 'a star goes unnoticed'
  const rows = findAll(targets, 'ColumnRef').map((column) => columnNames({ ColumnRef: column })[0])
  const saysOldOrNew = rows.some((name) => name === 'old' || name === 'new')
  return saysOldOrNew && !plan.returningNamesOldOrNew ? 'old or new goes unnoticed' : undefined
}

function columnNames(tree: unknown): readonly string[] {
  const fields = findAll(tree, 'ColumnRef').flatMap((column) => listAt(column, 'fields'))
  return fields.map((field) => textAt(field, 'String', 'sval')).filter((name) => name !== undefined)
}
