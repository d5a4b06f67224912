import { exactForms, type Form, recordedForms, send, sendInTransaction } from './forms.ts'

/** The tables of these forms. */
export const statementTables = `
create table thing (id int primary key, name text, n int default 0, tag text unique, note text);
create table tight (id int primary key, n int default 0);
create table supply (id int primary key, name text, n int);
insert into supply values (1, 'one', 100), (2, 'two', 200), (7, 'seven', 700);
create table emptied (id int primary key);
create table emptied_part (id int primary key, of int not null references emptied);
create procedure raise_all(by int) language sql as 'update thing set n = n + by';
`

/** Four rows of `thing`. */
export const refill = send(
  'delete from thing',
  `insert into thing select i, 'thing ' || i, i * 10 from generate_series(1, 4) i`,
)

const onThings = (form: Form): Form => ({ ...form, scenario: { arrange: refill, ...form.scenario } })

const ALL_BUT_THE_KEY = '`UPDATE` with a subquery, a row of values, `DEFAULT`, of all columns but the key'
const updateTight = send(
  'update tight set (n) = row (5) where id < 3',
  'update tight set (n) = (select s.n from supply s where s.id = tight.id) where id = 1',
  'update tight set n = default',
)
const refillTight = send('delete from tight', 'insert into tight select i, i from generate_series(1, 3) i')

/** Statements that are captured, by what they say. */
export const capturedStatements = exactForms(
  ['`INSERT … VALUES`', (s) => s.sql('insert into thing (id, name) values ($1, $2), (6, null)', [5, 'five'])],
  ['`INSERT … DEFAULT VALUES`', send('insert into numbered default values')],
  ['`INSERT … SELECT`', send('insert into thing (id, name, n) select id + 10, name, n from supply')],
  [
    '`INSERT … ON CONFLICT DO NOTHING`',
    send(`insert into thing (id) select id from supply on conflict do nothing returning id`),
  ],
  [
    '`INSERT … ON CONFLICT DO UPDATE`',
    send(
      `insert into thing (id, n) select id, n from supply on conflict (id) do update set n = excluded.n`,
      `insert into thing (id, n) values (1, 5), (2, 6), (8, 7) on conflict (id) do update set n = excluded.n where thing.id > 1`,
    ),
  ],
  ['`UPDATE`', (s) => s.sql('update thing set n = n + $1, name = upper(name) where id > $2', [5, 2])],
  [
    '`UPDATE … FROM`',
    send('update thing t set n = s.n, name = s.name from supply s where s.id = t.id returning t.id'),
  ],
  [
    '`UPDATE` with a subquery, a row of values, `DEFAULT`',
    send(
      'update thing set (name, n) = (select s.name, s.n from supply s where s.id = thing.id) where id < 3',
      'update thing set n = default, name = default where id in (select id from supply)',
    ),
  ],
  [ALL_BUT_THE_KEY, updateTight, { arrange: refillTight, since: 18 }],
  ['`UPDATE` of the key', send('update thing set id = id + 100 where id < 3')],
  ['`UPDATE` that changes nothing in some rows', send('update thing set n = 10')],
  ['`DELETE`', (s) => s.sql('delete from thing where id = $1 or name = $2', [1, 'thing 2'])],
  ['`DELETE … USING`', send('delete from thing t using supply s where s.id = t.id and s.n > 100')],
  [
    '`RETURNING` with expressions, aliases and `*`',
    send(
      'insert into thing (id) values (8) returning *, id + 1 as "next", upper(name)',
      `update thing set n = 50 where id = 8 returning thing.*, n * 2, 'x' as id`,
      'delete from thing t where id < 3 returning t.*, t.id as again, (select count(*) from supply)',
    ),
  ],
  [
    '`RETURNING` of `old` and `new`',
    send(
      'update thing set n = n + 1 where id < 3 returning old.n as before, new.n as after',
      'update thing set n = n + 1 where id < 3 returning with (old as o, new as n) o.n as was, n.n as is_now',
      'delete from thing where id = 1 returning old.*, new.n as none',
    ),
    { since: 18 },
  ],
  [
    '`WITH` that reads, before a write',
    send(
      'with s as (select id, n from supply) update thing set n = s.n from s where s.id = thing.id',
      'with recursive r (i) as (select 1 union all select i + 1 from r where i < 3) delete from thing using r where r.i = id',
    ),
  ],
).map(onThings)

