import { ROW_TRIGGER } from '../triggers/capture-trigger-names.ts'

/**
 * Writes the SQL expression that digests all that a generated function rests on, for the relations of `oid[]` expressions.
 * It must stay the text of `indelible.cascade_state`, which says the same while a statement runs; the catalog cannot
 * call that one, since roles without a right on the audit schema load it too.
 */
export function stateSql(relations: string, partitioned: string): string {
  return `((
    select coalesce(pg_catalog.sum(f.h), 0) from (
      select pg_catalog.hash_record_extended(row (c.oid, c.relnamespace, c.relname, c.relkind, c.relrowsecurity, c.relforcerowsecurity, c.relowner,
        c.relhasrules and exists (select from pg_catalog.pg_rewrite r where r.ev_class = c.oid)), 1) as h
      from pg_catalog.pg_class c where c.oid = any (${relations})
      union all
      select pg_catalog.hash_record_extended(row (a.attrelid, a.attnum, a.attname, a.atttypid, a.atttypmod, a.attcollation, a.attgenerated, a.attnotnull), 2)
      from pg_catalog.pg_attribute a where a.attrelid = any (${relations}) and a.attnum > 0 and not a.attisdropped
      union all
      select pg_catalog.hash_record_extended(row (d.adrelid, d.adnum, d.adbin::pg_catalog.text), 3) from pg_catalog.pg_attrdef d where d.adrelid = any (${relations})
      union all
      select pg_catalog.hash_record_extended(row (x.objid, x.objsubid, t.oid, t.typname, n.nspname, t.typdefault), 7)
      from pg_catalog.pg_depend x join pg_catalog.pg_type t on t.oid = x.refobjid join pg_catalog.pg_namespace n on n.oid = t.typnamespace
      where x.classid = 1259 and x.objid = any (${relations}) and x.objsubid > 0 and x.refclassid = 1247
      union all
      select pg_catalog.hash_record_extended(row (d.adrelid, d.adnum, x.refobjid, coalesce(t.typname, p.proname), n.nspname), 8)
      from pg_catalog.pg_attrdef d
      join pg_catalog.pg_depend x on x.classid = 2604 and x.objid = d.oid and x.refclassid in (1247, 1255)
      left join pg_catalog.pg_type t on x.refclassid = 1247 and t.oid = x.refobjid
      left join pg_catalog.pg_proc p on x.refclassid = 1255 and p.oid = x.refobjid
      join pg_catalog.pg_namespace n on n.oid = coalesce(t.typnamespace, p.pronamespace)
      where d.adrelid = any (${relations})
      union all
      select pg_catalog.hash_record_extended(row (i.indexrelid, i.indisprimary, i.indisvalid, i.indkey::pg_catalog.text), 4)
      from pg_catalog.pg_index i where i.indrelid = any (${relations}) and i.indisunique
      union all
      select pg_catalog.hash_record_extended(row (t.tgrelid, t.tgname, t.tgfoid::pg_catalog.oid, t.tgtype, t.tgenabled, t.tgconstraint, t.tgqual is null, t.tgattr::pg_catalog.text), 5)
      from pg_catalog.pg_trigger t
      where t.tgrelid = any (${relations}) and (t.tgfoid in (1646, 1647, 1650, 1651, 1652, 1653) or t.tgtype & 3 = 3 or t.tgname = '${ROW_TRIGGER}')
    ) f) + (
      with recursive descendant (oid) as (
        select i.inhrelid from pg_catalog.pg_inherits i where i.inhparent = any (${partitioned})
        union
        select i.inhrelid from descendant d join pg_catalog.pg_inherits i on i.inhparent = d.oid
      )
      select coalesce(pg_catalog.sum(pg_catalog.hash_record_extended(row (t.tgrelid, t.tgname, t.tgfoid::pg_catalog.oid, t.tgtype, t.tgenabled, t.tgconstraint), 6)), 0)
      from descendant d join pg_catalog.pg_trigger t on t.tgrelid = d.oid
      where t.tgparentid = 0 and (t.tgfoid in (1646, 1647, 1650, 1651, 1652, 1653) or t.tgtype & 3 = 3)
        or t.tgname = '${ROW_TRIGGER}' and (t.tgparentid = 0 or t.tgenabled <> 'A')))::pg_catalog.text`
}
