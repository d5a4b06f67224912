import type { Span } from '../sql/plan-types.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { cascadeArguments } from './cascade-call.ts'
import { joinPieces, type Piece } from './pieces.ts'
import type { RewriteOptions, Write } from './rewrite.ts'

/** The statement that changes the rows and writes their entries, or the reason why there is none. */
export type Rewritten = RewrittenStatement | { readonly refused: string }

interface RewrittenStatement {
  readonly sql: string
  /** What the text is made of, so that a place in it can be traced to the user's text. */
  readonly pieces: readonly Piece[]
  /** Whether the context must carry the redaction rules. */
  readonly usesRules: boolean
}

/** What stands in place of a span of the user's text, that text itself perhaps among it. */
export interface Edit extends Span {
  readonly pieces: readonly Piece[]
}

/** What is said of each row, as SQL expressions of the RETURNING list. */
export interface RowSaying {
  /** A constant where it is the same for all rows. */
  readonly operation: string
  readonly key: string
  readonly before?: string
  readonly after?: string
  /** The `with (old as …, new as …)` of RETURNING. @default the user's own */
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
  const usesRules =
    options.rules !== undefined || options.needsRules === true || options.cascade?.needsRules === true
  const forAllRows = plan.returning === undefined && allRowsOperations.has(saying.operation)
  const pieces = forAllRows ? logAllRows(write, options, saying) : logEachRow(write, options, saying)
  return { sql: joinPieces(sql, pieces), pieces, usesRules }
}

/** The text of a span. */
export function textOf(sql: string, { start, end }: Span): string {
  return sql.slice(start, end)
}

/** A name, quoted, that a text does not hold: the wanted one as far as it can be. */
export function unusedName(text: string, wanted: string): string {
  return text.includes(wanted) ? unusedName(text, `${wanted}_`) : `"${wanted}"`
}

/** How the column of ours behind a RETURNING list is called: as none of the application's, which `*` may list. */
export function ownColumn({ sql, table }: Pick<Write, 'sql' | 'table'>): string {
  return unusedName([sql, ...table.columns.keys()].join(' '), '__indelible')
}

/** The statement as far as RETURNING, from a place in it. */
function bodyPieces({ plan }: Write, { edit }: RowSaying, start: number): readonly Piece[] {
  if (edit === undefined) return [{ start, end: plan.bodyEnd }]
  // A blank behind it: tokens may follow each other without one, as in `set a="b"where c`.
  const rest = edit.end === plan.bodyEnd ? [] : [' ', { start: edit.end, end: plan.bodyEnd }]
  return [{ start, end: edit.start }, ...edit.pieces, ...rest]
}

function logEachRow(write: Write, options: RewriteOptions, saying: RowSaying): readonly Piece[] {
  const { sql, plan } = write
  const { option = plan.returningOption?.span } = saying
  return [
    ...bodyPieces(write, saying, 0),
    ' returning ',
    ...(option === undefined ? [] : [option, ' ']),
    ...(plan.returning === undefined ? [] : [plan.returning, ', ']),
    `${eachRowCall(write, options, saying)} as ${ownColumn(write)}`,
    { start: plan.end, end: sql.length },
  ]
}

function eachRowCall(
  write: Write,
  options: RewriteOptions,
  { operation, key, before = 'null', after = 'null', refs = 'null', place = 'null' }: RowSaying,
): string {
  if (options.cascade === undefined) {
    const values = [operation, ...tableNames(write), key, before, after, ...surroundings(options)]
    return `indelible.log(${values.join(', ')})`
  }
  const row = [operation, key, before, after, ...allSurroundings(options)]
  return callCascade(options.cascade, [...row, ...cascadeArguments(options.cascade, refs, place)])
}

/**
 * One call for all rows of a statement without a RETURNING list of its own: a third of the cost for each row. The outer
 * SELECT has no columns and as many rows as were written, which keeps the count that the application sees.
 */
function logAllRows(write: Write, options: RewriteOptions, saying: RowSaying): readonly Piece[] {
  const { sql, plan } = write
  const { key, before, after, refs, option } = saying
  const columns = Object.entries({ k: key, b: before, a: after, r: refs }).filter(
    ([, expression]) => expression !== undefined,
  )
  const list = columns.map(([name, expression]) => `${expression} as "${name}"`).join(', ')
  return [
    { start: 0, end: plan.start },
    'with "__rows" as (',
    ...bodyPieces(write, saying, plan.start),
    ` returning ${option === undefined ? '' : `${option} `}${list}), ` +
      `"__indelible" as (select ${allRowsCall(write, options, saying)} from "__rows") ` +
      'select from "__rows", "__indelible"',
    { start: plan.end, end: sql.length },
  ]
}

function allRowsCall(
  write: Write,
  options: RewriteOptions,
  { operation, before, after, refs }: RowSaying,
): string {
  const gathered = (name: string, expression: string | undefined) =>
    expression === undefined ? 'null' : `pg_catalog.array_agg("${name}")`
  const rows = ['pg_catalog.array_agg("k")', gathered('b', before), gathered('a', after)]
  if (options.cascade === undefined) {
    const parts = [operation, ...tableNames(write), ...rows, ...surroundings(options)]
    return `indelible.log_rows(${parts.join(', ')})`
  }
  const row = [operation, ...rows, ...allSurroundings(options)]
  return callCascade(options.cascade, [
    ...row,
    ...cascadeArguments(options.cascade, gathered('r', refs), 'null'),
  ])
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
