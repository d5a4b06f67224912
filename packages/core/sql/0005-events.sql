-- Events that are not row changes: logins, refusals, exports. They share the entries' table, queue and chain.

-- Writes one event and its place in the queue, in the transaction it is called in. details: {action, outcome, severity, ...},
-- redacted by the application. table_schema, table_name and row_key tell what it is about, as for an entry of that row.
create function indelible.log_event(
  table_schema text, table_name text, row_key text, details json, context indelible.context
) returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp as $$
#variable_conflict use_variable
declare
  entry_id bigint;
begin
  insert into indelible.entry (op, table_schema, table_name, row_key, after, actor_id, actor_type, tenant, correlation_id, context)
    values ('event', table_schema, table_name, row_key, details,
      context.actor_id, context.actor_type, context.tenant, context.correlation_id, context.context)
    returning id into entry_id;
  insert into indelible.pending values (entry_id);
  return entry_id;
end $$;

revoke all on function indelible.log_event from public;
