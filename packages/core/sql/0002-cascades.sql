-- Foreign key actions, row by row. The functions that follow them are generated for the application's tables by
-- refreshCascades(); this is what they share.

-- What such a function was made for, as a digest: tables, columns and their types, defaults and what these name, keys, the triggers
-- of the foreign keys' actions, those that may change or refuse a row, and the capture triggers, whose tables it leaves to them.
-- Those of partitions count only where they are not as their table's: new partitions change nothing. It is asked by each
-- statement, so hashes are added up instead of sorted, and catalogs have numbers: pg_class is 1259, pg_type 1247, pg_proc 1255,
-- pg_attrdef 2604.
-- It must stay the text of state-sql.ts.
create function indelible.cascade_state(relations oid[], partitioned oid[]) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
declare
  state numeric := (
    select coalesce(sum(f.h), 0) from (
      select hash_record_extended(row (c.oid, c.relnamespace, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner,
        c.relhasrules and exists (select from pg_rewrite r where r.ev_class = c.oid)), 1) as h
      from pg_class c where c.oid = any (relations)
      union all
      select hash_record_extended(row (a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attgenerated, a.attnotnull), 2)
      from pg_attribute a where a.attrelid = any (relations) and a.attnum > 0 and not a.attisdropped
      union all
      select hash_record_extended(row (d.adrelid, d.adnum, d.adbin::text), 3) from pg_attrdef d where d.adrelid = any (relations)
      union all
      select hash_record_extended(row (x.objid, x.objsubid, t.oid, t.typname, n.nspname, t.typdefault), 7)
      from pg_depend x join pg_type t on t.oid = x.refobjid join pg_namespace n on n.oid = t.typnamespace
      where x.classid = 1259 and x.objid = any (relations) and x.objsubid > 0 and x.refclassid = 1247
      union all
      select hash_record_extended(row (d.adrelid, d.adnum, x.refobjid, coalesce(t.typname, p.proname), n.nspname), 8)
      from pg_attrdef d
      join pg_depend x on x.classid = 2604 and x.objid = d.oid and x.refclassid in (1247, 1255)
      left join pg_type t on x.refclassid = 1247 and t.oid = x.refobjid
      left join pg_proc p on x.refclassid = 1255 and p.oid = x.refobjid
      join pg_namespace n on n.oid = coalesce(t.typnamespace, p.pronamespace)
      where d.adrelid = any (relations)
      union all
      select hash_record_extended(row (i.indexrelid, i.indisprimary, i.indisvalid, i.indkey::text), 4)
      from pg_index i where i.indrelid = any (relations) and i.indisunique
      union all
      select hash_record_extended(row (t.tgrelid, t.tgname, t.tgfoid::oid, t.tgtype, t.tgenabled, t.tgconstraint, t.tgqual is null, t.tgattr::text), 5)
      from pg_trigger t
      where t.tgrelid = any (relations) and (t.tgfoid in (1646, 1647, 1650, 1651, 1652, 1653) or t.tgtype & 3 = 3 or t.tgname = '00_indelible_capture')
    ) f);
begin
  -- A repeatable read may still see a capture trigger that fires no more; pg_get_triggerdef looks past its snapshot.
  if current_setting('transaction_isolation') <> 'read committed' and exists (
    select from pg_trigger t where t.tgrelid = any (relations) and t.tgname = '00_indelible_capture' and pg_get_triggerdef(t.oid) is null
  ) then
    return 'gone';
  end if;
  if partitioned <> '{}' then
    state := state + (
      with recursive descendant (oid) as (
        select i.inhrelid from pg_inherits i where i.inhparent = any (partitioned)
        union
        select i.inhrelid from descendant d join pg_inherits i on i.inhparent = d.oid
      )
      select coalesce(sum(hash_record_extended(row (t.tgrelid, t.tgname, t.tgfoid::oid, t.tgtype, t.tgenabled, t.tgconstraint), 6)), 0)
      from descendant d join pg_trigger t on t.tgrelid = d.oid
      where t.tgparentid = 0 and (t.tgfoid in (1646, 1647, 1650, 1651, 1652, 1653) or t.tgtype & 3 = 3)
        or t.tgname = '00_indelible_capture' and (t.tgparentid = 0 or t.tgenabled <> 'A'));
  end if;
  return state::text;
end $$;

-- The context of an entry whose row another row took along: cause is {"schema", "table", "key"} of that row.
create function indelible.caused_by(context indelible.context, cause text) returns indelible.context
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  context.context := case
    when context.context is null or context.context::text = '{}' then '{'
    else left(rtrim(context.context::text), -1) || ',' end || '"cause":' || cause || '}';
  return context;
end $$;

revoke all on function indelible.cascade_state, indelible.caused_by from public;
