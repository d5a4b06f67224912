import { stateSql } from '../cascade/state-sql.ts'

/** A list of relations in the comment of a generated function; whatever else stands there is no list. */
function notedList(name: string): string {
  const text = `pg_catalog.substring(noted.description, '"${name}":[[]([0-9,]*)[]]')`
  return `(pg_catalog.string_to_array(${text}, ',')::pg_catalog.oid[])`
}

// Floats are among them: the engine captures under settings only that tell all of their digits.
const plainTypes =
  'int2,int4,int8,numeric,float4,float8,bool,text,varchar,bpchar,name,char,uuid,json,jsonb,jsonpath,xml,time,timetz,' +
  'inet,cidr,macaddr,macaddr8,bit,varbit,tsvector,tsquery,point,line,lseg,box,path,polygon,circle,' +
  'oid,xid,xid8,cid,tid,pg_lsn,int2vector,oidvector,int4range,int8range,numrange,int4multirange,int8multirange,nummultirange'

// In JSON dates are ISO under every setting, and bytes mean the same in either form.
const plainInJson = 'date,timestamp,timestamptz,bytea'

/**
 * One row, one column: everything the capture layer must know about the database, as JSON, seen with the rights of the
 * connection that runs it. Types are written out with their schema and without modifiers, so that a cast to them means
 * the same under every search_path and truncates nothing.
 *
 * It takes no lock on the application's tables, so that it never waits for them. Every name is qualified: a function of
 * the application's that fits better must not answer in PostgreSQL's place.
 */
