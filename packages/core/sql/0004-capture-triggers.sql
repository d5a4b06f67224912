-- Capture triggers: for tables that other programs write too. A table's own trigger function is generated; these are its parts.

-- What was asked for, so that it can be made anew when columns change. The options hold no key of fingerprints.
create table indelible.capture_trigger (
  function_name text primary key,
  table_schema text not null,
  table_name text not null,
  redact json not null,
  definition_hash text not null,
  made_at timestamptz not null default clock_timestamp()
);
comment on column indelible.capture_trigger.definition_hash is 'SHA-256 of the trigger function as it was made: tells one that was edited since';

-- Fails unless each of these tables has its capture trigger, and lets nobody take it off before the transaction ends: rows of theirs may
-- be changed by a foreign key action, and no other entry tells so. The lock is the one that the action takes.
create function indelible.require_captured(relations regclass[]) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  relation regclass;
begin
  foreach relation in array relations loop
    if exists (select from pg_trigger t where t.tgrelid = relation and t.tgname = '00_indelible_capture') then
      execute format('lock table %s in row exclusive mode', relation);
    end if;
    if exists (
      select from (select relation::oid union select p.relid from pg_partition_tree(relation) p) r (oid)
      where not exists (
        select from pg_trigger t
        where t.tgrelid = r.oid and t.tgname = '00_indelible_capture' and t.tgtype = 29 and t.tgenabled = 'A'
          and (current_setting('transaction_isolation') = 'read committed' or pg_get_triggerdef(t.oid) is not null))
    ) then
      raise exception 'indelible: the capture trigger of % is gone', relation using errcode = 'IND01';
    end if;
  end loop;
  return true;
end $$;

-- Puts the context of a statement where the capture triggers that it sets off find it, until the transaction ends.
-- relied: tables whose capture triggers enter what foreign keys do there.
create function indelible.carried(context indelible.context, relied regclass[] default null) returns indelible.context
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  if relied is not null then perform indelible.require_captured(relied); end if;
  perform set_config('indelible.context', context::text, true);
  return context;
end $$;

-- The same for a statement that leaves its rows to the capture trigger of its table, which must be there. SQLSTATE IND01 tells
-- the application that its catalog is out of date. announced: foreign key actions on tables that have no such trigger.
create function indelible.carry(context indelible.context, relation regclass, announced json default null, relied regclass[] default null) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
declare
  capture oid := (select t.oid from pg_trigger t
    where t.tgrelid = relation and t.tgname = '00_indelible_capture' and t.tgtype = 29 and t.tgenabled = 'A');
begin
  -- A repeatable read may still see a trigger that fires no more; pg_get_triggerdef looks past its snapshot.
  if capture is null
      or current_setting('transaction_isolation') <> 'read committed' and pg_get_triggerdef(capture) is null then
    raise exception 'indelible: the capture trigger of % is gone', relation using errcode = 'IND01';
  end if;
  if relied is not null then perform indelible.require_captured(relied); end if;
  perform set_config('indelible.context', context::text, true);
  if announced is not null then
    perform indelible.log_statement('statement', n.nspname, c.relname, announced, context)
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = relation;
  end if;
  return true;
end $$;

-- Who wrote a row, for its trigger, under whose search_path it runs. A context counts only from a role that may write entries by itself: nobody else names an actor.
create function indelible.context_of_writer(words text, stems text[]) returns indelible.context
language plpgsql volatile as $$
declare
  writer name := coalesce(nullif(current_setting('role'), 'none'), session_user);
  sent text := current_setting('indelible.context', true);
  context indelible.context;
begin
  if sent <> '' and has_function_privilege(writer,
      'indelible.log_statement(text, text, text, json, indelible.context)'::regprocedure, 'execute') then
    context := sent;
  else
    context.context := format('{"source":"external","databaseUser":%s,%s"applicationName":%s}',
      to_json(session_user::text),
      case when writer <> session_user then format('"databaseRole":%s,', to_json(writer::text)) end,
      to_json(current_setting('application_name')));
  end if;
  context.secret_words := words;
  context.secret_stems := stems;
  return context;
end $$;

-- Once for each statement and table: an application that has not noticed the new trigger yet logs its rows itself. Its own
-- entries are there before any trigger fires. It is told to look again (IND01) rather than that a row had two entries.
create function indelible.begin_capture(
  relation oid, table_schema text, table_name text, relation_schema text, relation_name text, words text, stems text[]
) returns indelible.context
language plpgsql volatile as $$
#variable_conflict use_variable
declare
  stamp text := statement_timestamp()::text;
  judged text := current_setting('indelible.judged', true);
  -- Partitions enter their rows under the name of their table: what one has entered must not be taken for the statement's.
  family text := ' ' || md5(row (table_schema, table_name)::text) || ' ';
