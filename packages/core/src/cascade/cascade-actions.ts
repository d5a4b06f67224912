import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import type { CascadeScope } from './cascade-scope.ts'
import { firedBy, followEdge, referencedColumns, type Script } from './follow-edge.ts'
import type { ForeignKeys, ForeignKeyTable, Verb } from './foreign-keys.ts'
import { tableSql } from './row-sql.ts'

/**
 * Writes the body of the function that follows the actions of some rows. It does what PostgreSQL is about to do, in the same
 * order, without changing a row: the rows wait in a queue, and each fires the actions of its table. Where a row can be
 * reached twice, what has become of it so far is kept in `__seen`, buckets of JSON objects: place → image, null when gone.
 *
 * Each name of ours begins with two underscores, so that no column of the application's is hidden.
 */
export function actionsBody(keys: ForeignKeys, scope: CascadeScope, state: string): string {
  const oids = [scope.table.oid, ...scope.followed.map(({ child }) => child)]
  const tables = [...new Set(oids)].flatMap((oid) => keys.tables.get(oid) ?? [])
  const script: Script = { scope, tables, remembers: scope.revisited.size > 0 }
  const events = tables.map((table, number) => eventsOf(script, table, number)).join('')
  return `#variable_conflict use_variable
-- For the tables of state ${state}: a session compiles it anew when one of them was made anew.
declare
${declarations(script).join('\n')}
begin
${events === '' ? '' : forEachRow(events)}${script.remembers ? remember : ''}  return true;
end`
}

// A function that only watches follows nothing.
function forEachRow(events: string): string {
  return `  while __head < cardinality(__tables) loop
    __head := __head + 1;
    case __tables[__head]
${events}    else null;
    end case;
  end loop;
`
}

// The call for the next row of the same statement must know what this one has done.
const remember = `  if __remember then
    perform set_config('indelible.cascade', json_build_object('at', statement_timestamp()::text, 'seen', (
      select __earlier || coalesce(jsonb_object_agg(s.key, s.value), '{}') from unnest(__seen) b, jsonb_each(b) s))::text, true);
  end if;
`

function declarations({ scope, tables, remembers }: Script): string[] {
  const perTable = tables.flatMap((table, number) => {
    if (!scope.followed.some(({ child }) => child === table.oid)) return []
    const row = `__c${number} ${tableSql(table)}; __n${number} ${tableSql(table)};`
    return [`  ${row} __rules${number} jsonb := __rules -> ${quoteLiteral(tableSql(table))};`]
  })
  return [
    '  __tables integer[] := array_fill(0, array[cardinality(__olds)]);',
    '  __head integer := 0;',
    '  __cause indelible.context; __row record; __o record; __m record;',
    ...(remembers
      ? ["  __seen jsonb[] := array_fill('{}'::jsonb, array[256]); __place text; __at integer; __past jsonb;"]
      : []),
    ...perTable,
  ]
}

function eventsOf(script: Script, table: ForeignKeyTable, number: number): string {
  const [onDelete, onUpdate] = (['delete', 'update'] as const).map((verb) =>
    eventsOfVerb(script, table, verb),
  )
  if (onDelete === '' && onUpdate === '') return ''
  const cause = `      __cause := indelible.caused_by(__context, concat(${quoteLiteral(
    `{"schema":${JSON.stringify(table.schema)},"table":${JSON.stringify(table.name)},"key":`,
  )}, coalesce(to_json(__keys[__head])::text, 'null'), '}'));\n`
  const both = onDelete !== '' && onUpdate !== ''
  const body = both
    ? `      if __news[__head] is null then\n${onDelete}      else\n${onUpdate}      end if;\n`
    : `${onDelete}${onUpdate}`
  const guard = both ? '' : `__news[__head] is ${onDelete === '' ? 'not ' : ''}null`
  return `    when ${number} then\n${cause}${both ? body : `      if ${guard} then\n${body}      end if;\n`}`
}

/** What a row fires when it was deleted, or updated. */
function eventsOfVerb(script: Script, table: ForeignKeyTable, verb: Verb): string {
  const edges = firedBy(script.scope, table, verb)
  if (edges.length === 0) return ''
  const referenced = referencedColumns(edges)
  const columns = referenced.map((name) => {
    const type = table.columns.find((column) => column.name === name)?.type ?? 'text'
    return `${quoteIdentifier(name)} ${type}`
  })
  const read = (into: string, from: string) =>
    `      select x.* into ${into} from json_to_record(${from}[__head]::json) x (${columns.join(', ')});\n`
  const rows = verb === 'delete' ? read('__o', '__olds') : read('__o', '__olds') + read('__m', '__news')
  return rows + edges.map((edge) => followEdge(script, edge)).join('')
}
