-- The completeness check: PostgreSQL's own count of changed rows, by table, against the rows that capture has seen. The
-- counts are those of this backend, as pg_stat_get_xact_tuples_* tell them. They go on counting what a savepoint takes back,
-- and they begin before the transaction, with what was not yet reported to the statistics: hence the marks below.

-- {oid: [inserts, updates, deletes]} of the tables with counts. Temporary tables and our own are left out. In PL/pgSQL, as
-- what follows: it keeps plans, where a function in SQL would be planned anew for each transaction.
create function indelible.counted_rows() returns jsonb
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  return (select coalesce(jsonb_object_agg(t.oid, jsonb_build_array(t.inserts, t.updates, t.deletes)), '{}')
  from (
    select c.oid, pg_stat_get_xact_tuples_inserted(c.oid) as inserts, pg_stat_get_xact_tuples_updated(c.oid) as updates,
      pg_stat_get_xact_tuples_deleted(c.oid) as deletes
    from pg_class c
    where c.relkind = 'r' and c.oid >= 16384 and c.relpersistence <> 't' and c.relnamespace <> 'indelible'::regnamespace
  ) t
  where t.inserts <> 0 or t.updates <> 0 or t.deletes <> 0);
end $$;

create function indelible.minus_counts(counts jsonb, others jsonb) returns jsonb
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  if others = '{}' then return counts; end if;
  return coalesce((
    select jsonb_object_agg(coalesce(a.key, b.key), jsonb_build_array(
      coalesce((a.value ->> 0)::bigint, 0) - coalesce((b.value ->> 0)::bigint, 0),
      coalesce((a.value ->> 1)::bigint, 0) - coalesce((b.value ->> 1)::bigint, 0),
      coalesce((a.value ->> 2)::bigint, 0) - coalesce((b.value ->> 2)::bigint, 0)))
    from jsonb_each(counts) a full join jsonb_each(others) b on b.key = a.key), '{}');
end $$;

-- Before the first statement of a transaction that may write: what was counted so far belongs to earlier ones.
create function indelible.mark_changes() returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('indelible.counted_before', indelible.counted_rows()::text, true);
  return true;
end $$;

-- Before a savepoint: what the transaction has changed so far. The setting is rolled back with the savepoint, the counts are not.
create function indelible.keep_changes() returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('indelible.changed_at_savepoint', indelible.minus_counts(
    indelible.counted_rows(), current_setting('indelible.counted_before')::jsonb)::text, true);
  return true;
end $$;

-- After a rollback to a savepoint: only what had changed by then counts.
create function indelible.restore_changes() returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('indelible.counted_before', indelible.minus_counts(
    indelible.counted_rows(), current_setting('indelible.changed_at_savepoint')::jsonb)::text, true);
  return true;
end $$;

-- The tables of which more rows changed than were captured. captured: {oid: [inserts, updates, deletes, upserts, 1 where an
-- INSERT had ON CONFLICT]}. Partitions count as their root: there an update that moves a row counts as insert and delete. So
-- does an ON CONFLICT that lost a race, though the row it had inserted is gone.
create function indelible.uncaptured_changes(counted jsonb, captured jsonb) returns table (
  relation oid, inserts bigint, updates bigint, deletes bigint, seen_inserts bigint, seen_updates bigint, seen_deletes bigint)
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_column
begin
  if counted = '{}' then return; end if;
  return query with change as (
    select coalesce(pg_partition_root(k.key::oid), k.key::oid) as relation, pg_partition_root(k.key::oid) is not null as partitioned,
      (k.value ->> 0)::bigint as inserts, (k.value ->> 1)::bigint as updates, (k.value ->> 2)::bigint as deletes
    from jsonb_each(counted) k
  ), made as (
    select c.relation, bool_or(c.partitioned) as partitioned,
      sum(c.inserts)::bigint as i, sum(c.updates)::bigint as u, sum(c.deletes)::bigint as d
    from change c group by c.relation
  ), seen as (
    select coalesce(pg_partition_root(k.key::oid), k.key::oid) as relation,
      sum((k.value ->> 0)::bigint)::bigint as i, sum((k.value ->> 1)::bigint)::bigint as u, sum((k.value ->> 2)::bigint)::bigint as d,
      sum((k.value ->> 3)::bigint)::bigint as x, bool_or(k.value ->> 4 = '1') as conflict
    from jsonb_each(captured) k group by 1
  ), both_counts as (
    select m.relation, m.partitioned, m.i, m.u, m.d, coalesce(s.i, 0) as si, coalesce(s.u, 0) as su, coalesce(s.d, 0) as sd,
      coalesce(s.x, 0) as sx, coalesce(s.conflict, false) as conflict
    from made m left join seen s on s.relation = m.relation
  ), paired as (
    select b.*, case when b.partitioned or b.conflict then greatest(0, least(b.d - b.sd, b.i - b.si)) else 0 end as pairs
    from both_counts b
  ), upserted as (
    select p.*, greatest(0, least(p.sx, p.i - p.si - p.pairs)) as inserted from paired p
  ), moved as (
    select u.*, case when u.partitioned then greatest(0, least(u.pairs, u.su + u.sx - u.inserted - u.u)) else 0 end as moves
    from upserted u
  ), forgiven as (
    select m.*, case when m.conflict then m.pairs else m.moves end as both_ways from moved m
  )
  select f.relation::oid, f.i, f.u, f.d, (f.si + f.inserted)::bigint, (f.su + f.sx - f.inserted)::bigint, f.sd
  from forgiven f
  where f.i - f.si - f.inserted - f.both_ways > 0 or f.u - f.su - f.sx + f.inserted + f.moves > 0 or f.d - f.sd - f.both_ways > 0;