begin
  if judged is null or not starts_with(judged, stamp) then judged := stamp || ' '; end if;
  if strpos(judged, ' ' || relation || ' ') = 0 then
    if current_query() ~ 'indelible\.(log|"?cascade_)' and exists (
      select from indelible.entry e
      where e.tx = pg_current_xact_id()::text and e.at >= statement_timestamp() and e.op in ('insert', 'update', 'delete')
        and ((e.table_schema, e.table_name) = (table_schema, table_name) and strpos(judged, family) = 0
          or (e.table_schema, e.table_name) = (relation_schema, relation_name)
            and (relation_schema, relation_name) <> (table_schema, table_name))
    ) then
      raise exception 'indelible: %.% has a capture trigger now, and the statement logs its rows itself', table_schema, table_name
        using errcode = 'IND01';
    end if;
    perform set_config('indelible.judged', judged || relation || family, true);
  end if;
  return indelible.context_of_writer(words, stems);
end $$;

-- Whether a row has exactly the columns that its trigger was made for, and JSON objects only where it knows of them. What cannot be
-- looked into is not known, and must not fail the write.
create function indelible.is_known_row(image json, columns text[], documents text[]) returns boolean
language plpgsql stable strict set search_path = pg_catalog, pg_temp as $$
begin
  if position('\u' in image::text) > 0 and not indelible.is_readable(image) then return false; end if;
  return (
    select array_agg(key order by key collate "C") = columns
      and not coalesce(bool_or(key <> all (documents) and json_typeof(value) in ('object', 'array') and strpos(value::text, '{') > 0), false)
    from json_each(image));
end $$;

-- The row as JSON, with the values of virtual columns, which a trigger sees as nulls.
create function indelible.computed_image(relation oid, value anyelement) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
declare
  fields text;
  image json;
begin
  select string_agg(format(case a.attgenerated when 'v' then '(%2$s) as %1$I' else 'x.%1$I' end,
      a.attname, pg_get_expr(d.adbin, d.adrelid)), ', ' order by a.attnum)
    into fields from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
    having bool_or(a.attgenerated = 'v');
  if fields is null then return row_to_json(value); end if;
  execute format('select row_to_json(image) from (select %s from (select ($1).*) x) image', fields) into image using value;
  return image;
end $$;

-- The redaction rules of a table as its columns are now, by the rule of createRedaction() in JavaScript.
-- policy: {words, strategy, allow: [name], own: {column: strategy | false}}
create function indelible.capture_rules(relation oid, policy jsonb) returns jsonb
language sql stable set search_path = pg_catalog, pg_temp as $$
  select jsonb_object_agg(r.name, r.rule) from (
    select a.attname as name, case
        when policy -> 'own' ? a.attname::text then nullif(policy -> 'own' ->> a.attname::text, 'false')
        when policy ->> 'words' = '' then null
        when not policy -> 'allow' ? a.attname::text and indelible.is_secret_name(a.attname::text, policy ->> 'words')
          then policy ->> 'strategy'
        when t.typtype in ('c', 'd') or e.typtype in ('c', 'd')
          or t.typname in ('json', 'jsonb', 'hstore') or e.typname in ('json', 'jsonb', 'hstore') then 'document'
      end as rule
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    left join pg_type e on e.oid = t.typelem and t.typcategory = 'A'
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped
  ) r where r.rule is not null
$$;

-- The expression of a row's key as its table is now, $1 being the row.
create function indelible.capture_key(relation oid, rules jsonb) returns text
language sql stable set search_path = pg_catalog, pg_temp as $$
  select case count(*) when 0 then 'null' when 1 then min(k.part)
    else 'concat(''['', ' || string_agg('to_json(' || k.part || '::text)', ', '','', ' order by k.position) || ', '']'')' end
  from (
    select u.position, case when coalesce(rules ->> a.attname::text, 'document') <> 'document' then '''[redacted]'''
      else format('indelible.exact_text(($1).%I)', a.attname) end as part
    from (
      select i.indkey, i.indnkeyatts from pg_index i
      where i.indrelid = relation and i.indisunique and i.indimmediate and i.indisvalid and i.indpred is null and i.indexprs is null
        and not exists (
          select from unnest(i.indkey[0:i.indnkeyatts - 1]) n (attnum)
          join pg_attribute a on a.attrelid = relation and a.attnum = n.attnum where not a.attnotnull)
      order by i.indisprimary desc, i.indexrelid limit 1
    ) i
    cross join unnest(i.indkey[0:i.indnkeyatts - 1]) with ordinality u (attnum, position)
    join pg_attribute a on a.attrelid = relation and a.attnum = u.attnum
  ) k
$$;

-- TRUNCATE tells no rows: that it happened is all there is to say.
create function indelible.capture_truncate() returns trigger
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
begin
  perform indelible.log_statement('truncate', tg_table_schema, tg_table_name, format(
    '{"verb":"TRUNCATE","reason":"TRUNCATE tells no rows","tables":[{"schema":%s,"name":%s}]}',
    to_json(tg_table_schema::text), to_json(tg_table_name::text))::json, indelible.context_of_writer(null, null));
  return null;
end $$;

revoke all on function
  indelible.require_captured, indelible.carried, indelible.carry, indelible.context_of_writer, indelible.begin_capture, indelible.is_known_row,
  indelible.computed_image, indelible.capture_rules, indelible.capture_key, indelible.capture_truncate
from public;
