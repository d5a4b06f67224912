-- Values look the same in the trail, whatever a session is set to.

-- Settings of the session change how some values look, and under others such a text may be read as another value: '01/02/2026',
-- '-3 04:05:06', the name of a table without its schema. The trail holds what every session with default settings reads as the same value.
create function indelible.exact_json(value anyelement) returns json
language plpgsql stable set search_path = pg_catalog, pg_temp
  set datestyle = 'ISO' set intervalstyle = 'postgres' set bytea_output = 'hex' set extra_float_digits = 1 set quote_all_identifiers = off as $$
begin
  return to_json(value);
end $$;

-- The same of a part of a key, by which a row is found again: moments are told in UTC, so that a row has one key.
create function indelible.exact_text(value anyelement) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp
  set datestyle = 'ISO' set intervalstyle = 'postgres' set bytea_output = 'hex' set extra_float_digits = 1 set quote_all_identifiers = off set timezone = 'UTC' as $$
begin
  return value::text;
end $$;

-- The expression of a row's key as its table is now, $1 being the row.
create or replace function indelible.capture_key(relation oid, rules jsonb) returns text
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

-- Whether a row has exactly the columns that its trigger was made for, and JSON objects only where it knows of them. What cannot be
-- looked into is not known, and must not fail the write.
create or replace function indelible.is_known_row(image json, columns text[], documents text[]) returns boolean
language plpgsql stable strict set search_path = pg_catalog, pg_temp as $$
begin
  if position('\u' in image::text) > 0 and not indelible.is_readable(image) then return false; end if;
  return (
    select array_agg(key order by key collate "C") = columns
      and not coalesce(bool_or(key <> all (documents) and json_typeof(value) in ('object', 'array') and strpos(value::text, '{') > 0), false)
    from json_each(image));
end $$;

revoke all on function indelible.exact_json, indelible.exact_text from public;
