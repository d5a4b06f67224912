import { quoteLiteral } from '../sql/quote.ts'
import { settingWords } from '../sql/setting-words.ts'
import type { AuditQueryable } from '../store/audit-database.ts'

/** Names that a statement may call or use, by what that may do beside what its text says. */
export interface ActiveNames {
  /** Of what may change rows. */
  readonly write: readonly string[]
  /** Of what may change a setting, by its name, or hide a table behind a temporary one. */
  readonly settings: Readonly<Record<string, readonly string[]>>
}

/**
 * Lists the functions that may change rows or settings, and the relations whose use may call one: through a trigger, a default, a check,
 * a policy or a view. A function is taken for harmless where its body holds no word that does so and names no function that may.
 * One that is declared stable or immutable is believed, one in C is not looked into.
 *
 * @param writing Whether those that change rows are asked for, which many do.
 */
export async function loadActiveNames(database: AuditQueryable, writing: boolean): Promise<ActiveNames> {
  const [row] = await database.query(activeNamesQuery, [String(writing)])
  const { write = [], ...settings } = JSON.parse(row?.['names'] ?? '{}') as Record<string, readonly string[]>
  return { write, settings }
}

const mayWrite = "'\\m(insert|update|delete|merge|copy|execute|call|create|refresh|into)\\M'"

const doings = settingWords.map(
  ([setting, pattern]) => `(${quoteLiteral(setting)}, ${quoteLiteral(pattern)})`,
)

const activeNamesQuery = `
with recursive doing (name, pattern) as (values ${doings.join(', ')}),
routine as materialized (
  select p.oid, p.proname::pg_catalog.text as name, l.lanname, p.prosqlbody is not null as parsed,
    case when p.prosqlbody is null then p.prosrc else pg_catalog.pg_get_function_sqlbody(p.oid) end as body
  from pg_catalog.pg_proc p
  join pg_catalog.pg_language l on l.oid = p.prolang
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where l.lanname not in ('internal', 'c') and p.provolatile = 'v'
    and n.nspname not in ('pg_catalog', 'information_schema', 'indelible')
),
doer as materialized (
  select r.oid, r.name, 'write' as doing from routine r
  where $1::pg_catalog.bool and (r.lanname not in ('sql', 'plpgsql') or r.parsed or r.body ~* ${mayWrite})
  union all
  select r.oid, r.name, d.name from routine r join doing d on r.body ~* d.pattern
  union all
  select r.oid, r.name, 'temporary tables' from routine r
  where r.body ~* '\\ypg_temp\\y|\\ytemp(orary)?\\s+(?!(table|view|sequence|recursive)\\s+(if\\s+not\\s+exists\\s+)?[[:alpha:]_])'
    or exists (
      select from pg_catalog.regexp_matches(r.body, '\\ytemp(?:orary)?\\s+[a-z]+\\s+(?:if\\s+not\\s+exists\\s+)?([[:alpha:]_][[:alnum:]_$]*)', 'gi') m
      join pg_catalog.pg_class c on c.relname::pg_catalog.text = pg_catalog.lower(m[1]) and c.relpersistence <> 't')
),
worded as materialized (
  select r.oid, r.name, array(
    select pg_catalog.lower(m[1]) from pg_catalog.regexp_matches(r.body, '([[:alpha:]_][[:alnum:]_$]*)', 'g') m) as words
  from routine r where exists (select from doer)
),
active_routine (oid, name, doing) as (
  select oid, name, doing from doer
  union
  select w.oid, w.name, a.doing from active_routine a join worded w on pg_catalog.lower(a.name) = any (w.words)
),
caller (oid, doing) as (
  select t.tgrelid, a.doing from pg_catalog.pg_trigger t join active_routine a on a.oid = t.tgfoid
  where not t.tgisinternal and t.tgenabled <> 'D'
  union
  select coalesce(f.adrelid, k.conrelid, p.polrelid, r.ev_class), a.doing
  from pg_catalog.pg_depend d
  join active_routine a on a.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
  left join pg_catalog.pg_attrdef f on f.oid = d.objid and d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
  left join pg_catalog.pg_constraint k on k.oid = d.objid and d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
  left join pg_catalog.pg_policy p on p.oid = d.objid and d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass
  left join pg_catalog.pg_rewrite r on r.oid = d.objid and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
),
active_relation (oid, doing) as (
  select oid, doing from caller where oid is not null
  union
  select x.oid, a.doing from active_relation a cross join lateral (
    select i.inhparent from pg_catalog.pg_inherits i where i.inhrelid = a.oid
    union all
    select r.ev_class from pg_catalog.pg_depend d
    join pg_catalog.pg_rewrite r on r.oid = d.objid and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
    where d.refobjid = a.oid and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  ) x (oid)
),
name as (
  select name, doing from active_routine
  union
  select c.relname::pg_catalog.text, a.doing from active_relation a join pg_catalog.pg_class c on c.oid = a.oid
)
select coalesce(pg_catalog.json_object_agg(doing, names order by doing), '{}')::pg_catalog.text as names
from (select doing, pg_catalog.json_agg(name order by name) as names from name group by doing) listed`
