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

const writing = quoteLiteral('\\m(insert|update|delete|merge|copy|execute|call|create|refresh|into)\\M')

// One pass over each body first: few hold any of these words.
const suspicious = quoteLiteral(['temp', ...settingWords.map(([, pattern]) => pattern)].join('|'))
const settings = settingWords.map(([name, pattern]) => `(${quoteLiteral(name)}, ${quoteLiteral(pattern)})`)

// The name of a temporary table; where none can be read it may be any.
const temporaryName = quoteLiteral(
  '\\ytemp(?:orary)?\\s+[a-z]+\\s+(?:if\\s+not\\s+exists\\s+)?([[:alpha:]_][[:alnum:]_$]*)',
)
const temporaryUnread = quoteLiteral(
  '\\ypg_temp\\y|\\ytemp(orary)?\\s+(?!(table|view|sequence|recursive)\\s+(if\\s+not\\s+exists\\s+)?[[:alpha:]_])',
)

const activeNamesQuery = `
with recursive setting (name, pattern) as (values ${settings.join(', ')}),
routine as materialized (
  select p.oid, p.proname::pg_catalog.text as name, l.lanname, p.prosqlbody is not null as parsed,
    case when p.prosqlbody is null then p.prosrc else pg_catalog.pg_get_function_sqlbody(p.oid) end as body
  from pg_catalog.pg_proc p
  join pg_catalog.pg_language l on l.oid = p.prolang
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where l.lanname not in ('internal', 'c') and p.provolatile = 'v'
    and n.nspname not in ('pg_catalog', 'information_schema', 'indelible')
),
suspect as materialized (
  select oid, name, body from routine where body ~* ${suspicious}
),
doer as materialized (
  select oid, name, 'write' as doing from routine
  where $1::pg_catalog.bool and (lanname not in ('sql', 'plpgsql') or parsed or body ~* ${writing})
  union all
  select r.oid, r.name, s.name from suspect r join setting s on r.body ~* s.pattern
  union all
  select oid, name, 'temporary tables' from suspect
  where body ~* ${temporaryUnread} or exists (
    select from pg_catalog.regexp_matches(body, ${temporaryName}, 'gi') m
    join pg_catalog.pg_class c on c.relname::pg_catalog.text = pg_catalog.lower(m[1]) and c.relpersistence <> 't')
),
call as materialized (
  select distinct r.oid, r.name, word
  from routine r
  cross join lateral pg_catalog.regexp_split_to_table(pg_catalog.lower(r.body), '[^[:alnum:]_$]+') word
  where exists (select from doer) and word in (select pg_catalog.lower(name) from routine)
),
active_routine (oid, name, doing) as (
  select oid, name, doing from doer
  union
  select c.oid, c.name, a.doing from active_routine a join call c on c.word = pg_catalog.lower(a.name)
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
