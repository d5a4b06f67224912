-- The audit schema of Indelible. Append-only file: later changes come as later migrations.

create schema indelible;
comment on schema indelible is 'Indelible audit trail: append-only entries, their hash chain and its checkpoints';

create table indelible.migration (
  version integer primary key,
  name text not null,
  applied_at timestamptz not null default clock_timestamp()
);

-- The identity of this log. The first link's prev_hash commits to it, so that two logs never share a chain.
create table indelible.origin (
  log_id uuid primary key default gen_random_uuid(),
  created_at timestamptz not null default clock_timestamp(),
  only_row boolean not null default true unique check (only_row)
);
insert into indelible.origin default values;

create table indelible.entry (
  id bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  tx text not null default pg_current_xact_id()::text,
  -- insert | update | delete | truncate | statement | ddl | event. No check: it would be parsed anew for every row.
  op text not null,
  table_schema text,
  table_name text,
  row_key text,
  before json,
  after json,
  actor_id text,
  actor_type text,
  tenant text,
  correlation_id text,
  context json,
  salt uuid not null default gen_random_uuid()
);
comment on column indelible.entry.before is 'Changed columns before (update) or the whole row (delete). json, never jsonb: these bytes are hashed as stored';
comment on column indelible.entry.row_key is 'The key as text; a composite key as a JSON array of texts in key order';
create index entry_row on indelible.entry (table_schema, table_name, row_key, id);
create index entry_actor on indelible.entry (actor_id, id);
create index entry_correlation on indelible.entry (correlation_id, id) where correlation_id is not null;
create index entry_tx on indelible.entry (tx);
create index entry_at on indelible.entry using brin (at);

-- The queue to the sealer, written by the statement that writes the entry. No index: it is short-lived by design.
create table indelible.pending (
  id bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0);

create table indelible.link (
  seq bigint primary key check (seq > 0),
  entry_id bigint not null unique,
  entry_hash bytea not null check (octet_length(entry_hash) = 32),
  image_hash bytea not null check (octet_length(image_hash) = 32),
  prev_hash bytea not null check (octet_length(prev_hash) = 32),
  hash bytea not null check (octet_length(hash) = 32)
);

create table indelible.checkpoint (
  size bigint primary key check (size > 0),
  root bytea not null check (octet_length(root) = 32),
  head bytea not null check (octet_length(head) = 32),
  tree bytea not null check (octet_length(tree) % 32 = 0),
  note text not null,
  at timestamptz not null default clock_timestamp()
);
comment on column indelible.checkpoint.tree is 'Roots of the perfect subtrees, largest first: lets the sealer extend the Merkle tree without reading old links';

create function indelible.refuse_change() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'indelible.% is append-only: % refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end $$;

create trigger append_only before update or delete or truncate on indelible.origin
  for each statement execute function indelible.refuse_change();
create trigger append_only before update or delete or truncate on indelible.entry
  for each statement execute function indelible.refuse_change();
create trigger append_only before update or delete or truncate on indelible.link
  for each statement execute function indelible.refuse_change();
create trigger append_only before update or delete or truncate on indelible.checkpoint
  for each statement execute function indelible.refuse_change();
-- ALWAYS: they fire under session_replication_role = replica too.
alter table indelible.origin enable always trigger append_only;
alter table indelible.entry enable always trigger append_only;
alter table indelible.link enable always trigger append_only;
alter table indelible.checkpoint enable always trigger append_only;

-- Who, as part of what: one bind for each statement. The last four fields steer redaction and are never stored.
create type indelible.context as (
  actor_id text,
  actor_type text,
  tenant text,
  correlation_id text,
  context json,
  secret_words text,
  secret_stems text[],
  inner_pad bytea,
  outer_pad bytea
);

-- HMAC-SHA-256 (RFC 2104) from the two padded keys, which the application derives.
create function indelible.fingerprint(value text, context indelible.context) returns text
language sql immutable security definer set search_path = pg_catalog, pg_temp as $$
  select case when (context).inner_pad is null then '[redacted]'
    else 'hmac-sha256:' || encode(sha256((context).outer_pad || sha256((context).inner_pad || convert_to(value, 'UTF8'))), 'hex') end
$$;

