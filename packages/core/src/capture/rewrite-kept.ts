import type { SetItem } from '../sql/plan-types.ts'
import { quoteIdentifier } from '../sql/quote.ts'
import type { Column } from './catalog.ts'
import type { RewriteOptions, Write } from './rewrite.ts'
import { type Edit, finish, type Rewritten, textOf } from './rewritten-text.ts'
import {
  assignedColumns,
  imageColumns,
  imageExpression,
  keyExpression,
  rulesOfImage,
} from './row-expressions.ts'

/**
 * Where RETURNING cannot tell the old row, `indelible.keep` inside SET puts its image aside. SET is evaluated row by row, at the top
 * of every plan, and again on the newest version of a row that was awaited: exact in races and without a key.
 */
export function rewriteKeptUpdate(write: Write, options: RewriteOptions): Rewritten {
  const { plan, table } = write
  const row = plan.reference
  const columns = imageColumns(write, options.cascade)
  const image = imageExpression(table, row, columns)
  const ruled = { ...options, rules: rulesOfImage(columns, options.rules) }
  const keep = `indelible.keep(${keyExpression({ ...options, table }, row)}, ${image})`
  const edit = keepInSet(write, keep)
  if (edit === undefined) {
    return { refused: 'no assignment of the statement can carry the old image' }
  }
  if (plan.returning !== undefined) {
    return finish(write, ruled, { operation: "'kept update'", key: 'null', after: image, edit })
  }
  // RETURNING is evaluated before SET is for the next row, so the place for one image serves all of them.
  const kept = "pg_catalog.current_setting('indelible.kept')::pg_catalog.json"
  const [key, before] = [`${kept} ->> 1`, `(${kept} ->> 2)::pg_catalog.json`]
  return finish(write, ruled, { operation: "'update'", key, before, after: image, edit })
}

/**
 * Before PostgreSQL 18, the condition of DO UPDATE is evaluated when the newest version of the conflicting row is
 * locked, even of one inserted concurrently: there its image is put aside. A row that was locked first carries a mark
 * of that in xmax, an inserted one does not; partitioned tables show no xmax, so there the key decides.
 */
export function rewriteKeptUpsert(write: Write, options: RewriteOptions): Rewritten {
  const { plan, table } = write
  const row = upsertedRow(write)
  if (row === undefined) {
    return { refused: 'a row called excluded cannot be told from the proposed one before PostgreSQL 18' }
  }
  const key = keyExpression({ ...options, table }, row)
  const partitioned = table.kind === 'p'
  const keyMayChange =
    table.changedBeforeUpdate || assignedColumns(plan).some((column) => table.key.includes(column))
  if (partitioned && (keyMayChange || key.includes("'[redacted]'"))) {
    return { refused: 'this upsert into a partitioned table cannot be followed before PostgreSQL 18' }
  }
  const image = imageExpression(table, row, 'all')
  const keep = `indelible.keep(${key}, ${image})`
  const condition = plan.conflict?.where
  const end = plan.setEnd ?? plan.bodyEnd
  const edit =
    condition === undefined
      ? { start: end, end, pieces: [` where ${keep}`] }
      : { ...condition, pieces: ['case when (', condition, `) then ${keep} else false end`] }
  const operation = partitioned
    ? "'kept upsert'"
    : `case when ${row}.xmax = 0 then 'insert' else 'kept update' end`
  return finish(write, options, { operation, key, after: image, edit })
}

/** In DO UPDATE, `excluded` is the proposed row; a table of that name is still itself with its schema. */
function upsertedRow({ plan, table }: Write): string | undefined {
  if (plan.reference.toLowerCase().replaceAll('"', '') !== 'excluded') return plan.reference
  if (table.name !== 'excluded') return undefined
  return `${quoteIdentifier(table.schema)}.${quoteIdentifier(table.name)}`
}

function keepInSet(write: Write, keep: string): Edit | undefined {
  const items = (write.plan.set ?? []).flatMap((item) => {
    const column = write.table.columns.get(item.columns[0] ?? '')
    return item.kind !== 'column' || item.isDefault || column === undefined ? [] : [{ item, column }]
  })
  const [certain] = items.filter(({ item }) => isPlainValue(textOf(write.sql, item.value)))
  const [any] = items
  return (
    (certain && aroundValue(certain, keep)) ??
    asIdleAssignment(write, keep) ??
    (any && aroundValue(any, keep))
  )
}

/**
 * A parameter, a string or NULL takes the type it is assigned to. Of any other expression a cast may accept what an
 * assignment refuses, so its column comes last.
 */
function isPlainValue(value: string): boolean {
  return /^(?:\$\d+|'(?:[^'\\]|'')*'|null)$/i.test(value)
}

// The cast gives the value the type it would be assigned as, which CASE would otherwise guess.
function aroundValue({ item, column }: { item: SetItem; column: Column }, keep: string): Edit {
  return { ...item.value, pieces: [`case when ${keep} then (`, item.value, `)::${column.type} end`] }
}

function asIdleAssignment({ plan, table }: Write, keep: string): Edit | undefined {
  const assigned = new Set(assignedColumns(plan))
  const idle = [...table.columns.values()].find((column) => column.idle && !assigned.has(column.name))
  if (idle === undefined || plan.setEnd === undefined) return undefined
  const name = quoteIdentifier(idle.name)
  const assignment = `, ${name} = case when ${keep} then ${plan.reference}.${name} end`
  return { start: plan.setEnd, end: plan.setEnd, pieces: [assignment] }
}
