import { quoteIdentifier } from '../../packages/core/src/sql/quote.ts'
import type { Random } from '../sql/random.ts'

/** Makes the application's own triggers of a table, where it has some. */
export function triggersOf(random: Random, table: string, compared: boolean): readonly string[] {
  return [
    ...(random.below(4) === 0 ? changing(table) : []),
    ...(compared && random.below(3) === 0 ? writing(table) : []),
    ...(random.below(8) === 0 ? watching(table) : []),
  ]
}

/** Changes a column that no statement names, and sometimes suppresses the row. */
function changing(table: string): readonly string[] {
  const name = quoteIdentifier(`before ${table}`)
  return [
    `create function ${name}() returns trigger language plpgsql as $$ begin
      if tg_op = 'UPDATE' and new.counted = 13 then return null; end if;
      new.counted := coalesce(new.counted, 0) + 1; return new; end $$`,
    `create trigger t before insert or update on ${table} for each row execute function ${name}()`,
  ]
}

/** Writes a row that no statement names. It comes behind the oracle's trigger, which takes a statement's first row for one it names. */
function writing(table: string): readonly string[] {
  const name = quoteIdentifier(`after ${table}`)
  return [
    `create table if not exists noted (verb text, n int)`,
    `create function ${name}() returns trigger language plpgsql as $$ begin
      insert into noted values (tg_op, 1); return null; end $$`,
    `create trigger zzz after insert or update or delete on ${table} for each row execute function ${name}()`,
  ]
}

/** Looks at the row and does nothing. */
function watching(table: string): readonly string[] {
  const name = quoteIdentifier(`watch ${table}`)
  return [
    `create function ${name}() returns trigger language plpgsql as $$ begin
      perform row_to_json(old), row_to_json(new); return null; end $$`,
    `create trigger w after insert or update or delete on ${table} for each row execute function ${name}()`,
  ]
}
