import { exactForms, recordedForms, send } from './forms.ts'

/** The tables of these forms, and the role that sends them: it owns nothing and is named for its database. */
export const roleTables = `
create table open_row (id int primary key, n int);
create table tenant_row (id int primary key, tenant text not null, n int);
alter table tenant_row enable row level security;
create policy see on tenant_row for select using (tenant = 'a');
create policy add on tenant_row for insert with check (true);
create policy change on tenant_row for update using (true) with check (true);
create policy remove on tenant_row for delete using (true);
insert into tenant_row select i, case when i % 2 = 0 then 'b' else 'a' end, i from generate_series(1, 8) i;
create table write_only (id int primary key, n int);
insert into write_only values (1, 1), (2, 2);
create table some_columns (id int primary key, open int, closed int);
insert into some_columns values (1, 1, 1);
do $$ begin
  execute format('create role %I login', current_database() || '_app');
  execute format('grant select, insert, update, delete on open_row, tenant_row to %I', current_database() || '_app');
  execute format('grant insert, update, delete on write_only to %I', current_database() || '_app');
  execute format('grant select (id, open), update (open) on some_columns to %I', current_database() || '_app');
end $$;
`

/** What a role with few rights writes. */
export const roleForms = [
  ...exactForms(
    [
      'a role that has no right on the audit tables',
      send('insert into open_row values (1, 1)', 'update open_row set n = 2', 'delete from open_row'),
    ],
    [
      'row-level security, in a statement that reads a column',
      send('update tenant_row set n = n + 1 where id < 5', 'delete from tenant_row where id in (1, 2)'),
    ],
  ),
  ...recordedForms(
    [
      'row-level security, in a statement that reads none',
      ['statement UPDATE tenant_row', 'statement INSERT tenant_row'],
      send('update tenant_row set n = 7', `insert into tenant_row values (10, 'b', 1)`),
    ],
    [
      'tables without the right to read',
      ['statement INSERT write_only', 'statement UPDATE write_only', 'statement DELETE write_only'],
      send('insert into write_only values (3, 3)', 'update write_only set n = 9', 'delete from write_only'),
    ],
    [
      'tables of which some columns may be read',
      ['statement UPDATE some_columns'],
      send('update some_columns set open = 9 where id = 1'),
    ],
  ),
]
