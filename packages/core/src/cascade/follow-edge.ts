import { quoteIdentifier, quoteLiteral } from '../sql/quote.ts'
import { type CascadeScope, deletes, isLeft } from './cascade-scope.ts'
import type { Edge, ForeignKeyTable, Verb } from './foreign-keys.ts'
import {
  columnsSql,
  fromSql,
  imageSql,
  keyChangedSql,
  keySql,
  matchSql,
  partOfImageSql,
  tableSql,
} from './row-sql.ts'

/** What the text of one function is made from. The table that the statement writes has number 0. */
export interface Script {
  readonly scope: CascadeScope
  readonly tables: readonly ForeignKeyTable[]
  readonly remembers: boolean
}

/** Writes what one action does to the rows of its child, for the parent's row in `__o`, and its new version in `__m`. */
export function followEdge(script: Script, edge: Edge): string {
  const number = script.tables.findIndex(({ oid }) => oid === edge.child)
  const table = script.tables[number]
  if (table === undefined) return ''
  const text = followInto(script, edge, { table, number })
  return edge.verb === 'delete'
    ? text
    : `      if ${keyChangedSql(edge, '__o', '__m')} then\n${text}      end if;\n`
}

interface Child {
  readonly table: ForeignKeyTable
  readonly number: number
}

function followInto(script: Script, edge: Edge, child: Child): string {
  const { table, number } = child
  const next = firedBy(script.scope, table, deletes(edge) ? 'delete' : 'update')
  const where = `where ${matchSql(edge, '__o', 'x')} for ${lockOf(script.scope, edge, table)} of x`
  const revisited = script.scope.revisited.has(table.oid)
  if (deletes(edge) && !revisited && next.length === 0) {
    if (isLeft(table)) return ''
    const log = logCall('delete', child, { row: 'x', before: imageSql(table, 'x.*'), after: 'null' })
    return `      perform ${log} from (select x.* from ${fromSql(table)} x ${where}) x;\n`
  }
  const step = handleRow(script, edge, child)
  return `      for __row in select x.tableoid::oid as relation, x.ctid as place, x as image from ${fromSql(table)} x ${where} loop
        __c${number} := __row.image;
${revisited ? lookUp(edge, child) : ''}${step}      end loop;
${revisited && mayMoveInto(script.scope, edge) ? followMoved(edge, child, step) : ''}`
}

/**
 * The lock that PostgreSQL takes for what it does to a row, for all of it where the row may be reached again: while a row is deleted,
 * or gets a new key, nobody can begin to refer to it.
 */
function lockOf(scope: CascadeScope, edge: Edge, table: ForeignKeyTable): string {
  const { followed, revisited } = scope
  const edges = revisited.has(table.oid) ? followed.filter(({ child }) => child === table.oid) : [edge]
  const referenced = referencedColumns(firedBy(scope, table, 'update'))
  const moves = (each: Edge) => changedBy(table, each).some((column) => referenced.includes(column))
  return edges.some((each) => deletes(each) || moves(each)) ? 'update' : 'no key update'
}

interface Images {
  readonly row: string
  readonly before: string
  readonly after: string
}

function logCall(operation: Verb, { table, number }: Child, { row, before, after }: Images): string {
  const names = [operation, table.schema, table.name].map(quoteLiteral).join(', ')
  const rules = `__rules${number}`
  return `indelible.log(${names}, ${keySql(table, row, rules)}, ${before}, ${after}, __cause, ${rules})`
}

/** What has become of a row that was reached before, by this call or by an earlier one of the same statement. */
function lookUp(edge: Edge, { table, number }: Child): string {
  return `        __place := concat('${number}:', __row.relation, __row.place);
        __at := 1 + (hashtext(__place) & 255);
        __past := coalesce(__seen[__at] -> __place, __earlier -> __place);
        if __past is not null then
          continue when __past = 'null';
          __c${number} := (__past #>> '{}')::${tableSql(table)};
          continue when not coalesce(${matchSql(edge, '__o', `__c${number}`)}, false);
        end if;
`
}

