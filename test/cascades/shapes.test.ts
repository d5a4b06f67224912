import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type AuditedSession,
  type CascadeDatabase,
  createCascadeDatabase,
} from './support/audited-sessions.ts'

let cascade: CascadeDatabase
let session: AuditedSession

beforeAll(async () => {
  cascade = await createCascadeDatabase()
  session = await cascade.session()
})

afterAll(() => cascade.close())

interface Shape {
  readonly tables: string
  readonly rows: string
  readonly statement: string
  readonly entries: number
}

/** Runs a statement without and with RETURNING, each on fresh rows, against the oracle. Nothing may be left to announce. */
async function check({ tables, rows, statement, entries: count }: Shape) {
  await cascade.create(tables)
  for (const returning of ['', ' returning *']) {
    await cascade.database.query(rows)
    const { entries } = await cascade.oracle.check(() => session.query(statement + returning))
    expect(entries.filter(({ op }) => op === 'statement')).toEqual([])
    expect(entries).toHaveLength(count)
  }
}

test('one level: the rows that a cascade deletes', () =>
  check({
    tables: `create table a_user (id int primary key, name text);
      create table a_post (id int primary key, author int references a_user on delete cascade, title text)`,
    rows: `truncate a_user cascade; insert into a_user values (1, 'x'), (2, 'y');
      insert into a_post select i, 1 + i % 2, 't' from generate_series(1, 5) i`,
    statement: 'delete from a_user where id = 1',
    entries: 3,
  }))

test('each entry names the row that caused it', async () => {
  await cascade.create(`
    create table b_user (id int primary key);
    create table b_post (id int primary key, author int references b_user on delete cascade);
    create table b_like (post int references b_post on delete cascade, n int, primary key (post, n));
    insert into b_user values (1); insert into b_post values (10, 1); insert into b_like values (10, 1)`)
  const { entries } = await cascade.oracle.check(() => session.query('delete from b_user where id = $1', [1]))
  expect(entries.map(({ table, key, cause }) => ({ table, key, cause }))).toEqual([
    { table: 'public.b_user', key: '1', cause: null },
    { table: 'public.b_post', key: '10', cause: { schema: 'public', table: 'b_user', key: '1' } },
    { table: 'public.b_like', key: '["10","1"]', cause: { schema: 'public', table: 'b_post', key: '10' } },
  ])
})

test('SET NULL and SET DEFAULT: the columns from what to what', () =>
  check({
    tables: `create table c_user (id int primary key);
      create table c_post (id int primary key, author int references c_user on delete set null, editor int default 9 references c_user on delete set default)`,
    rows: `truncate c_user cascade; insert into c_user values (1), (2), (9); insert into c_post values (1, 1, 2), (2, 2, 1), (3, 1, 1), (4, null, null), (5, 2, 9)`,
    statement: 'delete from c_user where id = 1',
    entries: 5,
  }))

test('SET NULL of a list of columns', () =>
  check({
    tables: `create table d_user (tenant int, id int, primary key (tenant, id));
      create table d_post (id int primary key, tenant int not null, author int,
        foreign key (tenant, author) references d_user on delete set null (author))`,
    rows: `truncate d_user cascade; insert into d_user values (1, 1), (1, 2); insert into d_post values (1, 1, 1), (2, 1, 2), (3, 1, null)`,
    statement: 'delete from d_user where id = 1',
    entries: 2,
  }))

test('generated columns of a child follow', () =>
  check({
    tables: `create table e_user (id int primary key);
      create table e_post (id int primary key, author int references e_user on delete set null, "Title" text,
        label text generated always as (coalesce(author::text, 'nobody') || ' ' || "Title") stored)`,
    rows: `truncate e_user cascade; insert into e_user values (1); insert into e_post values (1, 1, 'a'), (2, null, 'b')`,
    statement: 'delete from e_user',
    entries: 2,
  }))

test('more generated columns of a child than a function takes arguments', () => {
  const columns = Array.from({ length: 60 }, (_, n) => `g${n} int generated always as (author + ${n}) stored`)
  return check({
    tables: `create table ea_user (id int primary key);
      create table ea_post (id int primary key, author int references ea_user on delete set null, f text, ${columns.join(', ')})`,
    rows: 'truncate ea_user cascade; insert into ea_user values (1); insert into ea_post (id, author) values (1, 1)',
    statement: 'delete from ea_user',
    entries: 2,
  })
})

