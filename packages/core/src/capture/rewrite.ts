import type { ColumnRule } from '../redact/redaction.ts'
import type { WritePlan } from '../sql/plan-types.ts'
import type { Table } from './catalog.ts'
import type { Effect } from './effects.ts'
import { quoteIdentifier, quoteLiteral } from './quote.ts'
import { changedColumns, imageExpression, keyExpression } from './row-expressions.ts'

/** A write to be rewritten, with what is known about it. */
export interface Write {
  readonly sql: string
  readonly plan: WritePlan
  readonly table: Table
}

/** What the rewritten statement is to say beside the row itself. */
export interface RewriteOptions {
  /** `server_version_num` of the server. */
  readonly version: number
  /** SQL expression of type `indelible.context`. */
  readonly context: string
  readonly rules: Readonly<Record<string, ColumnRule>> | undefined
  readonly effects: readonly Effect[]
}

/** The statement that changes the rows and writes their entries, or the reason why there is none. */
export type Rewritten = { readonly sql: string } | { readonly refused: string }

// RETURNING knows old and new rows from this version on.
const returningOldAndNew = 180000

/**
 * Adds the audit entry to a write: `indelible.log(…)` at the end of its RETURNING list, so that the entry is inserted
 * by the statement that changes the row. The user's text is kept, not parsed and printed anew.
 */
export function rewriteWrite(write: Write, options: RewriteOptions): Rewritten {
  const { verb, conflict } = write.plan
  if (verb === 'delete') return rewriteDelete(write, options)
  if (verb === 'insert' && conflict?.action !== 'update') return rewriteInsert(write, options)
  if (options.version >= returningOldAndNew) return rewriteWithOldAndNew(write, options)
  return verb === 'update' ? rewriteKeptUpdate(write, options) : rewriteKeptUpsert(write, options)
}

function rewriteInsert(write: Write, options: RewriteOptions): Rewritten {
  const row = write.plan.reference
  const key = keyExpression(write.table, row)
  return finish(write, {
    log: logCall(write.table, options, ["'insert'", key, 'null', imageExpression(row, 'all')]),
  })
}

function rewriteDelete(write: Write, options: RewriteOptions): Rewritten {
  const row = write.plan.reference
  const key = keyExpression(write.table, row)
  return finish(write, {
    log: logCall(write.table, options, ["'delete'", key, imageExpression(row, 'all'), 'null']),
  })
}

function rewriteWithOldAndNew(write: Write, options: RewriteOptions): Rewritten {
  const { plan, table } = write
  const names = rowNames(write)
  const columns = changedColumns(table, assignedColumns(plan))
  const [oldKey, newKey] = [keyExpression(table, names.old), keyExpression(table, names.new)]
  const [before, after] = [imageExpression(names.old, columns), imageExpression(names.new, columns)]
  if (plan.verb === 'update') {
    return finish(write, {
      log: logCall(table, options, ["'update'", oldKey, before, after]),
      option: names.option,
    })
  }
  const choose = (inserted: string, updated: string) =>
    `case when ${names.old}.tableoid is null then ${inserted} else ${updated} end`
  const log = logCall(table, options, [
    choose("'insert'", "'update'"),
    choose(newKey, oldKey),
    choose('null', before),
    choose(imageExpression(names.new, 'all'), after),
  ])
  return finish(write, { log, option: names.option })
}

/**
 * Before PostgreSQL 18, `indelible.keep` inside SET puts the old image aside. SET is evaluated row by row, at the top
 * of every plan, and again on the newest version of a row that was awaited: exact in races and without a key.
 */
function rewriteKeptUpdate(write: Write, options: RewriteOptions): Rewritten {
  const { plan, table } = write
  const columns = changedColumns(table, assignedColumns(plan))
  const row = plan.reference
  const keep = `indelible.keep(${keyExpression(table, row)}, ${imageExpression(row, columns)})`
  const edit = keepInSet(write, keep)
  if (edit === undefined)
    return { refused: 'no assignment of the statement can carry the old image before PostgreSQL 18' }
  const log = logCall(table, options, ["'kept update'", 'null', 'null', imageExpression(row, columns)])
  return finish(write, { log, edit })
}

/**
 * Before PostgreSQL 18, the condition of DO UPDATE is evaluated when the newest version of the conflicting row is
 * locked, even of one inserted concurrently: there its image is put aside.
 */
