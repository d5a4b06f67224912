import { ROW_TRIGGER } from '../triggers/capture-trigger-names.ts'

/**
 * One row, one column: the tables that take part in foreign key actions, as JSON. Read under `search_path = pg_catalog`, so that every
 * name that PostgreSQL prints has its schema. Rights are those of the owner of the audit schema, who will own the functions.
 *
 * Actions are read from their triggers, not from the constraints: a disabled trigger does nothing, and that of a constraint
 * which is not enforced does not exist. The order of a trigger's name is the order in which PostgreSQL fires it.
 */
export const foreignKeyQuery: string = `
with recursive owner as (
  select r.oid, r.rolsuper or r.rolbypassrls as sees_all
  from pg_namespace n join pg_roles r on r.oid = n.nspowner where n.nspname = 'indelible'
),
action (trigger_function, verb, name) as (
  values (1646::oid, 'delete', 'cascade'), (1650, 'delete', 'set null'), (1652, 'delete', 'set default'),
    (1647, 'update', 'cascade'), (1651, 'update', 'set null'), (1653, 'update', 'set default')
),
fired as materialized (
  select t.tgrelid as parent, t.tgname, t.tgparentid, a.verb, a.name as action, f.*
  from pg_trigger t
  join action a on a.trigger_function = t.tgfoid
  join pg_constraint f on f.oid = t.tgconstraint
  join pg_class c on c.oid = t.tgrelid
  where t.tgenabled in ('O', 'A') and c.relpersistence <> 't'
),
descendant (root, oid) as (
  select c.oid, i.inhrelid from pg_inherits i join pg_class c on c.oid = i.inhparent where c.relkind = 'p'
  union
  select d.root, i.inhrelid from descendant d join pg_inherits i on i.inhparent = d.oid
),
edge as materialized (
  select f.parent, f.tgname, f.verb, f.action, f.conrelid as child, f.confrelid, f.conkey, f.confkey, f.conpfeqop, f.confdelsetcols, false as of_partition
  from fired f
  union all
  -- What refers to a partition alone acts on the rows that are there, also when the statement names the partitioned table.
  select d.root, f.tgname, f.verb, f.action, f.conrelid, f.confrelid, f.conkey, f.confkey, f.conpfeqop, f.confdelsetcols, true
  from fired f join descendant d on d.oid = f.parent where f.tgparentid = 0
),
relation as materialized (
  select c.*, n.nspname, 'indelible'::regnamespace as audit_schema from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.oid in (select parent from edge union select child from edge)
),
part as materialized (
  select oid as root, oid from relation union select root, oid from descendant
),
columns as (
  select a.attrelid as oid, json_agg(json_build_object(
    'name', a.attname,
    'type', format_type(a.atttypid, a.atttypmod),
    'generated', case when a.attgenerated <> '' then pg_get_expr(d.adbin, d.adrelid) end,
    'default', case when a.attgenerated = '' then pg_get_expr(d.adbin, d.adrelid) end,
    'typeDefault', t.typdefault is not null or a.attidentity <> ''
  ) order by a.attnum) as list
  from relation r
  join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
  join pg_type t on t.oid = a.atttypid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  group by a.attrelid
),
unique_index as (
  select distinct on (i.indrelid) i.indrelid as oid, i.indkey, i.indnkeyatts
  from pg_index i
  where i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null and i.indexprs is null
    and not exists (
      select from unnest(i.indkey[0:i.indnkeyatts - 1]) u (attnum)
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.attnum where not a.attnotnull)
  order by i.indrelid, i.indisprimary desc, i.indexrelid
),
keys as (
  select i.oid, json_agg(a.attname order by k.position) as list
  from unique_index i
  cross join unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality k (attnum, position)
  join pg_attribute a on a.attrelid = i.oid and a.attnum = k.attnum
  group by i.oid
),
refusing as (
  select p.root as oid, bool_or(t.tgtype & 8 <> 0) as on_delete, bool_or(t.tgtype & 16 <> 0) as on_update, bool_or(t.tgtype & 4 <> 0) as on_insert
  from part p join pg_trigger t on t.tgrelid = p.oid
  where not t.tgisinternal and t.tgtype & 3 = 3 and t.tgenabled in ('O', 'A')
  group by p.root
),
pairs as (
  select e.parent, e.tgname, json_agg(json_build_object(
    'referenced', r.attname, 'referencing', a.attname,
    'operator', format('operator(%I.%s)', n.nspname, o.oprname),
    'referencedAs', case when o.oprleft <> r.atttypid and lt.typtype <> 'p' then format_type(o.oprleft, null) end,
    'referencingAs', case when o.oprright <> a.atttypid and rt.typtype <> 'p' then format_type(o.oprright, null) end,
    'sameText', a.attcollation = r.attcollation or not exists (
      select from pg_collation c where c.oid in (a.attcollation, r.attcollation) and not c.collisdeterministic)
  ) order by k.position) as list
  from edge e
  cross join unnest(e.conkey, e.confkey, e.conpfeqop) with ordinality k (referencing, referenced, operator, position)
  join pg_attribute r on r.attrelid = e.confrelid and r.attnum = k.referenced
  join pg_attribute a on a.attrelid = e.child and a.attnum = k.referencing
  join pg_operator o on o.oid = k.operator
  join pg_namespace n on n.oid = o.oprnamespace
  join pg_type lt on lt.oid = o.oprleft
  join pg_type rt on rt.oid = o.oprright
  group by e.parent, e.tgname
)
select json_build_object(
  'tables', (select coalesce(json_agg(json_build_object(
    'oid', r.oid::text, 'schema', r.nspname, 'name', r.relname, 'partitioned', r.relkind = 'p', 'columns', columns.list,
    'key', coalesce(keys.list, '[]'),
    'partitions', (select coalesce(json_agg(p.oid::text order by p.oid), '[]') from part p where p.root = r.oid and p.oid <> r.oid),
    'changedBeforeDelete', coalesce(refusing.on_delete or r.relkind = 'p' and refusing.on_insert, false),
    'changedBeforeUpdate', coalesce(refusing.on_update or r.relkind = 'p' and (refusing.on_insert or refusing.on_delete), false),
    'captured', (
      select case when bool_and(t.oid is not null and t.tgtype = 29 and t.tgenabled = 'A' and t.tgqual is null and t.tgattr::text = ''
          and f.pronamespace = r.audit_schema) then 'all' when bool_or(t.tgenabled in ('A', 'O')) then 'some' else 'none' end
      from part p
      left join pg_trigger t on t.tgrelid = p.oid and t.tgname = '${ROW_TRIGGER}'
      left join pg_proc f on f.oid = t.tgfoid
      where p.root = r.oid),
    'plain', r.relkind in ('r', 'p')
      and not exists (select from pg_rewrite w where w.ev_class = r.oid)
      and not exists (select from part p join pg_class c on c.oid = p.oid where p.root = r.oid and c.relkind not in ('r', 'p')),
    'seen', (not r.relrowsecurity or owner.sees_all or pg_has_role(owner.oid, r.relowner, 'usage') and not r.relforcerowsecurity)
      and has_schema_privilege(owner.oid, r.relnamespace, 'usage')
      and has_table_privilege(owner.oid, r.oid, 'select') and has_table_privilege(owner.oid, r.oid, 'update')
  ) order by r.nspname, r.relname), '[]')
    from relation r cross join owner
    left join columns on columns.oid = r.oid
    left join keys on keys.oid = r.oid
    left join refusing on refusing.oid = r.oid),
  'edges', (select coalesce(json_agg(json_build_object(
    'parent', e.parent::text, 'child', e.child::text, 'verb', e.verb, 'action', e.action, 'columns', pairs.list,
    'ofPartition', e.of_partition,
    'assigned', (
      select json_agg(a.attname order by a.attnum) from pg_attribute a
      where a.attrelid = e.child and a.attnum = any (
        case when e.verb = 'delete' and e.confdelsetcols is not null then e.confdelsetcols else e.conkey end))
  ) order by e.tgname, e.parent), '[]')
    from edge e join pairs on pairs.parent = e.parent and pairs.tgname = e.tgname)
)::text as document`
