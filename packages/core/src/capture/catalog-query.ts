/**
 * One row, one column: everything the capture layer must know about the database, as JSON, seen with the rights of the
 * connection that runs it. Types are written out with their schema and without modifiers, so that a cast to them means
 * the same under every search_path and truncates nothing.
 */
export const catalogQuery = `
select json_build_object(
  'version', current_setting('server_version_num')::int,
  'searchPath', current_schemas(true),
  'tables', coalesce((select json_agg(json_build_object(
    'schema', n.nspname,
    'name', c.relname,
    'kind', c.relkind,
    'inherited', c.relkind = 'r' and c.relhassubclass,
    'columns', (
      select coalesce(json_agg(json_build_object(
        'name', a.attname,
        'type', quote_ident(tn.nspname) || '.' || quote_ident(t.typname),
        'generated', a.attgenerated <> '',
        'holdsDocument', t.typcategory = 'C' or base.typname in ('json', 'jsonb', '_json', '_jsonb', 'hstore'),
        'idle', a.attgenerated = '' and a.attidentity <> 'a' and has_column_privilege(c.oid, a.attnum, 'update')
          and not exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and a.attnum = any (i.indkey::int2[]))
          and not exists (select from pg_trigger g where g.tgrelid = c.oid and a.attnum = any (g.tgattr::int2[]))
          and not exists (select from pg_partitioned_table p where p.partrelid = c.oid and a.attnum = any (p.partattrs::int2[]))
      ) order by a.attnum), '[]')
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      join pg_namespace tn on tn.oid = t.typnamespace
      left join pg_type base on base.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped),
    'key', coalesce((
      select json_agg(a.attname order by k.position)
      from (
        select i.indexrelid, i.indkey, i.indnkeyatts from pg_index i
        where i.indrelid = c.oid and i.indisunique and i.indimmediate and i.indisvalid
          and i.indpred is null and i.indexprs is null
          and not exists (
            select from unnest(i.indkey[0:i.indnkeyatts - 1]) u (attnum)
            join pg_attribute a on a.attrelid = c.oid and a.attnum = u.attnum where not a.attnotnull)
        order by i.indisprimary desc, i.indexrelid limit 1) i
      cross join unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality k (attnum, position)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum), '[]'),
    'changedBeforeUpdate', exists (
      select from pg_trigger g
      where (g.tgrelid = c.oid or c.relkind = 'p' and g.tgrelid in (select relid from pg_partition_tree(c.oid)))
        and not g.tgisinternal and g.tgtype & 19 = 19 and g.tgenabled <> 'D'),
    'rowSecurity', row_security_active(c.oid),
    'readable', has_table_privilege(c.oid, 'select'),
    'insteadRule', exists (
      select from pg_rewrite w where w.ev_class = c.oid and w.is_instead and w.ev_type <> '1'),
    'children', coalesce((
      select json_agg(json_build_object(
        'schema', fn.nspname, 'name', f.relname,
        'onDelete', r.confdeltype, 'onUpdate', r.confupdtype,
        'referenced', (
          select json_agg(a.attname) from unnest(r.confkey) u (attnum)
          join pg_attribute a on a.attrelid = c.oid and a.attnum = u.attnum)) order by r.oid)
      from pg_constraint r
      join pg_class f on f.oid = r.conrelid
      join pg_namespace fn on fn.oid = f.relnamespace
      where r.contype = 'f' and r.confrelid = c.oid and (r.confdeltype in ('c', 'n', 'd') or r.confupdtype in ('c', 'n', 'd'))
        and not exists (select from pg_constraint parent where parent.oid = r.conparentid and parent.confrelid = c.oid)
    ), '[]')
  ) order by n.nspname, c.relname)
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'v', 'm', 'f')
    and n.nspname not in ('pg_catalog', 'information_schema', 'indelible')
    and n.nspname !~ '^pg_(toast|temp)'
    and has_schema_privilege(n.oid, 'usage')), '[]')
)::text as catalog`
