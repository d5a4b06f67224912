import type { AuditQueryable } from '../store/audit-database.ts'

/**
 * Lists the functions that may change rows, and the relations whose use may call one: through a trigger, a default, a check,
 * a policy or a view. A function is taken for harmless where its body holds no word that writes and names no function that may.
 * One that is declared stable or immutable is believed, one in C is not looked into.
 */
export async function loadActiveNames(database: AuditQueryable): Promise<readonly string[]> {
  const [row] = await database.query(activeNamesQuery)
  return JSON.parse(row?.['names'] ?? '[]') as readonly string[]
}

const activeNamesQuery = `
with recursive routine as materialized (
  select p.oid, p.proname::pg_catalog.text as name, l.lanname not in ('sql', 'plpgsql') or p.prosqlbody is not null
      or p.prosrc ~* '\\m(insert|update|delete|merge|copy|execute|call|create|refresh|into)\\M' as writes,
    p.prosrc
  from pg_catalog.pg_proc p
  join pg_catalog.pg_language l on l.oid = p.prolang
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace
  where l.lanname not in ('internal', 'c') and p.provolatile = 'v'
    and n.nspname not in ('pg_catalog', 'information_schema', 'indelible')
),
quiet as materialized (
  select r.oid, r.name, array(
    select pg_catalog.lower(m[1]) from pg_catalog.regexp_matches(r.prosrc, '([[:alpha:]_][[:alnum:]_$]*)', 'g') m) as words
  from routine r where not r.writes
),
active_routine (oid, name) as (
  select oid, name from routine where writes
  union
  select q.oid, q.name from active_routine a join quiet q on pg_catalog.lower(a.name) = any (q.words)
),
caller (oid) as (
  select t.tgrelid from pg_catalog.pg_trigger t join active_routine a on a.oid = t.tgfoid
  where not t.tgisinternal and t.tgenabled <> 'D'
  union
  select coalesce(f.adrelid, k.conrelid, p.polrelid, r.ev_class)
  from pg_catalog.pg_depend d
  join active_routine a on a.oid = d.refobjid and d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass
  left join pg_catalog.pg_attrdef f on f.oid = d.objid and d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
  left join pg_catalog.pg_constraint k on k.oid = d.objid and d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
  left join pg_catalog.pg_policy p on p.oid = d.objid and d.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass
  left join pg_catalog.pg_rewrite r on r.oid = d.objid and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
),
active_relation (oid) as (
  select oid from caller where oid is not null
  union
  select x.oid from active_relation a cross join lateral (
    select i.inhparent from pg_catalog.pg_inherits i where i.inhrelid = a.oid
    union all
    select r.ev_class from pg_catalog.pg_depend d
    join pg_catalog.pg_rewrite r on r.oid = d.objid and d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass
    where d.refobjid = a.oid and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass
  ) x (oid)
),
name as (
  select name from active_routine
  union
  select c.relname::pg_catalog.text from active_relation a join pg_catalog.pg_class c on c.oid = a.oid
)
select coalesce(pg_catalog.json_agg(name order by name), '[]')::pg_catalog.text as names from name`
