import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { type CascadeScope, isLeft, returnsTo } from './cascade-scope.ts'
import { watchedColumns } from './follow-edge.ts'
import type { ForeignKeys } from './foreign-keys.ts'
import { fromSql, tableSql } from './row-sql.ts'

/** What the functions of one scope are made from. */
export interface Parts {
  readonly keys: ForeignKeys
  readonly scope: CascadeScope
  readonly state: string
  readonly name: string
}

/**
 * What was read at generation must still be so. The locks are those that the actions take anyway; taken first, they wait for a
 * migration under way, and let none begin before the actions are done: nor does a capture trigger come or go.
 * Where it is not so, capture triggers may have come that the statement does not know of: they find its context.
 */
function checkState({ keys, scope, state }: Parts): string {
  const children = [...new Set(scope.followed.map(({ child }) => child))].flatMap(
    (oid) => keys.tables.get(oid) ?? [],
  )
  const own = children.filter((table) => !isLeft(table)).map((table) => `only ${tableSql(table)}`)
  const names = [...own, ...scope.left.map(fromSql)].join(', ')
  const lock = names === '' ? '' : `      lock table ${names} in row exclusive mode;\n`
  const lists = [scope.relations, scope.partitioned].map((oids) => `'{${oids.join(',')}}'`).join(', ')
  return `  if state = ${quoteLiteral(state)} and current_setting('session_replication_role') <> 'replica' then
    begin
${lock}      is_current := indelible.cascade_state(${lists}) = state;
    exception when undefined_table or invalid_schema_name or insufficient_privilege then null;
    end;
  end if;
  if not is_current then
    perform set_config('indelible.context', context::text, true);`
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

/** Writes the body of the function that a statement calls for each row. */
export function rowBody(parts: Parts): string {
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
  const changed = watchedColumns(scope)
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

/** Writes the body of the function that a statement calls for all of its rows. */
export function allRowsBody(parts: Parts): string {
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