export const catalogQuery: string = `
with recursive relation as materialized (
  select c.oid, n.nspname, c.relname, c.relkind, c.relhassubclass, c.relispartition
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and n.nspname not in ('pg_catalog', 'information_schema', 'indelible')
    and n.nspname !~ '^pg_(toast|temp)'
    -- Foreign keys change rows of tables that the role itself may not name.
    and (pg_catalog.has_schema_privilege(n.oid, 'usage')
      or exists (select from pg_catalog.pg_constraint f where f.conrelid = c.oid and f.contype = 'f'))
),
descendant (root, oid) as (
  select oid, oid from relation where relkind = 'p'
  union
  select d.root, i.inhrelid from descendant d join pg_catalog.pg_inherits i on i.inhparent = d.oid
),
changing_trigger as materialized (
  select distinct tgrelid as oid from pg_catalog.pg_trigger
  where not tgisinternal and tgtype & 19 = 19 and tgenabled <> 'D'
),
changed_before_update as (
  select oid from changing_trigger
  union
  select d.root from descendant d join changing_trigger t on t.oid = d.oid
),
family (root, oid) as (
  select oid, oid from relation where relkind in ('r', 'p')
  union
  select f.root, i.inhrelid from family f join pg_catalog.pg_inherits i on i.inhparent = f.oid
),
capture_trigger as materialized (
  select t.oid, t.tgrelid, t.tgtype
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_proc p on p.oid = t.tgfoid
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace and n.nspname = 'indelible'
  where t.tgenabled = 'A' and t.tgqual is null and t.tgattr::pg_catalog.text = ''
    and (p.proname = 'capture_truncate' or pg_catalog.starts_with(p.proname::pg_catalog.text, 'capture_') and t.tgtype = 29)
),
captured as (
  select f.root as oid
  from family f left join capture_trigger t on t.tgrelid = f.oid and t.tgtype = 29
  group by f.root having pg_catalog.bool_and(t.oid is not null)
),
user_trigger as (
  select f.root as oid, pg_catalog.json_agg(distinct pg_catalog.jsonb_build_object(
    'name', t.tgname, 'early', t.tgtype & 1 = 0 or t.tgtype & 66 <> 0)) as list
  from family f
  join pg_catalog.pg_trigger t on t.tgrelid = f.oid and not t.tgisinternal and t.tgenabled <> 'D'
  join pg_catalog.pg_proc p on p.oid = t.tgfoid
  join pg_catalog.pg_namespace n on n.oid = p.pronamespace and n.nspname not in ('indelible', 'pg_catalog')
  group by f.root
),
ruled as (
  select distinct ev_class as oid from pg_catalog.pg_rewrite where ev_type <> '1'
),
busy_column (oid, attnum) as materialized (
  select i.indrelid, u.attnum from pg_catalog.pg_index i, pg_catalog.unnest(i.indkey) u (attnum) where i.indisunique
  union select t.tgrelid, u.attnum from pg_catalog.pg_trigger t, pg_catalog.unnest(t.tgattr) u (attnum)
  union select p.partrelid, u.attnum from pg_catalog.pg_partitioned_table p, pg_catalog.unnest(p.partattrs) u (attnum)
),
columns as materialized (
  select a.attrelid as oid, pg_catalog.json_agg(pg_catalog.json_build_object(
    'name', a.attname,
    'type', pg_catalog.quote_ident(tn.nspname::pg_catalog.text) || '.' || pg_catalog.quote_ident(t.typname::pg_catalog.text),
    'generated', a.attgenerated <> '',
    'virtual', a.attgenerated = 'v',
    'holdsDocument', t.typtype in ('c', 'd') or element.typtype in ('c', 'd')
      or t.typname in ('json', 'jsonb', 'hstore') or element.typname in ('json', 'jsonb', 'hstore'),
    'looks', case
      when basic.typtype = 'e' then 'plain'
      when basic.typnamespace <> 'pg_catalog'::pg_catalog.regnamespace then 'varies'
      when pg_catalog.ltrim(basic.typname::pg_catalog.text, '_') = any ('{${plainTypes}}') then 'plain'
      when pg_catalog.ltrim(basic.typname::pg_catalog.text, '_') = any ('{${plainInJson}}') then 'plain in json'
      else 'varies' end,
    'idle', a.attgenerated = '' and a.attidentity <> 'a' and b.oid is null
      and pg_catalog.has_column_privilege(r.oid, a.attnum, 'update')
  ) order by a.attnum) as list
  from relation r
  join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  join pg_catalog.pg_type t on t.oid = a.atttypid
  join pg_catalog.pg_namespace tn on tn.oid = t.typnamespace
  left join pg_catalog.pg_type element on element.oid = t.typelem and t.typcategory = 'A'
  join pg_catalog.pg_type basic on basic.oid = coalesce(
    nullif(element.typbasetype, 0), element.oid, nullif(t.typbasetype, 0), t.oid)
  left join busy_column b on b.oid = r.oid and b.attnum = a.attnum
  group by a.attrelid
),
unique_index as (
  select distinct on (i.indrelid) i.indrelid as oid, i.indkey, i.indnkeyatts
  from pg_catalog.pg_index i
  where i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null and i.indexprs is null
    and not exists (
      select from pg_catalog.unnest(i.indkey[0:i.indnkeyatts - 1]) u (attnum)
      join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.attnum where not a.attnotnull)
  order by i.indrelid, i.indisprimary desc, i.indexrelid
),
keys as materialized (
  select i.oid, pg_catalog.json_agg(a.attname order by k.position) as list
  from unique_index i
  cross join pg_catalog.unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality k (attnum, position)
  join pg_catalog.pg_attribute a on a.attrelid = i.oid and a.attnum = k.attnum
  group by i.oid
),
children as materialized (
  select m.root as oid, pg_catalog.json_agg(pg_catalog.json_build_object(
    'schema', n.nspname, 'name', c.relname, 'onDelete', f.confdeltype, 'onUpdate', f.confupdtype,
    'columns', (
      select pg_catalog.json_agg(a.attname) from pg_catalog.pg_attribute a
      where a.attrelid = f.conrelid and a.attnum = any (f.conkey)),
    'referenced', (
      select pg_catalog.json_agg(a.attname) from pg_catalog.pg_attribute a
      where a.attrelid = f.confrelid and (a.attnum = any (f.confkey) or exists (
        select from pg_catalog.pg_attrdef g
        join pg_catalog.pg_depend d on d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass and d.objid = g.oid
        where g.adrelid = f.confrelid and g.adnum = any (f.confkey)
          and d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass and d.refobjid = f.confrelid and d.refobjsubid = a.attnum)))
  ) order by f.oid) as list
  from family m
  join pg_catalog.pg_constraint f on f.confrelid = m.oid
  join pg_catalog.pg_class c on c.oid = f.conrelid
  join pg_catalog.pg_namespace n on n.oid = c.relnamespace
  left join pg_catalog.pg_constraint parent on parent.oid = f.conparentid and parent.confrelid = f.confrelid
  where f.contype = 'f' and parent.oid is null and (m.root = m.oid or f.conparentid = 0)
    and (f.confdeltype in ('c', 'n', 'd') or f.confupdtype in ('c', 'n', 'd'))
    and exists (select from pg_catalog.pg_trigger t where t.tgconstraint = f.oid and t.tgrelid = f.confrelid and t.tgenabled <> 'D')
  group by m.root
)
select pg_catalog.json_build_object(
  'version', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
  'standardStrings', pg_catalog.current_setting('standard_conforming_strings') = 'on',
  'exactFloats', pg_catalog.current_setting('extra_float_digits')::pg_catalog.int4 > 0,
  'searchPath', (
    select pg_catalog.json_agg(s.name) from pg_catalog.unnest(pg_catalog.current_schemas(true)) s (name)
    where s.name::pg_catalog.text !~ '^pg_temp'),
  'captureTriggers', exists (select from capture_trigger),
  'tables', (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
      'oid', r.oid::pg_catalog.text,
      'schema', r.nspname,
      'name', r.relname,
      'kind', r.relkind,
      'inherited', r.relkind = 'r' and r.relhassubclass,
      'columns', coalesce(columns.list, '[]'),
      'key', coalesce(keys.list, '[]'),
      'changedBeforeUpdate', changed_before_update.oid is not null,
      'rowSecurity', pg_catalog.row_security_active(r.oid),
      'readable', pg_catalog.has_table_privilege(r.oid, 'select'),
      'ruled', ruled.oid is not null,
      'captured', captured.oid is not null,
      'truncateCaptured', exists (select from capture_trigger t where t.tgrelid = r.oid and t.tgtype = 32),
      'triggers', coalesce(user_trigger.list, '[]'),
      'children', coalesce(children.list, '[]'),
      'partitionOf', case when r.relispartition then (
        select pg_catalog.json_agg(pg_catalog.json_build_object('schema', n.nspname, 'name', c.relname) order by a.level desc)
        from pg_catalog.pg_partition_ancestors(r.oid) with ordinality a (oid, level)
        join pg_catalog.pg_class c on c.oid = a.oid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where a.oid <> r.oid) end
    ) order by r.nspname, r.relname), '[]')
    from relation r
    left join columns on columns.oid = r.oid
    left join keys on keys.oid = r.oid
    left join changed_before_update on changed_before_update.oid = r.oid
    left join ruled on ruled.oid = r.oid
    left join captured on captured.oid = r.oid
    left join user_trigger on user_trigger.oid = r.oid
    left join children on children.oid = r.oid),
  'cascades', (
    select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object('name', p.proname, 'note', noted.description, 'state', ${stateSql(
      notedList('relations'),
      notedList('partitioned'),
    )}) order by p.proname), '[]')
    from pg_catalog.pg_proc p
    join pg_catalog.pg_description noted on noted.objoid = p.oid and noted.objsubid = 0 and noted.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass
    where p.pronamespace = (select n.oid from pg_catalog.pg_namespace n where n.nspname = 'indelible')
      and p.proname ~ '^cascade_(delete|update)_' and pg_catalog.has_function_privilege(p.oid, 'execute'))
)::pg_catalog.text as catalog`
