import type { TableName } from '../sql/plan-types.ts'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { Table } from './catalog.ts'
import { type Effect, effectsReason } from './effects.ts'
import { joinPieces, type Piece } from './pieces.ts'
import type { Write } from './rewrite.ts'
import { ownColumn } from './rewritten-text.ts'

/** What `indelible.carry` is told. */
export interface CarryParts {
  /** SQL text of the context, to be cast. */
  readonly context: string
  readonly table: Pick<Table, 'schema' | 'name'>
  readonly verb: string
  readonly effects: readonly Effect[]
  /** Tables whose capture triggers enter what foreign keys do there. */
  readonly relied: readonly TableName[]
}

/** The call that tells a table's capture triggers the context, and the trail what else the statement may change. */
export function carrySql({ context, table, verb, effects, relied }: CarryParts): string {
  const announced = { verb: verb.toUpperCase(), reason: effectsReason, tables: effects, cause: null }
  const said = effects.length === 0 ? 'null' : `${quoteLiteral(JSON.stringify(announced))}::pg_catalog.json`
  const rest = relied.length > 0 ? `, ${said}, ${relationsSql(relied)}` : said === 'null' ? '' : `, ${said}`
  return `indelible.carry(${context}::indelible.context, ${relationSql(table)}${rest})`
}

/** The context of a statement that enters its rows itself, told to the capture triggers that it sets off. */
export function carriedSql(context: string, relied: readonly TableName[]): string {
  return `(select indelible.carried(${context}${relied.length === 0 ? '' : `, ${relationsSql(relied)}`}))`
}

function relationsSql(tables: readonly TableName[]): string {
  return `array[${tables.map(relationSql).join(', ')}]`
}

function relationSql({ schema, name }: TableName): string {
  const text =
    schema === undefined ? quoteIdentifier(name) : `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`
  return `${quoteLiteral(text)}::pg_catalog.regclass`
}

/**
 * Adds that call to a write. As a subquery of its own it is evaluated once, when the first row is returned: after that row was
 * written, and before any AFTER trigger fires. It reads no column, so it needs no right and changes no policy.
 */
export function rewriteCarried(
  { sql, plan, table }: Write,
  carry: string,
): { readonly sql: string; readonly pieces: readonly Piece[] } {
  const { returning, returningOption } = plan
  const pieces = [
    { start: 0, end: plan.bodyEnd },
    ' returning ',
    ...(returningOption === undefined ? [] : [returningOption.span, ' ']),
    ...(returning === undefined ? [] : [returning, ', ']),
    `(select ${carry}) as ${ownColumn({ sql, table })}`,
    { start: plan.end, end: sql.length },
  ]
  return { sql: joinPieces(sql, pieces), pieces }
}
