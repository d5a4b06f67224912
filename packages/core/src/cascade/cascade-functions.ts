import { createHash } from 'node:crypto'
import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { actionsBody, firedBy, referencedColumns } from './cascade-actions.ts'
import { type CascadeScope, isRowByRow, returnsTo } from './cascade-scope.ts'
import type { ForeignKeys, ForeignKeyTable, Verb } from './foreign-keys.ts'
import { tableSql } from './row-sql.ts'

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
  /** The tables whose rows it logs. */
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
export const CASCADE_VERSION = 1

/** The name of the functions that follow what a write of a table sets off. */
export function cascadeName({ schema, name }: Pick<ForeignKeyTable, 'schema' | 'name'>, verb: Verb): string {
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

interface Parts {
  readonly keys: ForeignKeys
  readonly scope: CascadeScope
  readonly state: string
  readonly name: string
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
    referenced: referencedColumns(firedBy(scope, scope.table, scope.verb)),
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

/**
 * What was read at generation must still be so. The locks are those that the actions take anyway; taken first, they wait for a
 * migration under way, and let none begin before the actions are done.
 */
function checkState({ keys, scope, state }: Parts): string {
  const children = [...new Set(scope.followed.map(({ child }) => child))].flatMap(
    (oid) => keys.tables.get(oid) ?? [],
  )
  const names = children.map((table) => `only ${tableSql(table)}`).join(', ')
  const lists = [scope.relations, scope.partitioned].map((oids) => `'{${oids.join(',')}}'`).join(', ')
  return `  if state = ${quoteLiteral(state)} and current_setting('session_replication_role') <> 'replica' then
    begin
      lock table ${names} in row exclusive mode;
      is_current := indelible.cascade_state(${lists}) = state;
    exception when undefined_table or invalid_schema_name or insufficient_privilege then null;
    end;
  end if;
  if not is_current then`
}

function namesOf({ table }: CascadeScope): string {
  return `${quoteLiteral(table.schema)}, ${quoteLiteral(table.name)}`
}

/** Foreign key actions that are not followed, as `indelible.log_effects` takes them. */
function announcedOf({ keys, scope }: Parts): string {
  const effects = scope.announced.flatMap(({ child, action }) => {
    const table = keys.tables.get(child)
    return table === undefined ? [] : [JSON.stringify({ schema: table.schema, name: table.name, action })]
  })
  return effects.length === 0 ? 'null::json' : `${quoteLiteral(`[${[...new Set(effects)].join(',')}]`)}::json`
}

function rowBody(parts: Parts): string {
  const { scope } = parts
  return `#variable_conflict use_variable
declare
  old json; old_key text := row_key; kept json; memory jsonb; earlier jsonb := '{}'; is_current boolean := false;
begin
${checkState(parts)}
    return indelible.log(operation, ${namesOf(scope)}, row_key, before, after, context, rules, effects);
  end if;
${scope.revisited.size > 0 ? recall : ''}${scope.verb === 'delete' ? deletedRow(parts) : updatedRow(parts)}end`
}

const recall = `  memory := nullif(current_setting('indelible.cascade', true), '')::jsonb;
  if memory ->> 'at' = statement_timestamp()::text then earlier := memory -> 'seen'; end if;
`

// A row of this statement that an earlier one has taken along already has its entry, and so has what it takes along.
const meetItself = `  if earlier ? concat('0:', place) then return true; end if;
`

function callActions({ name }: Parts, rows: string, memory: string): string {
  return `indelible.${quoteIdentifier(`${name}_actions`)}(${rows}, context, rules_by_table, ${memory})`
}

function deletedRow(parts: Parts): string {
  const { scope } = parts
  const rows = 'array[refs::text], array[null::text], array[row_key]'
  return `${returnsTo(scope) ? meetItself : ''}  perform indelible.log(operation, ${namesOf(scope)}, row_key, before, after, context, rules, ${announcedOf(parts)});
  return ${callActions(parts, rows, 'earlier, true')};
`
}

function updatedRow(parts: Parts): string {
  const { scope } = parts
  const changed = referencedColumns(firedBy(scope, scope.table, 'update'))
    .map(quoteLiteral)
    .map((column) => `(old -> ${column})::text is distinct from (after -> ${column})::text`)
    .join(' or ')
  const rows = 'array[old::text], array[after::text], array[old_key]'
  return `  if operation in ('kept update', 'kept upsert') then
    kept := nullif(current_setting('indelible.kept', true), '')::json;
    if operation = 'kept update' or kept ->> 0 = statement_timestamp()::text and kept ->> 1 is not distinct from row_key then
      old_key := kept ->> 1;
      old := (kept ->> 2)::json;
    end if;
  elsif operation = 'update' then
    old := before;
  end if;
  if old is null or not (${changed}) then
    return indelible.log(operation, ${namesOf(scope)}, row_key, before, after, context, rules);
  end if;
  perform indelible.log(operation, ${namesOf(scope)}, row_key, before, after, context, rules, ${announcedOf(parts)});
  return ${callActions(parts, rows, 'earlier, true')};
`
}

function allRowsBody(parts: Parts): string {
  const { scope } = parts
  const names = namesOf(scope)
  const [olds, news] =
    scope.verb === 'delete'
      ? ['refs::text[]', 'array_fill(null::text, array[cardinality(refs)])']
      : ['befores::text[]', 'afters::text[]']
  return `#variable_conflict use_variable
declare
  is_current boolean := false;
begin
  if row_keys is null then return true; end if;
${checkState(parts)}
    return indelible.log_rows(operation, ${names}, row_keys, befores, afters, context, rules, effects);
  end if;
  perform indelible.log_rows(operation, ${names}, row_keys, befores, afters, context, rules, ${announcedOf(parts)});
  return ${callActions(parts, `${olds}, ${news}, row_keys`, "'{}', false")};
end`
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