-- The rule of secretWords() in JavaScript: names are compared word by word, whatever their spelling. ASCII rules everywhere.
create function indelible.is_secret_name(name text, words text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp as $$
  select ('_' || lower(regexp_replace(regexp_replace(regexp_replace(name collate "C",
    '([A-Z]+)([A-Z][a-z])', '\1_\2', 'g'),
    '([a-z0-9])([A-Z])', '\1_\2', 'g'),
    '[^A-Za-z0-9]+', '_', 'g')) || '_') ~ ('_(' || words || ')s?[0-9]*_')
$$;

-- Replaces the values of secret keys at any depth. Below depth 64 a subtree is replaced whole.
create function indelible.redact_keys(document json, words text, depth integer default 0) returns json
language plpgsql immutable set search_path = pg_catalog, pg_temp as $$
begin
  if depth > 64 then return '"[redacted]"'; end if;
  case json_typeof(document)
    when 'object' then
      return (select '{' || coalesce(string_agg(to_json(key)::text || ':' || case
          when json_typeof(value) = 'null' then 'null'
          when indelible.is_secret_name(key, words) then '"[redacted]"'
          when json_typeof(value) in ('object', 'array') then indelible.redact_keys(value, words, depth + 1)::text
          else value::text end, ','), '') || '}'
        from json_each(document));
    when 'array' then
      return (select '[' || coalesce(string_agg(case
          when json_typeof(value) in ('object', 'array') then indelible.redact_keys(value, words, depth + 1)::text
          else value::text end, ','), '') || ']'
        from json_array_elements(document));
    else return document;
  end case;
end $$;

-- Values of type json may hold what PostgreSQL stores but cannot read: \u0000, half a surrogate pair, a number too large.
create function indelible.is_readable(document json) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  perform document::jsonb;
  return true;
exception when untranslatable_character or invalid_text_representation or numeric_value_out_of_range or program_limit_exceeded then
  return false;
end $$;

-- Cheap tests first: most documents hold no secret key. A backslash may hide one.
create function indelible.redact_document(document json, words text, stems text[]) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
begin
  if position('\' in document::text) > 0 then
    if not indelible.is_readable(document) then return '"[withheld: unreadable]"'; end if;
    return indelible.redact_keys(document, words)::text;
  end if;
  if lower(document::text collate "C") like any (stems) and document::text collate "C" ~* ('"[^"]*(' || words || ')[^"]*"\s*:') then
    return indelible.redact_keys(document, words)::text;
  end if;
  return document::text;
end $$;

-- rules: column name -> mask | drop | fingerprint | document. What is none of these is masked.
create function indelible.redact(image json, rules jsonb, context indelible.context) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp as $$
begin
  if image is null then return null; end if;
  return (select '{' || coalesce(string_agg(case
      when not rules ? key then to_json(key)::text || ':' || value::text
      when rules ->> key = 'drop' then null
      else to_json(key)::text || ':' || case
        when json_typeof(value) = 'null' then 'null'
        when rules ->> key = 'document' then indelible.redact_document(value, context.secret_words, context.secret_stems)
        when rules ->> key = 'fingerprint' then to_json(indelible.fingerprint(value #>> '{}', context))::text
        else '"[redacted]"' end
      end, ','), '') || '}'
    from json_each(image));
end $$;

-- The columns in which two images of a row differ; null images when there are none. Both have the same keys in the same order.
create function indelible.changes(image_before json, image_after json) returns table (before json, after json)
language sql stable as $$
  select ('{' || pg_catalog.string_agg(pg_catalog.to_json(x.key)::pg_catalog.text || ':' || x.old_value::pg_catalog.text, ',') || '}')::pg_catalog.json,
         ('{' || pg_catalog.string_agg(pg_catalog.to_json(x.key)::pg_catalog.text || ':' || x.new_value::pg_catalog.text, ',') || '}')::pg_catalog.json
  from rows from (pg_catalog.json_each(image_before), pg_catalog.json_each(image_after)) as x (key, old_value, new_key, new_value)
  where x.old_value::pg_catalog.text is distinct from x.new_value::pg_catalog.text
$$;

-- Before PostgreSQL 18 the row's old image waits here, in a transaction-local setting, for indelible.log of the same row.
create function indelible.keep(row_key text, image json) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp as $$
begin
  perform set_config('indelible.kept',
    json_build_array(statement_timestamp()::text, row_key, image::text)::text, true);
  return true;
end $$;

-- Writes one entry and its place in the queue. Called by the statement that changes the row, so both live or die together.
-- operation: insert | update | delete | kept update | kept upsert (the last two take the old image from indelible.keep)
create function indelible.log(
  operation text, table_schema text, table_name text, row_key text, before json, after json,
  context indelible.context, rules jsonb default null, effects json default null
) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  kept json;
  readable boolean := true;
  entry_id bigint;
begin
  if operation = 'kept update' or operation = 'kept upsert' then
    kept := nullif(current_setting('indelible.kept', true), '')::json;
    if kept ->> 0 = statement_timestamp()::text and (operation = 'kept update' or kept ->> 1 is not distinct from row_key) then
      perform set_config('indelible.kept', '', true);
      operation := 'update';
      row_key := kept ->> 1;
      before := (kept ->> 2)::json;
    elsif operation = 'kept upsert' then
      operation := 'insert';
    else
      raise exception 'indelible: the old image of a row of %.% is missing', table_schema, table_name;
    end if;
  end if;

  if operation = 'update' and before::text = after::text then return true; end if;
  if position('\u' in concat(before, after)) > 0 then
    readable := indelible.is_readable(before) and indelible.is_readable(after);
  end if;
  if operation = 'update' and readable then
    select c.before, c.after into before, after from indelible.changes(before, after) c;
    if before is null then return true; end if;
  end if;
  if rules is not null and readable then
    before := indelible.redact(before, rules, context);
    after := indelible.redact(after, rules, context);
  elsif rules is not null then
    before := case when before is not null then '{"withheld":"an escape that PostgreSQL cannot read may hide a secret"}' end;
    after := case when after is not null then '{"withheld":"an escape that PostgreSQL cannot read may hide a secret"}' end;
  end if;

  insert into indelible.entry (op, table_schema, table_name, row_key, before, after,
      actor_id, actor_type, tenant, correlation_id, context)
    values (operation, table_schema, table_name, row_key, before, after,
      context.actor_id, context.actor_type, context.tenant, context.correlation_id, context.context)
    returning id into entry_id;
  insert into indelible.pending values (entry_id);

  if effects is not null then
    perform indelible.log_effects(operation, table_schema, table_name, effects, entry_id, context);
  end if;
  return true;
end $$;

-- The same for all rows of one statement at once: insert | update | delete. Its arrays make custom plans look cheap, so that
-- PL/pgSQL would plan anew on every call.
create function indelible.log_rows(
  operation text, table_schema text, table_name text, row_keys text[], befores json[], afters json[],
  context indelible.context, rules jsonb default null, effects json default null
) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_variable
declare
  cause bigint;
begin
  if row_keys is null then return true; end if;
  if exists (select from unnest(befores || afters) i (image) where position('\u' in i.image::text) > 0) then
    perform indelible.log(operation, table_schema, table_name, r.k, r.b, r.a, context, rules, effects)
      from unnest(row_keys, befores, afters) r (k, b, a);
    return true;
  end if;
  if operation = 'update' then
    with written as (
      insert into indelible.entry (op, table_schema, table_name, row_key, before, after,
          actor_id, actor_type, tenant, correlation_id, context)
        select operation, table_schema, table_name, r.k,
          case when rules is null then c.before else indelible.redact(c.before, rules, context) end,
          case when rules is null then c.after else indelible.redact(c.after, rules, context) end,
          context.actor_id, context.actor_type, context.tenant, context.correlation_id, context.context
        from unnest(row_keys, befores, afters) r (k, b, a)
        cross join lateral indelible.changes(r.b, r.a) c
        where c.before is not null
      returning id
    ), queued as (insert into indelible.pending select w.id from written w)
    select min(w.id) into cause from written w;
  else
    with written as (
      insert into indelible.entry (op, table_schema, table_name, row_key, before, after,
          actor_id, actor_type, tenant, correlation_id, context)
        select operation, table_schema, table_name, r.k,
          case when rules is null then r.b else indelible.redact(r.b, rules, context) end,
          case when rules is null then r.a else indelible.redact(r.a, rules, context) end,
          context.actor_id, context.actor_type, context.tenant, context.correlation_id, context.context
        from unnest(row_keys, befores, afters) r (k, b, a)
      returning id
    ), queued as (insert into indelible.pending select w.id from written w)
    select min(w.id) into cause from written w;
  end if;
  if effects is not null and cause is not null then
    perform indelible.log_effects(operation, table_schema, table_name, effects, cause, context);
  end if;
  return true;
end $$;

-- Says what no row image can say: a statement ran whose rows are unknown. details: {verb, tables, sql, reason, ...}
create function indelible.log_statement(operation text, table_schema text, table_name text, details json, context indelible.context)
returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  entry_id bigint;
begin
  -- Nothing can have changed, and the entry itself would be refused.
  if current_setting('transaction_read_only') = 'on' and pg_current_xact_id_if_assigned() is null then return false; end if;
  insert into indelible.entry (op, table_schema, table_name, after, actor_id, actor_type, tenant, correlation_id, context)
    values (operation, table_schema, table_name, details,
      context.actor_id, context.actor_type, context.tenant, context.correlation_id, context.context)
    returning id into entry_id;
  insert into indelible.pending values (entry_id);
  return true;
end $$;

-- Foreign-key actions that this write may have set off: said once for each statement and table.
create function indelible.log_effects(
  operation text, table_schema text, table_name text, effects json, cause bigint, context indelible.context
) returns void
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
declare
  statement_id text := json_build_array(statement_timestamp()::text, table_schema, table_name)::text;
begin
  if current_setting('indelible.effects', true) = statement_id then return; end if;
  perform set_config('indelible.effects', statement_id, true);
  perform indelible.log_statement('statement', table_schema, table_name, format(
    '{"verb":%s,"reason":"foreign key actions may have changed rows of these tables","tables":%s,"cause":%s}',
    to_json(upper(operation)), effects, cause)::json, context);
end $$;

-- Each row with its place in the chain, for anyone with psql.
create view indelible.trail as
  select l.seq, e.*, encode(l.prev_hash, 'hex') as prev_hash, encode(l.hash, 'hex') as hash,
    encode(l.entry_hash, 'hex') as entry_hash
  from indelible.entry e left join indelible.link l on l.entry_id = e.id;

revoke all on all functions in schema indelible from public;