test('two levels, a diamond and two keys to one parent', () =>
  check({
    tables: `create table f_user (id int primary key);
      create table f_post (id int primary key, author int references f_user on delete cascade, editor int references f_user on delete cascade);
      create table f_note (id int primary key, author int references f_user on delete cascade, post int references f_post on delete cascade)`,
    rows: `truncate f_user cascade; insert into f_user values (1), (2); insert into f_post values (1, 1, 1), (2, 1, 2), (3, 2, 1), (4, 2, 2);
      insert into f_note select i, 1 + i % 2, 1 + i % 4 from generate_series(1, 12) i`,
    statement: 'delete from f_user where id = 1',
    entries: 1 + 3 + 9,
  }))

test('several parents in one statement', () =>
  check({
    tables: `create table g_user (id int primary key);
      create table g_post (id int primary key, author int references g_user on delete cascade, editor int references g_user on delete cascade);
      create table g_note (id int primary key, post int references g_post on delete cascade)`,
    rows: `truncate g_user cascade; insert into g_user values (1), (2), (3); insert into g_post values (1, 1, 2), (2, 2, 2), (3, 2, 1), (4, 3, 3);
      insert into g_note select i, 1 + i % 4 from generate_series(1, 8) i`,
    statement: 'delete from g_user where id < 3',
    entries: 2 + 3 + 6,
  }))

test('a row that loses its author and then goes with its post', () =>
  check({
    tables: `create table h_user (id int primary key);
      create table h_post (id int primary key, author int references h_user on delete cascade);
      create table h_note (id int primary key, author int references h_user on delete set null, post int references h_post on delete cascade)`,
    rows: `truncate h_user cascade; insert into h_user values (1), (2); insert into h_post values (1, 1), (2, 2);
      insert into h_note values (1, 1, 1), (2, 2, 1), (3, 1, 2), (4, 2, 2)`,
    statement: 'delete from h_user where id = 1',
    entries: 1 + 1 + 2 + 2,
  }))

test('two keys of a row set to null, and what is generated from both', () =>
  check({
    tables: `create table i_user (id int primary key);
      create table i_post (id int primary key, author int references i_user on delete set null, editor int references i_user on delete set null,
        people int generated always as (coalesce(author, 0) + coalesce(editor, 0)) stored)`,
    rows: `truncate i_user cascade; insert into i_user values (1), (2); insert into i_post values (1, 1, 1), (2, 1, 2), (3, 2, 1)`,
    statement: 'delete from i_user where id = 1',
    entries: 1 + 4,
  }))

test('a tree in one table: one branch', () =>
  check({
    tables: `create table j_node (id int primary key, parent int references j_node on delete cascade)`,
    rows: `truncate j_node; insert into j_node values (1, null), (2, 1), (3, 1), (4, 2), (5, 4), (6, 6), (7, null)`,
    statement: 'delete from j_node where id = 2',
    entries: 3,
  }))

test('a tree in one table: parents and children in one statement, and a row that refers to itself', () =>
  check({
    tables: `create table k_node (id int primary key, parent int references k_node on delete cascade)`,
    rows: `truncate k_node; insert into k_node values (1, null), (2, 1), (3, 2), (4, 4), (5, 4), (6, null)`,
    statement: 'delete from k_node where id <> 6',
    entries: 5,
  }))

test('a table that refers to itself with SET NULL', () =>
  check({
    tables: `create table l_node (id int primary key, parent int references l_node on delete set null)`,
    rows: `truncate l_node; insert into l_node values (1, null), (2, 1), (3, 1), (4, 2)`,
    statement: 'delete from l_node where id = 1',
    entries: 3,
  }))

test('a cycle of tables with a cycle of rows', () =>
  check({
    tables: `create table m_a (id int primary key, b int);
      create table m_b (id int primary key, a int references m_a on delete cascade);
      alter table m_a add foreign key (b) references m_b on delete cascade`,
    rows: `truncate m_a, m_b; insert into m_a values (1, null), (2, null); insert into m_b values (1, 1), (2, 2), (3, 2);
      update m_a set b = 3 - id`,
    statement: 'delete from m_a where id = 1',
    entries: 5,
  }))

test('composite keys, nulls in them, and a key that is not the primary one', () =>
  check({
    tables: `create table n_user (id int primary key, tenant int, code text, unique (tenant, code));
      create table n_post (id int primary key, tenant int, author text, foreign key (tenant, author) references n_user (tenant, code) on delete cascade)`,
    rows: `truncate n_user cascade; insert into n_user values (1, 1, 'a'), (2, 1, 'b'), (3, null, 'a'); insert into n_post values (1, 1, 'a'), (2, 1, null), (3, null, 'a'), (4, null, null), (5, 1, 'b')`,
    statement: 'delete from n_user where id <> 2',
    entries: 3,
  }))

