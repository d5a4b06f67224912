import type { WritePlan } from '../sql/plan-types.ts'
import type { CascadeCall } from './cascade-call.ts'
import type { Table } from './catalog.ts'
import type { Effect } from './effects.ts'
import { rewriteKeptUpdate, rewriteKeptUpsert } from './rewrite-kept.ts'
import { finish, type Rewritten, textOf, unusedName } from './rewritten-text.ts'
import {
  imageColumns,
  imageExpression,
  keyExpression,
  needsContext,
  type Rules,
  redactedImage,
  rulesOfImage,
} from './row-expressions.ts'

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
  readonly rules: Rules | undefined
  readonly effects: readonly Effect[]
  /** What follows the effects row by row; they are announced where it cannot. */
  readonly cascade?: CascadeCall | undefined
  /** Whether the images themselves need rules of the context. */
  readonly needsRules?: boolean
}

// RETURNING knows old and new rows from this version on.
const returningOldAndNew = 180000

/**
 * Adds the audit entry to a write: a call of `indelible.log` for each row, or of `indelible.log_rows` for all of them,
 * in the statement that changes the rows. The user's text is kept, not parsed and printed anew.
 */
export function rewriteWrite(write: Write, options: RewriteOptions): Rewritten {
  const { verb, conflict } = write.plan
  if (verb === 'delete') return rewriteDelete(write, options)
  if (verb === 'insert' && conflict?.action !== 'update') return rewriteInsert(write, options)
  if (verb === 'update') return rewriteUpdate(write, options)
  return options.version >= returningOldAndNew
    ? rewriteWithOldAndNew(write, options)
    : rewriteKeptUpsert(write, options)
}

/**
 * Where a BEFORE UPDATE trigger exists, PostgreSQL 18 (seen in 18.4) returns as `old` what the statement first found, not the
 * version it updated after waiting for another transaction. The stash is right there.
 */
function rewriteUpdate(write: Write, options: RewriteOptions): Rewritten {
  const oldIsTrue = options.version >= returningOldAndNew && !write.table.changedBeforeUpdate
  return oldIsTrue ? rewriteWithOldAndNew(write, options) : rewriteKeptUpdate(write, options)
}

function rewriteInsert(write: Write, options: RewriteOptions): Rewritten {
  const row = write.plan.reference
  const ruled = { ...options, table: write.table }
  const saying = { operation: "'insert'", key: keyExpression(ruled, row), after: redactedImage(ruled, row) }
  return finish(write, redacted(options), saying)
}

function rewriteDelete(write: Write, options: RewriteOptions): Rewritten {
  const row = write.plan.reference
  const ruled = { ...options, table: write.table }
  const { cascade } = options
  const saying = { operation: "'delete'", key: keyExpression(ruled, row), before: redactedImage(ruled, row) }
  const refs = cascade && imageExpression(write.table, row, cascade.referenced)
  return finish(write, redacted(options), { ...saying, ...(refs && { refs }), ...placeOf(options, row) })
}

/** The options of a statement that redacts its images itself. */
function redacted(options: RewriteOptions): RewriteOptions {
  return { ...options, rules: undefined, needsRules: needsContext(options.rules) }
}

function rewriteWithOldAndNew(write: Write, options: RewriteOptions): Rewritten {
  const { plan, table } = write
  const names = rowNames(write)
  if (names === undefined) {
    return { refused: 'old or new may name another row of the statement than the one it writes' }
  }
  const columns = imageColumns(write, options.cascade)
  const keyed = { ...options, table }
  const [oldKey, newKey] = [keyExpression(keyed, names.old), keyExpression(keyed, names.new)]
  const [before, after] = [
    imageExpression(table, names.old, columns),
    imageExpression(table, names.new, columns),
  ]
  if (plan.verb === 'update') {
    const rules = rulesOfImage(columns, options.rules)
    const saying = { operation: "'update'", key: oldKey, before, after, ...optionOf(names) }
    return finish(write, { ...options, rules }, saying)
  }
  const choose = (inserted: string, updated: string) =>
    `case when ${names.old}.tableoid is null then ${inserted} else ${updated} end`
  return finish(write, options, {
    operation: choose("'insert'", "'update'"),
    key: choose(newKey, oldKey),
    before: choose('null', before),
    after: choose(imageExpression(table, names.new, 'all'), after),
    ...optionOf(names),
  })
}

function optionOf({ option }: RowNames): { option?: string } {
  return option === undefined ? {} : { option }
}

/** Where a row was, by which it is known again when a foreign key of its own table reaches it. */
function placeOf({ cascade }: RewriteOptions, row: string): { readonly place?: string } {
  return cascade?.returns ? { place: `pg_catalog.concat(${row}.tableoid, ${row}.ctid)` } : {}
}

interface RowNames {
  readonly old: string
  readonly new: string
  /** The `with (old as …, new as …)` of RETURNING, where it is not the user's own. */
  readonly option?: string
}

/**
 * How RETURNING names the two versions of the row. Ours hide the plain words, so these stay where the user means the
 * row by them, unless another relation of the statement has that name and hides it.
 */
function rowNames(write: Write): RowNames | undefined {
  const { sql, plan } = write
  const hidden = { old: isHidden(write, 'old'), new: isHidden(write, 'new') }
  if (plan.returningOption !== undefined) {
    const { old = 'old', new: fresh = 'new' } = plan.returningOption
    if ((old === 'old' && hidden.old !== false) || (fresh === 'new' && hidden.new !== false)) return undefined
    return { old, new: fresh }
  }
  if (plan.returningNamesOldOrNew && (hidden.old === 'perhaps' || hidden.new === 'perhaps')) return undefined
  const old = plan.returningNamesOldOrNew && !hidden.old ? 'old' : unusedName(sql, '__old')
  const fresh = plan.returningNamesOldOrNew && !hidden.new ? 'new' : unusedName(sql, '__new')
  const names = [old === 'old' ? [] : [`old as ${old}`], fresh === 'new' ? [] : [`new as ${fresh}`]].flat()
  return { old, new: fresh, ...(names.length > 0 && { option: `with (${names.join(', ')})` }) }
}

/** Whether a relation of the statement is called so: the one it writes, or one that FROM or USING joins. */
function isHidden({ sql, plan }: Write, name: 'old' | 'new'): boolean | 'perhaps' {
  if (plan.reference.toLowerCase().replaceAll('"', '') === name) return true
  if (!plan.hasFrom) return false
  const joined = { start: plan.setEnd ?? plan.verbStart, end: plan.where?.start ?? plan.bodyEnd }
  if (!plan.identifiers(joined).has(name)) return false
  const text = textOf(sql, joined)
  const asRelation = new RegExp(
    `(?:\\bas|\\bfrom|\\busing|\\bjoin|,|\\))\\s+"?${name}"?\\s*(?:\\(|,|\\bon\\b|\\bwhere\\b|$)`,
    'i',
  )
  return !text.includes("'") && asRelation.test(text) ? true : 'perhaps'
}
