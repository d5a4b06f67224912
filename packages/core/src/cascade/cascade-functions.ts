import { createHash } from 'node:crypto'
import { quoteIdentifier } from '../sql/quote.ts'
import { actionsBody } from './cascade-actions.ts'
import { type CascadeScope, isRowByRow, returnsTo } from './cascade-scope.ts'
import { allRowsBody, type Parts, rowBody } from './cascade-wrappers.ts'
import { watchedColumns } from './follow-edge.ts'
import type { ForeignKeys, ForeignKeyTable, Verb } from './foreign-keys.ts'

/** What is noted as the comment of a generated function: what it is for, and what it was made from. */
export interface CascadeNote {
  /** Of the generator. A function of another version is not called. */
  readonly version: number
  readonly schema: string
  readonly table: string
  readonly verb: Verb
  /** Whether all that the write may set off is followed, so that nothing is left to announce. */
  readonly complete: boolean
  /** Whether a row of the table itself may be reached. */
  readonly returns: boolean
  /** Whether several rows of a statement may be followed one after the other, in the order of its RETURNING. */
  readonly rowByRow: boolean
  readonly referenced: readonly string[]
  /** The tables whose rows it logs, and those through which it reaches them. */
  readonly tables: readonly (readonly [schema: string, name: string])[]
  readonly relations: readonly number[]
  /** Those of them that have partitions. */
  readonly partitioned: readonly number[]
  /** What `indelible.cascade_state` said of these relations. */
  readonly state: string
}

/** A generated function. */
export interface CascadeFunction {
  readonly name: string
  /** Types of its arguments, as SQL. */
  readonly signature: string
  readonly arguments: string
  readonly settings: string
  readonly body: string
  /** Of the one that statements call for each row. */
  readonly note?: CascadeNote
}

/** Counts the changes of what is generated. */
export const CASCADE_VERSION = 2

/** The name of the functions that follow what a write of a table sets off. */
function cascadeName({ schema, name }: Pick<ForeignKeyTable, 'schema' | 'name'>, verb: Verb): string {
  const words = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, 24)
  const digest = createHash('sha256')
    .update(JSON.stringify([schema, name]))
    .digest('hex')
    .slice(0, 12)
  return `cascade_${verb}_${words}_${digest}`
}

/** Writes the three functions of a scope: for each row, for all rows of a statement, and what both call. */
export function cascadeFunctions(keys: ForeignKeys, scope: CascadeScope, state: string): CascadeFunction[] {
  const name = cascadeName(scope.table, scope.verb)
  const parts = { keys, scope, state, name }
  const settings = `security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan`
  return [
    { name, ...rowArguments, settings, body: rowBody(parts), note: noteOf(parts) },
    { name, ...allRowsArguments, settings, body: allRowsBody(parts) },
    { name: `${name}_actions`, ...actionsArguments, settings: '', body: actionsBody(keys, scope, state) },
  ]
}

function noteOf({ keys, scope, state }: Parts): CascadeNote {
  const children = [...new Set(scope.followed.map(({ child }) => child))].flatMap(
    (oid) => keys.tables.get(oid) ?? [],
  )
  return {
    version: CASCADE_VERSION,
    schema: scope.table.schema,
    table: scope.table.name,
    verb: scope.verb,
    complete: scope.announced.length === 0,
    returns: returnsTo(scope),
    rowByRow: isRowByRow(scope),
    referenced: watchedColumns(scope),
    tables: children.map(({ schema, name }) => [schema, name] as const),
    relations: scope.relations.map(Number),
    partitioned: scope.partitioned.map(Number),
    state,
  }
}

const common = 'context indelible.context, rules jsonb, effects json'
const commonTypes = 'indelible.context, jsonb, json'

const rowArguments = {
  arguments: `operation text, row_key text, before json, after json, ${common}, refs json, place text, rules_by_table jsonb, state text`,
  signature: `text, text, json, json, ${commonTypes}, json, text, jsonb, text`,
}

const allRowsArguments = {
  arguments: `operation text, row_keys text[], befores json[], afters json[], ${common}, refs json[], place text, rules_by_table jsonb, state text`,
  signature: `text, text[], json[], json[], ${commonTypes}, json[], text, jsonb, text`,
}

const actionsArguments = {
  arguments:
    '__olds text[], __news text[], __keys text[], __context indelible.context, __rules jsonb, __earlier jsonb, __remember boolean',
  signature: 'text[], text[], text[], indelible.context, jsonb, jsonb, boolean',
}

/** The statement that makes a function. */
export function createSql(made: CascadeFunction): string {
  return `create or replace function indelible.${quoteIdentifier(made.name)}(${made.arguments}) returns boolean
language plpgsql volatile ${made.settings} as ${quoteBody(`\n${made.body}\n`)}`
}

/** Dollar quotes, so that the text in `pg_proc` is the text here, with a tag that it does not hold. */
function quoteBody(body: string): string {
  let tag = '$indelible$'
  while (body.includes(tag)) tag = `${tag.slice(0, -1)}_$`
  return `${tag}${body}${tag}`
}

/** The function's name with the types of its arguments, as SQL. */
export function functionSql({ name, signature }: CascadeFunction): string {
  return `indelible.${quoteIdentifier(name)}(${signature})`
}