test('tables of several schemas, hostile names and a child without a key', () =>
  check({
    tables: `create schema "o ""x"; create table "o ""x"."us'er" ("i d" int primary key);
      create schema o2; create table o2."po$indelible$st" (author int references "o ""x"."us'er" on delete cascade, "__o" text, context text, rules int)`,
    rows: `truncate "o ""x"."us'er" cascade; insert into "o ""x"."us'er" values (1); insert into o2."po$indelible$st" values (1, 'a', 'b', 3), (1, 'a', 'b', 3), (null, 'a', 'b', 3)`,
    statement: `delete from "o ""x"."us'er"`,
    entries: 3,
  }))

test('keys of many types', async () => {
  const types = [
    'bigint',
    'numeric',
    'text',
    'varchar(20)',
    'char(8)',
    'uuid',
    'date',
    'timestamptz',
    'bytea',
    'int[]',
    'inet',
    'p_mood',
    'p_code',
  ]
  await cascade.database.query(
    "create type p_mood as enum ('ok', 'bad'); create domain p_code as text not null check (value <> '')",
  )
  const values = [
    '5',
    '5.50',
    "'ä\\b'",
    "'v'",
    "'c'",
    "'00000000-0000-0000-0000-000000000001'",
    "'2020-02-03'",
    "'2020-02-03 04:05:06.7+01'",
    "'\\x00ff'",
    "'{1,2}'",
    "'10.0.0.1'",
    "'bad'",
    "'z'",
  ]
  for (const [at, type] of types.entries()) {
    await check({
      tables: `create table p_${at} (id ${type} primary key, other p_code);
        create table p_child_${at} (id int primary key, p ${type === 'p_code' ? 'text' : type} references p_${at} on delete cascade on update cascade)`,
      rows: `truncate p_${at} cascade; insert into p_${at} values (${values[at]}, 'o'); insert into p_child_${at} values (1, ${values[at]})`,
      statement: `delete from p_${at}`,
      entries: 2,
    })
  }
})

test('a foreign key between different types', () =>
  check({
    tables: `create table q_user (id bigint primary key);
      create table q_post (id int primary key, author int references q_user on delete cascade on update cascade)`,
    rows: `truncate q_user cascade; insert into q_user values (1); insert into q_post values (1, 1)`,
    statement: 'update q_user set id = 5',
    entries: 2,
  }))

test('ON UPDATE CASCADE over two levels, where the key of the child changes too', () =>
  check({
    tables: `create table r_user (id int primary key, name text);
      create table r_post (author int references r_user on update cascade, n int, primary key (author, n));
      create table r_note (id int primary key, author int, n int, foreign key (author, n) references r_post on update cascade)`,
    rows: `truncate r_user cascade; insert into r_user values (1, 'a'), (2, 'b'); insert into r_post values (1, 1), (1, 2), (2, 1); insert into r_note values (1, 1, 1), (2, 1, 1), (3, 2, 1), (4, null, 1)`,
    statement: 'update r_user set id = id + 10, name = name where id = 1',
    entries: 1 + 2 + 2,
  }))

test('ON UPDATE SET NULL and SET DEFAULT, several rows, descending', () =>
  check({
    tables: `create table s_user (id int primary key);
      create table s_post (id int primary key, a int references s_user on update set null, b int default 0 references s_user on update set default, c int references s_user on update cascade)`,
    rows: `truncate s_user cascade; insert into s_user values (0), (3), (2), (1); insert into s_post values (1, 1, 2, 3), (2, 3, 3, 3), (3, 0, 0, 0)`,
    statement: 'update s_user set id = id + 1 where id > 0',
    entries: 3 + 6,
  }))

test('an update that leaves the key as it was causes nothing', () =>
  check({
    tables: `create table t_user (id int primary key, name text);
      create table t_post (id int primary key, author int references t_user on update cascade)`,
    rows: `truncate t_user cascade; insert into t_user values (1, 'a'); insert into t_post values (1, 1)`,
    statement: `update t_user set id = 1, name = 'b'`,
    entries: 1,
  }))

test('an upsert that changes a referenced key', () =>
  check({
    tables: `create table u_user (id int primary key, email text unique);
      create table u_post (id int primary key, author text references u_user (email) on update cascade)`,
    rows: `truncate u_user cascade; insert into u_user values (1, 'a'), (2, 'b'); insert into u_post values (1, 'a'), (2, 'a'), (3, 'b')`,
    statement: `insert into u_user values (1, 'c'), (3, 'd') on conflict (id) do update set email = excluded.email`,
    entries: 4,
  }))