function handleRow(script: Script, edge: Edge, child: Child): string {
  const { table, number } = child
  const verb = deletes(edge) ? 'delete' : 'update'
  const [old, fresh] = [`__c${number}`, `__n${number}`]
  const changed = changedBy(table, edge)
  const images = {
    row: old,
    before: verb === 'delete' ? imageSql(table, old) : partOfImageSql(table, changed, old),
    after: verb === 'delete' ? 'null' : partOfImageSql(table, changed, fresh),
  }
  const lines = [
    ...(verb === 'delete' ? [] : assignments(table, edge, number)),
    ...(isLeft(table) ? [] : [`perform ${logCall(verb, child, images)};`]),
  ]
  if (script.scope.revisited.has(table.oid)) {
    const image = verb === 'delete' ? 'null' : `${fresh}::text`
    lines.push(`__seen[__at] := __seen[__at] || jsonb_build_object(__place, ${image});`)
  }
  const next = firedBy(script.scope, table, verb)
  if (next.length > 0) {
    const columns = referencedColumns(next)
    lines.push(
      `__tables := array_append(__tables, ${number});`,
      `__olds := array_append(__olds, ${columnsSql(columns, old)}::text);`,
      `__news := array_append(__news, ${verb === 'delete' ? 'null' : `${columnsSql(columns, fresh)}::text`});`,
      `__keys := array_append(__keys, ${keySql(table, old, `__rules${number}`)});`,
    )
  }
  return lines.map((line) => `        ${line}\n`).join('')
}

function changedBy(table: ForeignKeyTable, { assigned }: Edge): readonly string[] {
  const generated = table.columns.filter((column) => column.generated !== null)
  return [...new Set([...assigned, ...generated.map(({ name }) => name)])]
}

function assignments(table: ForeignKeyTable, edge: Edge, number: number): string[] {
  const fresh = `__n${number}`
  const values = edge.assigned.map((name) => {
    if (edge.action === 'set null') return [name, 'null'] as const
    if (edge.action === 'set default')
      return [name, table.columns.find((column) => column.name === name)?.default ?? 'null'] as const
    const pair = edge.columns.find(({ referencing }) => referencing === name)
    return [name, `__m.${quoteIdentifier(pair?.referenced ?? name)}`] as const
  })
  const generated = table.columns.flatMap(({ name, generated }) =>
    generated === null ? [] : [[name, `(select ${generated} from (select ${fresh}.*) as x)`] as const],
  )
  return [
    `${fresh} := __c${number};`,
    ...[...values, ...generated].map(([name, value]) => `${fresh}.${quoteIdentifier(name)} := ${value};`),
  ]
}

/** Whether an action may give a row the very key that this one looks for, so that only its image tells. */
function mayMoveInto({ followed }: CascadeScope, edge: Edge): boolean {
  const columns = edge.columns.map(({ referencing }) => referencing)
  return followed.some(
    (other) =>
      other.child === edge.child &&
      !deletes(other) &&
      other.action !== 'set null' &&
      other.assigned.some((column) => columns.includes(column)),
  )
}

function followMoved(edge: Edge, { table, number }: Child, step: string): string {
  return `      for __row in select distinct s.place from unnest(array_append(__seen, __earlier)) b, jsonb_object_keys(b) s (place)
        where starts_with(s.place, '${number}:') loop
        __place := __row.place; __at := 1 + (hashtext(__place) & 255);
        __past := coalesce(__seen[__at] -> __place, __earlier -> __place);
        continue when __past = 'null';
        __c${number} := (__past #>> '{}')::${tableSql(table)};
        continue when not coalesce(${matchSql(edge, '__o', `__c${number}`)}, false);
        continue when exists (select from ${fromSql(table)} x where x.tableoid = substring(__place from ':([0-9]+)')::oid
          and x.ctid = substring(__place from '\\(.*')::tid and ${matchSql(edge, '__o', 'x')});
${step}      end loop;
`
}

/** The columns of the written table whose change sets something off, be it followed or announced; of a deleted row those that are followed. */
export function watchedColumns({ table, verb, followed, announced }: CascadeScope): readonly string[] {
  const edges = verb === 'delete' ? followed : [...followed, ...announced]
  return referencedColumns(firedBy({ followed: edges }, table, verb))
}

/** The followed actions of a table's rows. */
export function firedBy(
  { followed }: Pick<CascadeScope, 'followed'>,
  table: ForeignKeyTable,
  verb: Verb,
): readonly Edge[] {
  return followed.filter((edge) => edge.parent === table.oid && edge.verb === verb)
}

/** The columns that some foreign keys refer to. */
export function referencedColumns(edges: readonly Edge[]): readonly string[] {
  return [...new Set(edges.flatMap(({ columns }) => columns.map(({ referenced }) => referenced)))].sort()
}
