-- Foreign key actions, row by row. The functions that follow them are generated for the application's tables by
-- refreshCascades(); this is what they share.

-- What such a function was made for, as a digest: tables, columns, defaults, keys, the triggers of the foreign keys' actions
-- and those that may change or refuse a row. It must stay the text of state-sql.ts.
create function indelible.cascade_state(relations oid[]) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  return (
    with recursive descendant (oid) as (
      select i.inhrelid from pg_inherits i join pg_class c on c.oid = i.inhparent where c.relkind = 'p' and c.oid = any (relations)
      union
      select i.inhrelid from descendant d join pg_inherits i on i.inhparent = d.oid
    )
    select md5(string_agg(f.fact, '|' order by f.fact)) from (
      select concat_ws(' ', 'c', c.oid, n.nspname, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner,
        c.relhasrules and exists (select from pg_rewrite r where r.ev_class = c.oid)) as fact
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = any (relations)
      union all
      select concat_ws(' ', 'a', a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attgenerated, a.attnotnull)
      from pg_attribute a where a.attrelid = any (relations) and a.attnum > 0 and not a.attisdropped
      union all
      select concat_ws(' ', 'd', d.adrelid, d.adnum, d.adbin) from pg_attrdef d where d.adrelid = any (relations)
      union all
      select concat_ws(' ', 'i', i.indexrelid, i.indrelid, i.indisprimary, i.indisvalid, i.indkey)
      from pg_index i where i.indrelid = any (relations) and i.indisunique
      union all
      select concat_ws(' ', 't', t.tgrelid, t.tgname, t.tgfoid::oid, t.tgtype, t.tgenabled, t.tgconstraint)
      from pg_trigger t
      where (t.tgrelid = any (relations) or t.tgparentid = 0 and t.tgrelid in (select d.oid from descendant d))
        and (t.tgfoid in (1646, 1647, 1650, 1651, 1652, 1653) or t.tgtype & 3 = 3)
    ) f);
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