test('a partitioned child, a partitioned parent, and a delete from a partition itself', async () => {
  const tables = (
    name: string,
  ) => `create table ${name}_user (region text, id int, primary key (region, id)) partition by list (region);
    create table ${name}_user_eu partition of ${name}_user for values in ('eu'); create table ${name}_user_us partition of ${name}_user for values in ('us');
    create table ${name}_post (region text, id int, author int, at text default 'x', primary key (region, id), foreign key (region, author) references ${name}_user on delete cascade on update cascade) partition by list (region);
    create table ${name}_post_eu partition of ${name}_post for values in ('eu');
    create table ${name}_post_us (at text, author int, id int not null, region text not null);
    alter table ${name}_post attach partition ${name}_post_us for values in ('us');
    create table ${name}_note (id int primary key, region text, post int, foreign key (region, post) references ${name}_post on delete set null on update cascade)`
  const rows = (
    name: string,
  ) => `truncate ${name}_user cascade; insert into ${name}_user values ('eu', 1), ('us', 1), ('eu', 2);
    insert into ${name}_post values ('eu', 1, 1), ('us', 1, 1), ('eu', 2, 2); insert into ${name}_note values (1, 'eu', 1), (2, 'us', 1), (3, 'eu', 2)`
  await check({
    tables: tables('va'),
    rows: rows('va'),
    statement: 'delete from va_user where id = 1',
    entries: 6,
  })
  await check({
    tables: tables('vb'),
    rows: rows('vb'),
    statement: 'update vb_user set id = 9 where id = 1',
    entries: 4,
  })
  await cascade.database.query(`${tables('vc')}; ${rows('vc')}`)
  await cascade.create('select 1')
  await cascade.oracle.ignore('vc_user')
  const before = await cascade.database.query<{ n: number }>('select count(*)::int as n from indelible.entry')
  await session.query('delete from vc_user_eu where id = 1')
  const entries = await cascade.database.query(
    'select op, table_name from indelible.entry order by id offset $1',
    [before[0]?.n],
  )
  expect(entries).toEqual([
    { op: 'delete', table_name: 'vc_user_eu' },
    { op: 'delete', table_name: 'vc_post' },
    { op: 'update', table_name: 'vc_note' },
  ])
})

test('children whose AFTER triggers write elsewhere', () =>
  check({
    tables: `create table w_user (id int primary key); create table w_log (n int generated always as identity primary key, t text);
      insert into oracle.ignored values ('w_log');
      create table w_post (id int primary key, author int references w_user on delete cascade);
      create function w_note() returns trigger language plpgsql as $$ begin insert into w_log (t) values (old::text); return null; end $$;
      create trigger w_note after delete on w_post for each row execute function w_note()`,
    rows: `truncate w_user cascade; insert into w_user values (1); insert into w_post values (1, 1), (2, 1)`,
    statement: 'delete from w_user',
    entries: 3,
  }))

test('a deferred constraint acts at once all the same, and a disabled one does nothing', () =>
  check({
    tables: `create table x_user (id int primary key);
      create table x_post (id int primary key, author int references x_user on delete cascade deferrable initially deferred);
      create table x_note (id int primary key, author int references x_user on delete cascade);
      alter table x_user disable trigger all;
      alter table x_user enable trigger all;
      do $$ begin execute (select format('alter table x_user disable trigger %I', tgname) from pg_trigger t join pg_constraint c on c.oid = tgconstraint
        where tgrelid = 'x_user'::regclass and conname = 'x_note_author_fkey' and tgfoid = 1646); end $$`,
    rows: `truncate x_user cascade; insert into x_user values (1); insert into x_post values (1, 1); insert into x_note values (1, 1)`,
    statement: 'delete from x_user',
    entries: 2,
  }))

test('a RESTRICT elsewhere undoes all of it', async () => {
  await cascade.create(`create table y_user (id int primary key);
    create table y_post (id int primary key, author int references y_user on delete cascade);
    create table y_note (id int primary key, author int references y_user on delete restrict);
    insert into y_user values (1); insert into y_post values (1, 1); insert into y_note values (1, 1)`)
  const { entries } = await cascade.oracle.check(() =>
    expect(session.query('delete from y_user')).rejects.toMatchObject({
      code: expect.stringMatching(/^23(001|503)$/),
    }),
  )
  expect(entries).toEqual([])
})

test('a delete of thousands of rows in a diamond', () =>
  check({
    tables: `create table z_user (id int primary key);
      create table z_post (id int primary key, author int references z_user on delete cascade);
      create index on z_post (author);
      create table z_note (id int primary key, author int references z_user on delete cascade, post int references z_post on delete cascade);
      create index on z_note (author); create index on z_note (post)`,
    rows: `truncate z_user cascade; insert into z_user select generate_series(1, 3); insert into z_post select i, 1 + i % 3 from generate_series(1, 300) i;
      insert into z_note select i, 1 + i % 3, 1 + i % 300 from generate_series(1, 3000) i`,
    statement: 'delete from z_user where id = 1',
    entries: 1 + 100 + 2000,
  }))
