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

revoke all on function indelible.exact_json, indelible.exact_text from public;
