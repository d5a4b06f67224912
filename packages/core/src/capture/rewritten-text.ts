import type { Span } from '../sql/plan-types.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { cascadeArguments } from './cascade-call.ts'
import type { RewriteOptions, Write } from './rewrite.ts'

/** The statement that changes the rows and writes their entries, or the reason why there is none. */
export type Rewritten = RewrittenStatement | { readonly refused: string }

interface RewrittenStatement {
  readonly sql: string
  /** Whether the context must carry the redaction rules. */
  readonly usesRules: boolean
}

/** A change of the user's text. */
export interface Edit extends Span {
  readonly text: string
}

/** What is said of each row, as SQL expressions of the RETURNING list. */
export interface RowSaying {
  /** A constant where it is the same for all rows. */
  readonly operation: string
  readonly key: string
  readonly before?: string
  readonly after?: string
  /** The `with (old as …, new as …)` of RETURNING. */
  readonly option?: string
  readonly edit?: Edit
  /** The columns of a deleted row to which foreign keys refer, as JSON. */
  readonly refs?: string
  /** Where the row was. */
  readonly place?: string
}

const allRowsOperations = new Set(["'insert'", "'update'", "'delete'"])

/** Puts the rewritten statement together. */
export function finish(write: Write, options: RewriteOptions, saying: RowSaying): Rewritten {
  const { sql, plan } = write
  const { option = '', edit } = saying
  const head = sql.slice(0, plan.bodyEnd)
  const body = edit === undefined ? head : replace(head, edit)
  const tail = sql.slice(plan.end)
  const usesRules =
    options.rules !== undefined || options.needsRules === true || options.cascade?.needsRules === true
  if (plan.returning === undefined && allRowsOperations.has(saying.operation)) {
    const lead = sql.slice(0, plan.start)
    return {
      sql: lead + logAllRows(write, options, { ...saying, body: body.slice(plan.start) }) + tail,
      usesRules,
    }
  }
  const list = plan.returning === undefined ? '' : `${textOf(sql, plan.returning)}, `
  return {
    sql: `${body} returning ${option}${list}${logCall(write, options, saying)} as "__indelible"${tail}`,
    usesRules,
  }
}

/** The text of a span. */
export function textOf(sql: string, { start, end }: Span): string {
  return sql.slice(start, end)
}

function logCall(
  write: Write,
  options: RewriteOptions,
  { operation, key, before, after, refs, place }: RowSaying,
): string {
  const images = [before ?? 'null', after ?? 'null']
  if (options.cascade !== undefined) {
    const row = [operation, key, ...images, ...allSurroundings(options)]
    return callCascade(options.cascade, [
      ...row,
      ...cascadeArguments(options.cascade, refs ?? 'null', place ?? 'null'),
    ])
  }
  return `indelible.log(${[operation, ...tableNames(write), key, ...images, ...surroundings(options)].join(', ')})`
}

/**
 * One call for all rows of a statement without a RETURNING list of its own: a third of the cost for each row. The outer
 * SELECT has no columns and as many rows as were written, which keeps the count that the application sees.
 */
function logAllRows(
  write: Write,
  options: RewriteOptions,
  saying: RowSaying & { readonly body: string },
): string {
  const { operation, key, before, after, refs, option = '', body } = saying
  const columns = Object.entries({ k: key, b: before, a: after, r: refs }).filter(
    ([, expression]) => expression !== undefined,
  )
  const list = columns.map(([name, expression]) => `${expression} as "${name}"`).join(', ')
  const images = [before, after].map((image, at) =>
    image === undefined ? 'null' : `pg_catalog.array_agg(${at === 0 ? '"b"' : '"a"'})`,
  )
  const call = allRowsCall(write, options, { operation, images, refs })
  return (
    `with "__rows" as (${body} returning ${option}${list}), ` +
    `"__indelible" as (select ${call} from "__rows") select from "__rows", "__indelible"`
  )
}

function allRowsCall(
  write: Write,
  options: RewriteOptions,
  { operation, images, refs }: { operation: string; images: readonly string[]; refs: string | undefined },
): string {
  const keys = 'pg_catalog.array_agg("k")'
  if (options.cascade === undefined) {
    const parts = [operation, ...tableNames(write), keys, ...images, ...surroundings(options)]
    return `indelible.log_rows(${parts.join(', ')})`
  }
  const rows = refs === undefined ? 'null' : 'pg_catalog.array_agg("r")'
  const row = [operation, keys, ...images, ...allSurroundings(options)]
  return callCascade(options.cascade, [...row, ...cascadeArguments(options.cascade, rows, 'null')])
}

function callCascade({ name }: { readonly name: string }, parts: readonly string[]): string {
  return `indelible.${quoteIdentifier(name)}(${parts.join(', ')})`
}

function tableNames({ table }: Write): readonly string[] {
  return [quoteLiteral(table.schema), quoteLiteral(table.name)]
}

function allSurroundings({ context, rules, effects }: RewriteOptions): string[] {
  return [
    context,
    rules === undefined ? 'null' : `${quoteLiteral(JSON.stringify(rules))}::pg_catalog.jsonb`,
    effects.length === 0 ? 'null' : `${quoteLiteral(JSON.stringify(effects))}::pg_catalog.json`,
  ]
}

function surroundings(options: RewriteOptions): readonly string[] {
  const parts = allSurroundings(options)
  while (parts.at(-1) === 'null') parts.pop()
  return parts
}

// A blank behind it: tokens may follow each other without one, as in `set a="b"where c`.
function replace(text: string, edit: Edit): string {
  return `${text.slice(0, edit.start)}${edit.text} ${text.slice(edit.end)}`.trimEnd()
}
