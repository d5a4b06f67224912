/** Row triggers that write the same entries through the same function; the context comes through a transaction-local setting. */
export const rowTriggers = `
  create function bench_log() returns trigger language plpgsql as $$
  declare
    context indelible.context := nullif(current_setting('indelible.context', true), '')::indelible.context;
  begin
    if tg_op = 'INSERT' then
      perform indelible.log('insert', tg_table_schema, tg_table_name, new.id::text, null, row_to_json(new), context);
    elsif tg_op = 'UPDATE' then
      perform indelible.log('update', tg_table_schema, tg_table_name, old.id::text, row_to_json(old), row_to_json(new), context);
    else
      perform indelible.log('delete', tg_table_schema, tg_table_name, old.id::text, row_to_json(old), null, context);
    end if;
    return null;
  end $$;
  create trigger bench_log after insert or update or delete on "Product" for each row execute function bench_log();
  create trigger bench_log after insert or update or delete on "Customer" for each row execute function bench_log();
  create trigger bench_log after insert or update or delete on "Order" for each row execute function bench_log()`

/** How many fields the type `indelible.context` has: all but the first five concern redaction, which the triggers do without. */
export const countContextFields = `
  select count(*)::integer as fields from pg_attribute
  where attrelid = 'indelible.context'::regclass and attnum > 0 and not attisdropped`

/** The context of one write, as text of the type `indelible.context`. */
export function triggerContext(actor: string, correlationId: string, fields: number): string {
  const context = JSON.stringify({ actor: { id: actor, type: 'user' }, correlationId })
  return `("${actor}","user",,"${correlationId}","${context.replaceAll('"', '""')}"${','.repeat(fields - 5)})`
}
