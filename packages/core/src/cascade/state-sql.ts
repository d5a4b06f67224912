/**
 * Writes the SQL expression that digests all that a generated function rests on, for the relations of an `oid[]` expression.
 * It must stay the text of `indelible.cascade_state`, which says the same while a statement runs; the catalog cannot
 * call that one, since roles without a right on the audit schema load it too.
 */
export function stateSql(relations: string): string {
  return `(
    with recursive descendant (oid) as (
      select i.inhrelid from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhparent where c.relkind = 'p' and c.oid = any (${relations})
      union
      select i.inhrelid from descendant d join pg_catalog.pg_inherits i on i.inhparent = d.oid
    )
    select pg_catalog.md5(pg_catalog.string_agg(f.fact, '|' order by f.fact)) from (
      select pg_catalog.concat_ws(' ', 'c', c.oid, n.nspname, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner,
        c.relhasrules and exists (select from pg_catalog.pg_rewrite r where r.ev_class = c.oid)) as fact
      from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.oid = any (${relations})
      union all
      select pg_catalog.concat_ws(' ', 'a', a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attgenerated, a.attnotnull)
      from pg_catalog.pg_attribute a where a.attrelid = any (${relations}) and a.attnum > 0 and not a.attisdropped
      union all
      select pg_catalog.concat_ws(' ', 'd', d.adrelid, d.adnum, d.adbin) from pg_catalog.pg_attrdef d where d.adrelid = any (${relations})
      union all
      select pg_catalog.concat_ws(' ', 'i', i.indexrelid, i.indrelid, i.indisprimary, i.indisvalid, i.indkey)
      from pg_catalog.pg_index i where i.indrelid = any (${relations}) and i.indisunique
      union all
      select pg_catalog.concat_ws(' ', 't', t.tgrelid, t.tgname, t.tgfoid::pg_catalog.oid, t.tgtype, t.tgenabled, t.tgconstraint)
      from pg_catalog.pg_trigger t
      where (t.tgrelid = any (${relations}) or t.tgparentid = 0 and t.tgrelid in (select d.oid from descendant d))
        and (t.tgfoid in (1646, 1647, 1650, 1651, 1652, 1653) or t.tgtype & 3 = 3)
    ) f)`
}