function rewriteKeptUpsert(write: Write, options: RewriteOptions): Rewritten {
  const { sql, plan, table } = write
  if (assignedColumns(plan).some((column) => table.key.includes(column))) {
    return { refused: 'an upsert that assigns the key cannot be followed before PostgreSQL 18' }
  }
  if (table.key.length === 0 && table.changedBeforeUpdate) {
    return {
      refused:
        'an upsert into a table without a key and with a trigger cannot be followed before PostgreSQL 18',
    }
  }
  const row = plan.reference
  const key = keyExpression(table, row)
  const image = imageExpression(row, 'all')
  const keep = `indelible.keep(${key}, ${image})`
  const condition = plan.conflict?.where
  const edit =
    condition === undefined
      ? insertion(plan.setEnd ?? plan.bodyEnd, ` where ${keep}`)
      : { ...condition, text: `case when (${textOf(sql, condition)}) then ${keep} else false end` }
  return finish(write, { log: logCall(table, options, ["'kept upsert'", key, 'null', image]), edit })
}

interface Edit {
  readonly start: number
  readonly end: number
  readonly text: string
}

function keepInSet({ sql, plan, table }: Write, keep: string): Edit | undefined {
  for (const item of plan.set ?? []) {
    const column = table.columns.get(item.columns[0] ?? '')
    if (item.kind !== 'column' || item.isDefault || column === undefined) continue
    // The cast gives the expression the type it would be assigned as, which CASE would otherwise guess.
    return { ...item.value, text: `case when ${keep} then (${textOf(sql, item.value)})::${column.type} end` }
  }
  const assigned = new Set(assignedColumns(plan))
  const idle = [...table.columns.values()].find((column) => column.idle && !assigned.has(column.name))
  if (idle === undefined || plan.setEnd === undefined) return undefined
  const name = quoteIdentifier(idle.name)
  return insertion(plan.setEnd, `, ${name} = case when ${keep} then ${plan.reference}.${name} end`)
}

function assignedColumns(plan: WritePlan): readonly string[] {
  return plan.set?.flatMap((item) => item.columns) ?? []
}

/** How RETURNING names the two versions of the row. Ours hide the plain words, so theirs win where the user wrote them. */
function rowNames({ sql, plan }: Write): {
  readonly old: string
  readonly new: string
  readonly option: string
} {
  if (plan.returningOption !== undefined) {
    const { old = 'old', new: fresh = 'new' } = plan.returningOption
    return { old, new: fresh, option: `${textOf(sql, plan.returningOption.span)} ` }
  }
  if (plan.returningNamesOldOrNew) return { old: 'old', new: 'new', option: '' }
  const [old, fresh] = [unusedName(sql, '__old'), unusedName(sql, '__new')]
  return { old, new: fresh, option: `with (old as ${old}, new as ${fresh}) ` }
}

function unusedName(sql: string, wanted: string): string {
  return sql.includes(wanted) ? unusedName(sql, `${wanted}_`) : `"${wanted}"`
}

function logCall(
  table: Table,
  options: RewriteOptions,
  [operation, key, before, after]: readonly string[],
): string {
  const { context, rules, effects } = options
  const extras = [
    rules === undefined ? 'null' : `${quoteLiteral(JSON.stringify(rules))}::jsonb`,
    effects.length === 0 ? 'null' : `${quoteLiteral(JSON.stringify(effects))}::json`,
  ]
  while (extras.at(-1) === 'null') extras.pop()
  const place = [quoteLiteral(table.schema), quoteLiteral(table.name)]
  return `indelible.log(${[operation, ...place, key, before, after, context, ...extras].join(', ')})`
}

interface Addition {
  readonly log: string
  /** The `with (old as …, new as …)` of RETURNING. */
  readonly option?: string
  readonly edit?: Edit
}

function finish({ sql, plan }: Write, { log, option = '', edit }: Addition): Rewritten {
  const body = edit === undefined ? sql.slice(0, plan.bodyEnd) : replace(sql.slice(0, plan.bodyEnd), edit)
  const list = plan.returning === undefined ? '' : `${textOf(sql, plan.returning)}, `
  return { sql: `${body} returning ${option}${list}${log} as "__indelible"${sql.slice(plan.end)}` }
}

function insertion(at: number, text: string): Edit {
  return { start: at, end: at, text }
}

// A blank behind it: tokens may follow each other without one, as in `set a="b"where c`.
function replace(text: string, edit: Edit): string {
  return `${text.slice(0, edit.start)}${edit.text} ${text.slice(edit.end)}`.trimEnd()
}

function textOf(sql: string, { start, end }: { readonly start: number; readonly end: number }): string {
  return sql.slice(start, end)
}