/** Statements that are announced. */
export const announcedStatements = recordedForms(
  [
    ALL_BUT_THE_KEY,
    ['statement UPDATE tight', 'statement UPDATE tight', 'statement UPDATE tight'],
    updateTight,
    { arrange: refillTight, before: 18 },
  ],
  [
    '`UPDATE` and `DELETE … WHERE CURRENT OF` a cursor',
    ['statement UPDATE thing', 'statement DELETE thing'],
    sendInTransaction(
      'declare walker cursor for select id, n from thing order by id for update',
      'fetch next from walker',
      'update thing set n = 1 where current of walker',
      'fetch next from walker',
      'delete from thing where current of walker',
    ),
  ],
  [
    '`WITH` that writes',
    ['statement WITH emptied, thing'],
    send(
      'with gone as (delete from thing where id = 1 returning id) insert into emptied select id from gone returning id',
    ),
  ],
  [
    '`MERGE`',
    ['statement MERGE thing'],
    send(`merge into thing t using supply s on s.id = t.id when matched and t.id = 1 then delete
      when matched then update set n = s.n when not matched then insert (id, n) values (s.id, s.n)`),
  ],
  [
    '`MERGE … RETURNING`',
    ['statement MERGE thing'],
    send(`merge into thing t using supply s on s.id = t.id when matched then update set n = s.n
      when not matched then insert (id, n) values (s.id, s.n) returning merge_action(), t.id`),
    { since: 17 },
  ],
  [
    '`EXPLAIN ANALYZE` of a write',
    ['statement EXPLAIN thing'],
    // Of an INSERT: other plans depend on when the table was last analysed.
    send(
      'explain (analyze, costs off, timing off, summary off, buffers off) insert into thing (id) values (70)',
    ),
  ],
  ['`TRUNCATE`', ['truncate TRUNCATE thing'], send('truncate thing')],
  [
    '`TRUNCATE … CASCADE`',
    ['truncate TRUNCATE emptied'],
    send('truncate emptied cascade'),
    { arrange: send('insert into emptied values (100)', 'insert into emptied_part values (100, 100)') },
  ],
  [
    '`CREATE`, `ALTER`, `DROP`',
    ['ddl CREATE made', 'ddl ALTER made', 'ddl DROP made'],
    sendInTransaction('create table made (id int)', 'alter table made add n int', 'drop table made'),
  ],
  [
    '`CREATE TABLE … AS`, `SELECT … INTO`',
    ['ddl CREATE made_as', 'statement SELECT'],
    sendInTransaction('create table made_as as select * from supply', 'select * into made_into from supply'),
  ],
  [
    '`COPY … FROM`',
    ['statement COPY thing'],
    send(`copy thing (id, n) from program 'echo 9,90' with (format csv)`),
  ],
  [
    '`PREPARE` and `EXECUTE`',
    ['statement PREPARE thing', 'statement EXECUTE'],
    sendInTransaction('prepare raise as update thing set n = n + 5', 'execute raise', 'deallocate raise'),
  ],
  ['`DO`', ['statement DO'], send('do $$ begin update thing set n = n + 1; end $$')],
  ['`CALL` of a procedure', ['statement CALL'], send('call raise_all(2)')],
  [
    'several statements in one text',
    ['statement INSERT thing'],
    send('insert into thing (id) values (9); update thing set n = 3 where id < 3'),
    { notBy: ['Prisma'] },
  ],
  [
    '`SET search_path`, then a name without schema',
    ['statement UPDATE thing'],
    sendInTransaction(
      'set local search_path to public',
      'update thing set n = 77 where id = 1',
      'update public.thing set n = 78 where id = 2',
    ),
  ],
).map(onThings)
