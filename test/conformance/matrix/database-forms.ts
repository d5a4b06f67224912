import { exactForms, recordedForms, send, unseenForms } from './forms.ts'

/** The tables of these forms. */
export const databaseTables = `
create table touched (id int primary key generated always as identity, by text);
create function note_touch() returns trigger language plpgsql as $$ begin
  insert into touched (by) values (tg_op); return null; end $$;
create function touch(who text) returns text language sql as 'insert into touched (by) values (who) returning by';

create table stamped (id int primary key, name text, changes int default 0);
create function stamp() returns trigger language plpgsql as $$ begin
  new.name := upper(new.name); if tg_op = 'UPDATE' then new.changes := old.changes + 1; end if; return new; end $$;
create trigger stamp before insert or update on stamped for each row execute function stamp();

create table kept (id int primary key, n int);
create function refuse_even() returns trigger language plpgsql as $$ begin
  if coalesce(new.id, old.id) % 2 = 0 then return null; end if;
  if tg_op = 'DELETE' then return old; end if; return new; end $$;
create trigger refuse_even before insert or update or delete on kept for each row execute function refuse_even();

create table followed (id int primary key, n int);
create trigger zzz_follow after insert or update or delete on followed for each row execute function note_touch();
create table counted (id int primary key, n int);
create trigger zzz_count_all after insert or update or delete on counted for each statement execute function note_touch();
create table late (id int primary key, n int);
create constraint trigger zzz_follow_late after insert on late deferrable initially deferred
  for each row execute function note_touch();
create table corrected (id int primary key, n int);
create function correct() returns trigger language plpgsql as $$ begin
  update corrected set n = 0 where id = new.id and n < 0; return null; end $$;
create trigger zzz_correct after insert on corrected for each row execute function correct();

create table base_row (id int primary key, n int);
create view joined as select b.id, b.n, s.name from base_row b left join supply s on s.id = b.id;
create function write_base() returns trigger language plpgsql as $$ begin
  insert into base_row values (new.id, new.n); return new; end $$;
create trigger instead instead of insert on joined for each row execute function write_base();
create table ruled (id int primary key, n int);
create rule elsewhere as on insert to ruled do instead insert into base_row values (new.id, new.n);
create table also_ruled (id int primary key, n int);
create rule beside as on insert to also_ruled do also insert into touched (by) values ('rule');

create table root (id int primary key);
create table cascading (id int primary key, root int references root on delete cascade on update cascade);
create table cascading_leaf (id int primary key, of int references cascading on delete cascade);
create table nulling (id int primary key, root int references root on delete set null on update set null);
create table defaulting (id int primary key, root int default 0 references root on delete set default on update set default);
insert into root values (0);
`

/** What the database does to the rows of a statement before it writes them. */
export const capturedByDatabase = exactForms(
  [
    '`BEFORE` triggers that change the row',
    send(
      `insert into stamped (id, name) values (1, 'a'), (2, 'b')`,
      `update stamped set name = 'c' where id = 1`,
      `insert into stamped (id, name) values (1, 'd'), (3, 'e') on conflict (id) do update set name = excluded.name`,
      'delete from stamped',
    ),
  ],
  [
    '`BEFORE` triggers that suppress the row',
    send(
      'insert into kept values (1, 1), (2, 1), (3, 1)',
      'update kept set n = n + 1',
      'delete from kept where id < 3',
    ),
  ],
)

/**
 * Foreign key actions. The statement's own rows are captured; what it is measured as depends on the rows that the actions change.
 */
export const foreignKeyActions = exactForms(
  [
    '`ON DELETE CASCADE`',
    send('delete from root where id in (1, 2)'),
    {
      arrange: send(
        'insert into root values (1), (2)',
        'insert into cascading values (10, 1), (11, 1), (20, 2)',
        'insert into cascading_leaf values (100, 10), (101, 10), (200, 20)',
      ),
    },
  ],
  [
    '`ON DELETE SET NULL`',
    send('delete from root where id = 3'),
    { arrange: send('insert into root values (3)', 'insert into nulling values (30, 3), (31, 3)') },
  ],
  [
    '`ON DELETE SET DEFAULT`',
    send('delete from root where id = 4'),
    { arrange: send('insert into root values (4)', 'insert into defaulting values (40, 4), (41, 4)') },
  ],
  [
    '`ON UPDATE CASCADE`, `SET NULL`, `SET DEFAULT`',
    send('update root set id = 500 where id = 5'),
    {
      arrange: send(
        'insert into root values (5)',
        'insert into cascading values (50, 5)',
        'insert into nulling values (50, 5)',
        'insert into defaulting values (50, 5)',
      ),
    },
  ],
)

/** What the database writes in place of the statement, or beside it, and is announced. */
export const announcedByDatabase = recordedForms(
  [
    '`INSTEAD OF` triggers of views',
    ['statement INSERT joined'],
    send('insert into joined values (1, 1)'),
    { unnamed: ['base_row'] },
  ],
  [
    'rules: `DO INSTEAD`',
    ['statement INSERT ruled'],
    send('insert into ruled values (2, 2)'),
    { unnamed: ['base_row'] },
  ],
  [
    'rules: `DO ALSO`',
    ['statement INSERT also_ruled'],
    send('insert into also_ruled values (2, 2)'),
    { unnamed: ['touched'] },
  ],
)

/** What the database writes beside a statement, and is not seen. */
export const unseenByStatement = unseenForms(
  [
    '`AFTER` triggers that write another table',
    ['insert touched'],
    send('insert into followed values (1, 1)', 'update followed set n = 2', 'delete from followed'),
    { detail: 'for each row' },
  ],
  [
    '`AFTER` triggers that write another table',
    ['insert touched'],
    send('insert into counted values (1, 1), (2, 2)', 'delete from counted'),
    { detail: 'for each statement' },
  ],
  [
    '`AFTER` triggers that write another table',
    ['insert touched'],
    send('insert into late values (1, 1)'),
    { detail: 'deferred to the commit' },
  ],
  [
    '`AFTER` triggers that write the same table again',
    ['update corrected'],
    send('insert into corrected values (1, -1), (2, 2)'),
  ],
  ['functions that write, called by `SELECT`', ['insert touched'], send(`select touch('select')`)],
  [
    'functions that write, called by a write',
    ['insert touched'],
    send(`insert into base_row select 100, length(touch('insert'))`),
  ],
)