end $$;

-- Whether a relation was announced as changed: by its name, as partition or child of one so named, or behind its rules.
create function indelible.announced_relations(announced jsonb) returns setof oid
language sql stable set search_path = pg_catalog, pg_temp as $$
  with recursive named (relation) as (
    select c.oid from jsonb_to_recordset(announced) a (schema text, name text)
      join pg_class c on c.relname = a.name
      join pg_namespace n on n.oid = c.relnamespace and (a.schema is null or n.nspname = a.schema)
    union
    select x.relation from named n cross join lateral (
      select i.inhrelid from pg_inherits i where i.inhparent = n.relation
      union all
      select d.refobjid from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_class'::regclass where r.ev_class = n.relation
    ) x (relation)
  )
  select coalesce(pg_partition_root(n.relation), n.relation) from named n
$$;

-- What foreign keys did by the entries of this transaction since it was last compared: the rows that were followed, as counts, and
-- the tables that were announced.
create function indelible.foreign_key_changes(out followed jsonb, out announced jsonb)
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  compared bigint := nullif(current_setting('indelible.compared', true), '');
  last_entry bigint;
begin
  with own as materialized (
    select e.* from indelible.entry e
    where e.tx = pg_current_xact_id_if_assigned()::text and (compared is null or e.id > compared)
  )
  select (
    select coalesce(jsonb_object_agg(f.oid, f.counts), '{}') from (
      select c.oid, jsonb_build_array(0, count(*) filter (where o.op = 'update'), count(*) filter (where o.op = 'delete')) as counts
      from own o join pg_namespace n on n.nspname = o.table_schema join pg_class c on c.relnamespace = n.oid and c.relname = o.table_name
      where o.context -> 'cause' ->> 'table' is not null and o.op in ('update', 'delete')
      group by c.oid) f
  ), (
    select coalesce(jsonb_agg(t.value), '[]') from own o cross join json_array_elements(o.after -> 'tables') t
    where o.op = 'statement' and o.after -> 'cause' is not null
  ), (select max(o.id) from own o)
  into followed, announced, last_entry;
  perform set_config('indelible.compared', coalesce(last_entry, compared)::text, true);
end $$;

-- Compares, and says what differs in one entry, or refuses the transaction. What was compared does not count again.
create function indelible.check_changes(captured jsonb, announced jsonb, refuse boolean, context indelible.context) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  now_counted jsonb := indelible.counted_rows();
  before_counted jsonb := nullif(current_setting('indelible.counted_before', true), '')::jsonb;
  own record;
  tables text;
  reason text := 'more rows changed than were captured: functions, triggers or COPY wrote them';
  missing text := case
    when current_setting('track_counts') = 'off' then 'the completeness check is impossible: track_counts is off'
    when before_counted is null then 'the completeness check is impossible: its settings were reset' end;
begin
  if missing is not null then
    tables := '[]';
    reason := missing;
  elsif exists (select from indelible.uncaptured_changes(indelible.minus_counts(now_counted, before_counted), captured)) then
    own := indelible.foreign_key_changes();
    select '[' || string_agg(format(
        '{"schema":%s,"name":%s,"changed":{"insert":%s,"update":%s,"delete":%s},"captured":{"insert":%s,"update":%s,"delete":%s}}',
        to_json(n.nspname), to_json(c.relname), u.inserts, u.updates, u.deletes, u.seen_inserts, u.seen_updates, u.seen_deletes),
        ',' order by n.nspname, c.relname) || ']' into tables
      from indelible.uncaptured_changes(
        indelible.minus_counts(indelible.minus_counts(now_counted, before_counted), own.followed), captured) u
      join pg_class c on c.oid = u.relation join pg_namespace n on n.oid = c.relnamespace
      where u.relation not in (select a from indelible.announced_relations(announced || own.announced) a);
  end if;
  perform set_config('indelible.counted_before', now_counted::text, true);
  if tables is null then return true; end if;
  if refuse then
    raise exception 'indelible: uncaptured changes: {"reason":%,"tables":%}', to_json(reason), tables;
  end if;
  perform indelible.log_statement('statement',
    case when json_array_length(tables::json) = 1 then tables::json -> 0 ->> 'schema' end,
    case when json_array_length(tables::json) = 1 then tables::json -> 0 ->> 'name' end,
    format('{"verb":"COMPLETENESS","reason":%s,"tables":%s}', to_json(reason), tables)::json, context);
  return true;
end $$;

revoke all on function indelible.counted_rows, indelible.minus_counts, indelible.mark_changes, indelible.keep_changes,
  indelible.restore_changes, indelible.uncaptured_changes, indelible.announced_relations, indelible.foreign_key_changes, indelible.check_changes from public;
