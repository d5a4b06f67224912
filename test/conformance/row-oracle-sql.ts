/**
 * A second witness, independent of capture: row triggers that write down every change of every user table. AFTER
 * triggers, because capture treats tables with BEFORE triggers in another way.
 */
export const rowOracleSql = `
create schema oracle;

create table oracle.change (
  n bigint generated always as identity primary key,
  tx text not null default pg_current_xact_id()::text,
  statement text not null default statement_timestamp()::text,
  op text not null,
  table_schema text not null,
  table_name text not null,
  partitioned boolean not null,
  row_key text,
  before text,
  after text
);

-- Arguments: schema, table, whether it is partitioned, and the expression of the row's key.
create function oracle.note() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  key text;
begin
  if tg_op = 'INSERT' then
    execute 'select ' || tg_argv[3] into key using new;
    insert into oracle.change (op, table_schema, table_name, partitioned, row_key, after)
      values ('insert', tg_argv[0], tg_argv[1], tg_argv[2]::boolean, key, row_to_json(new)::text);
  elsif tg_op = 'UPDATE' then
    execute 'select ' || tg_argv[3] into key using old;
    insert into oracle.change (op, table_schema, table_name, partitioned, row_key, before, after)
      values ('update', tg_argv[0], tg_argv[1], tg_argv[2]::boolean, key, row_to_json(old)::text, row_to_json(new)::text);
  else
    execute 'select ' || tg_argv[3] into key using old;
    insert into oracle.change (op, table_schema, table_name, partitioned, row_key, before)
      values ('delete', tg_argv[0], tg_argv[1], tg_argv[2]::boolean, key, row_to_json(old)::text);
  end if;
  return null;
end $$;

-- The key of a row: its primary key, else its oldest unique key over columns that are never null.
create function oracle.key_of(relation oid) returns text
language plpgsql as $$
declare
  fields text[];
begin
  select array_agg(format('($1).%I::text', a.attname) order by array_position(i.indkey::int2[], a.attnum)) into fields
  from (
    select * from pg_index i
    where i.indrelid = relation and i.indisunique and i.indimmediate and i.indisvalid
      and i.indpred is null and i.indexprs is null
      and (select bool_and(k.attnotnull) from pg_attribute k
        where k.attrelid = relation and k.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]))
    order by not i.indisprimary, i.indexrelid limit 1) i
  join pg_attribute a on a.attrelid = relation and a.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]);
  if fields is null then return 'null'; end if;
  if cardinality(fields) = 1 then return fields[1]; end if;
  return $x$'[' || concat_ws(',', $x$
    || (select string_agg('to_json(' || field || ')::text', ', ') from unnest(fields) field) || $x$) || ']'$x$;
end $$;

create table oracle.ignored (relation regclass);

create function oracle.watch() returns void
language plpgsql as $$
declare
  watched record;
begin
  for watched in
    select c.oid, n.nspname, c.relname, c.relkind = 'p' as partitioned
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition
      and n.nspname not in ('pg_catalog', 'information_schema', 'indelible', 'oracle') and n.nspname !~ '^pg_'
      and not exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgfoid = 'oracle.note'::regproc)
      and not exists (select from oracle.ignored i where i.relation = c.oid)
  loop
    execute format('create trigger zz_oracle after insert or update or delete on %I.%I
      for each row execute function oracle.note(%L, %L, %L, %L)',
      watched.nspname, watched.relname, watched.nspname, watched.relname, watched.partitioned::text, oracle.key_of(watched.oid));
  end loop;
end $$;

create function oracle.ignore(relation regclass) returns void
language plpgsql as $$
begin
  insert into oracle.ignored values (relation);
  execute format('drop trigger if exists zz_oracle on %s', relation);
end $$;
`
