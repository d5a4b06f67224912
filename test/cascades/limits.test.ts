import { fromPgPool, migrate, readStatus, refreshCascades, requireSchema } from '@indelible/core'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { untilOneWaits } from '../support/lock-waiters.ts'
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

const parentAndChild = (name: string, more = '') => `
  create table ${name} (id int primary key); create table ${name}_child (id int primary key, p int references ${name} on delete cascade on update cascade${more});
  insert into ${name} values (1), (2); insert into ${name}_child (id, p) values (1, 1), (2, 2)`

/** Runs a statement; what it may have changed must be announced, with no entry of a caused change. */
async function expectAnnounced(statement: string, tables: readonly string[]) {
  const { entries } = await cascade.oracle.check(() => session.query(statement))
  expect(entries.filter(({ cause }) => cause !== null)).toEqual([])
  const said = entries
    .filter(({ op }) => op === 'statement')
    .flatMap(({ after }) => JSON.parse(after ?? '{}').tables)
  expect(new Set(said.map(({ name }: { readonly name: string }) => name))).toEqual(new Set(tables))
}

async function expectFollowed(statement: string, caused: number) {
  const { entries } = await cascade.oracle.check(() => session.query(statement))
  expect(entries.filter(({ op }) => op === 'statement')).toEqual([])
  expect(entries.filter(({ cause }) => cause !== null)).toHaveLength(caused)
}

test('a BEFORE trigger that may refuse a child is announced, and what lies behind it', async () => {
  await cascade.create(`${parentAndChild('a')};
    create table a_grandchild (id int primary key, p int references a_child on delete cascade); insert into a_grandchild values (1, 1);
    create table a_sibling (id int primary key, p int references a on delete cascade); insert into a_sibling values (1, 1);
    create function keep_it() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger keep before delete on a_child for each row execute function keep_it()`)
  const { entries } = await cascade.oracle.check(() => session.query('delete from a where id = 1'))
  expect(entries.map(({ op, table }) => `${op} ${table}`)).toEqual([
    'delete public.a',
    'statement public.a',
    'delete public.a_sibling',
  ])
  expect(JSON.parse(entries[1]?.after ?? '{}').tables).toEqual([
    { schema: 'public', name: 'a_child', action: 'cascade' },
    { schema: 'public', name: 'a_grandchild', action: 'cascade' },
  ])
})

test('a rule and a volatile default are announced', async () => {
  await cascade.create(
    `${parentAndChild('b')}; create rule r as on delete to b_child where old.id = 99 do instead nothing`,
  )
  await expectAnnounced('delete from b where id = 1', ['b_child'])
  await cascade.create(`create table c (id int primary key); create sequence c_s;
    create table c_child (id int primary key, p int default nextval('c_s') references c on delete set default); insert into c values (1), (7); insert into c_child values (1, 7)`)
  await expectAnnounced('delete from c where id = 7', ['c_child'])
})

test('a key that refers to a partition, or to a table that inherits, is announced by writes above it', async () => {
  await cascade.create(`create table o (id int primary key, n int) partition by range (id);
    create table o_low partition of o for values from (0) to (100);
    create table o_child (id int primary key, o int references o_low on delete cascade on update cascade);
    create table o_grandchild (id int primary key, c int references o_child on delete cascade);
    create table q (id int primary key); create table q_heir (primary key (id)) inherits (q);
    create table q_child (id int primary key, q int references q_heir on delete cascade);
    insert into o values (1, 1), (2, 2); insert into o_child values (1, 1), (2, 2); insert into o_grandchild values (1, 1);
    insert into q_heir values (1); insert into q_child values (1, 1)`)
  await session.refresh()
  await expectAnnounced('delete from o where id = 1', ['o_child', 'o_grandchild'])
  await expectAnnounced('update o set id = 3 where id = 2', ['o_child'])
  await expectAnnounced('update o set n = 3', [])
  const { entries } = await cascade.oracle.observe(() => session.query('delete from q'))
  expect(entries.map(({ after }) => JSON.parse(after ?? '{}').tables?.[0].name)).toEqual(['q', 'q_child'])
})

test('a key that is generated, or assigned by a BEFORE trigger, is announced with what refers to it', async () => {
  await cascade.create(`
    create table r (id int primary key, a int, b int, g int generated always as (a * 2) stored unique);
    create table r_child (id int primary key, g int references r (g) on update cascade);
    create table s (id int primary key);
    create table s_child (id int primary key, s int references s on update cascade);
    create table s_grandchild (id int primary key, c int references s_child on update cascade);
    create function stay() returns trigger language plpgsql as $$ begin return new; end $$;
    create function move() returns trigger language plpgsql as $$ begin new.id := new.s + 1000; return new; end $$;
    create trigger stay before update on r_child for each row execute function stay();
    create trigger move before update on s_child for each row execute function move();
    insert into r (id, a) values (1, 1); insert into r_child values (1, 2);
    insert into s values (1); insert into s_child values (1, 1); insert into s_grandchild values (1, 1)`)
  await session.refresh()
  await expectAnnounced('update r set a = 5', ['r_child'])
  await expectAnnounced('with x as (select 6 as a) update r set a = x.a from x', ['r_child'])
  await expectAnnounced('update r set b = 5', [])
  await expectAnnounced('update s set id = 7', ['s_child', 's_grandchild'])
})

test('a key that a BEFORE trigger assigns is followed, or announced, where it changes', async () => {
  await cascade.create(`create table u (id int primary key, name text, code text unique);
    create table u_child (id int primary key, code text references u (code) on update cascade);
    create table v (id int primary key, name text, code text unique);
    create table v_child (id int primary key, code text references v (code) on update cascade, v int references v on update cascade);
    create table v_other (id int primary key, v int references v on update cascade);
    create table watched (id int primary key, name text, code text unique);
    create table watched_child (id int primary key, code text references watched (code) on update cascade);
    create function code_it() returns trigger language plpgsql as $$ begin new.code := new.name; return new; end $$;
    create trigger code before update on u for each row execute function code_it();
    create trigger code before update on v for each row execute function code_it();
    create or replace function stay() returns trigger language plpgsql as $$ begin return new; end $$;
    create trigger code before update on watched for each row execute function code_it();
    create trigger stay before update on v_child for each row execute function stay();
    create trigger stay before update on watched_child for each row execute function stay();
    insert into watched values (1, 'a', 'a'); insert into watched_child values (1, 'a');
    insert into u values (1, 'a', 'a'); insert into u_child values (1, 'a');
    insert into v values (1, 'a', 'a'); insert into v_child values (1, 'a', 1); insert into v_other values (1, 1)`)
  const strict = await cascade.session({ onUncaptured: 'throw' })
  await session.refresh()
  for (const [at, { query }] of [session, strict].entries()) {
    for (const returning of ['', ' returning id']) {
      const name = `b${at}${returning}`
      const { entries } = await cascade.oracle.check(async () => {
        await query(`update u set name = '${name}' where id = 1${returning}`)
        await query(`update v set name = '${name}' where id = 1${returning}`)
        await query(`update watched set name = '${name}' where id = 1${returning}`)
      })
      expect(entries.map(({ op, table }) => `${op} ${table}`)).toEqual([
        'update public.u',
        'update public.u_child',
        'update public.v',
        'statement public.v',
        'update public.watched',
        'statement public.watched',
      ])
    }
  }
  const { entries } = await cascade.oracle.check(() =>
    session.query("update v set id = id, name = 'z' where id = 1"),
  )
  expect(entries.map(({ op, table }) => `${op} ${table}`)).toEqual(['update public.v', 'statement public.v'])
})

test.runIf(inject('postgresMajor') >= 18)('a foreign key that is not enforced does nothing', async () => {
  await cascade.create(`create table t (id int primary key);
    create table t_child (id int primary key, t int references t on delete cascade on update cascade not enforced);
    insert into t values (1), (2); insert into t_child values (1, 1)`)
  const strict = await cascade.session({ onUncaptured: 'throw' })
  const { entries } = await cascade.oracle.check(() => strict.query('delete from t where id = 1'))
  expect(entries.map(({ op, table }) => `${op} ${table}`)).toEqual(['delete public.t'])
})

test('a schema change that nobody has refreshed for is announced, until somebody does', async () => {
  await cascade.create(parentAndChild('d'))
  await expectFollowed('delete from d where id = 1', 1)
  await cascade.database.query(
    'create table d_late (id int primary key, p int references d on delete cascade); insert into d_late values (1, 2)',
  )
  await cascade.oracle.watch()
  await session.refresh()
  const audit = fromPgPool(cascade.database.pool)
  const { outdatedCascades } = await readStatus(audit)
  const stale = { schema: 'public', table: 'd', state: 'stale' }
  expect(outdatedCascades).toEqual([
    { ...stale, verb: 'delete' },
    { ...stale, verb: 'update' },
  ])
  await cascade.database.query('begin; insert into d values (3); insert into d_child values (3, 3); commit')
  await expectAnnounced('delete from d where id = 3', ['d_child', 'd_late'])
  expect((await refreshCascades(audit)).made).toHaveLength(2)
  expect((await readStatus(audit)).outdatedCascades).toEqual([])
  await session.refresh()
  await expectFollowed('delete from d where id = 2', 2)
  expect(await refreshCascades(audit)).toEqual({ made: [], dropped: [] })
})

test.each<[what: string, change: string]>([
  [
    'another action',
    'alter table e_child drop constraint e_child_p_fkey; alter table e_child add foreign key (p) references e on delete set null',
  ],
  [
    'a BEFORE trigger',
    'create function quiet() returns trigger language plpgsql as $$ begin return null; end $$; create trigger q before delete on e_child for each row execute function quiet()',
  ],
  ['another column', 'alter table e_child add password text'],
  ['another name of a column', 'alter table e_child rename p to parent'],
  ['row-level security', 'alter table e_child enable row level security'],
  ['a rule', 'create rule r as on delete to e_child where old.id = 99 do instead nothing'],
  ['a disabled action', 'alter table e disable trigger all; alter table e enable trigger zz_oracle'],
  ['a default of its type', 'alter domain e_key set default 5; insert into e values (5)'],
  ['another name of its type', 'alter domain e_key rename to e_code'],
  ['another schema of its type', 'create schema e_types; alter domain e_key set schema e_types'],
  ['another name of what a default calls', 'alter function e_next rename to e_more'],
  ['a child that is gone', 'drop table e_child'],
  [
    'a child that was made anew',
    'drop table e_child; create table e_child (id int primary key, p int references e on delete cascade)',
  ],
])('%s between the catalog and the statement: no wrong entry', async (_, change) => {
  await cascade.database.query(`drop table if exists e, e_child, e_note; drop function if exists quiet, e_next, e_more;
    drop domain if exists e_key, e_code; drop schema if exists e_types cascade`)
  await cascade.create(`create domain e_key as int; create function e_next(n int) returns int language sql immutable as 'select n + 1';
    create table e (id int primary key);
    create table e_child (id int primary key, p e_key references e on delete cascade on update set default, next int generated always as (e_next(p)) stored);
    create table e_note (id int primary key, p e_key references e on delete set default);
    insert into e values (1), (2); insert into e_child (id, p) values (1, 1), (2, 2); insert into e_note values (2, 2)`)
  await session.refresh()
  await expectFollowed('delete from e where id = 1', 1)
  await cascade.database.query(change)
  const { entries } = await cascade.oracle.check(() => session.query('delete from e where id = 2'))
  expect(entries.filter(({ cause }) => cause !== null)).toEqual([])
})

test('a migration that is under way is awaited', async () => {
  await cascade.create(parentAndChild('f'))
  await session.refresh()
  const migration = await cascade.database.pool.connect()
  await migration.query(`begin; create function f_quiet() returns trigger language plpgsql as $$ begin return null; end $$;
    create trigger q before delete on f_child for each row execute function f_quiet()`)
  const running = cascade.oracle.check(() => session.query('delete from f where id = 1'))
  await untilOneWaits(cascade.database)
  await migration.query('commit')
  migration.release()
  const { entries } = await running
  expect(entries.map(({ op }) => op)).toEqual(['delete', 'statement'])
})

test('a function that nothing needs any more is out of use at once, and dropped by the next refresh', async () => {
  await cascade.create(parentAndChild('n'))
  await session.refresh()
  const audit = fromPgPool(cascade.database.pool)
  // What earlier tests have left.
  await refreshCascades(audit)
  await cascade.database.query('alter table n_child drop constraint n_child_p_fkey')
  const { dropped } = await refreshCascades(audit)
  expect(dropped).toHaveLength(4)
  // This session has not read the catalog again.
  await expectAnnounced('delete from n where id = 1', ['n_child'])
  await session.refresh()
  await expectFollowed('delete from n where id = 2', 0)
  expect((await refreshCascades(audit)).dropped).toEqual(dropped)
  expect((await refreshCascades(audit)).dropped).toEqual([])
})

test('an edited function is a finding; so is one without its protection', async () => {
  await cascade.create(parentAndChild('g'))
  const audit = fromPgPool(cascade.database.pool)
  await expect(requireSchema(audit)).resolves.toBeUndefined()
  const [made] = await cascade.database.query<{ name: string; definition: string }>(`
    select oid::regprocedure::text as name, pg_get_functiondef(oid) as definition from pg_proc where proname ~ '^cascade_delete_g_.*_actions$'`)
  await cascade.database.query(`${made?.definition.replace(/perform indelible.log[^;]*;/, 'null;')}`)
  await expect(requireSchema(audit)).rejects.toMatchObject({ code: 'AUDIT_SCHEMA_ALTERED' })
  await migrate(audit)
  await expect(requireSchema(audit)).resolves.toBeUndefined()
  await cascade.database.query(`alter function ${made?.name} security definer`)
  await expect(requireSchema(audit)).rejects.toMatchObject({ code: 'AUDIT_SCHEMA_ALTERED' })
  await migrate(audit)
  await expect(requireSchema(audit)).resolves.toBeUndefined()
})

test('secrets of children are redacted by the rules of direct entries', async () => {
  await cascade.create(`
    create table h (id int primary key);
    create table h_child (token text primary key, p int references h on delete cascade, password text, mail text, gone text, data jsonb);
    create table h_note (id int primary key, password int references h on delete set null, n int);
    insert into h values (1); insert into h_child values ('t-secret', 1, 'p-secret', 'mail-secret', 'g-secret', '{"deep":{"apiKey":"a-secret"},"open":1}'), ('t-2-secret', 1, null, null, null, null);
    insert into h_note values (1, 1, 1)`)
  const careful = await cascade.session({
    redact: {
      fingerprintKey: '0123456789abcdef',
      tables: { h_child: { mail: 'fingerprint', gone: 'drop' } },
    },
  })
  await careful.query('delete from h where id = $1 returning id', [1])
  const rows = await cascade.database.query<{ text: string }>(
    "select row_key || ' ' || before || ' ' || coalesce(after::text, '') as text from indelible.entry where table_name in ('h_child', 'h_note') order by id",
  )
  const texts = rows.map(({ text }) => text)
  expect(texts.join()).not.toContain('secret')
  expect(texts[0]).toMatch(
    /^\[redacted\] \{"token":"\[redacted\]","p":1,"password":"\[redacted\]","mail":"hmac-sha256:[0-9a-f]+","data":\{"deep":\{"apiKey":"\[redacted\]"\},"open":1\}\} $/,
  )
  expect(texts[1]).toBe('[redacted] {"token":"[redacted]","p":1,"password":null,"mail":null,"data":null} ')
  expect(texts[2]).toBe('1 {"password":"[redacted]"} {"password":null}')
})

test('under onUncaptured throw, what is followed runs and what is not is refused', async () => {
  await cascade.create(`${parentAndChild('i')};${parentAndChild('j')};
    create trigger keep before delete on j_child for each row execute function keep_it()`)
  const strict = await cascade.session({ onUncaptured: 'throw' })
  await strict.query('delete from i where id = 1')
  await expect(strict.query('delete from j where id = 1')).rejects.toMatchObject({ code: 'AUDIT_UNCAPTURED' })
})

test('under session_replication_role = replica nothing is followed, since nothing happens', async () => {
  await cascade.create(parentAndChild('k'))
  await session.refresh()
  await cascade.database.query(
    `alter role postgres in database "${cascade.database.name}" set session_replication_role = replica`,
  )
  const replica = await cascade.session()
  await cascade.database.query(
    `alter role postgres in database "${cascade.database.name}" reset session_replication_role`,
  )
  await replica.query('delete from k where id = 1')
  const rows = await cascade.database.query(
    "select op from indelible.entry where table_name in ('k', 'k_child') order by id",
  )
  expect(rows.map(({ op }) => op)).toEqual(['delete', 'statement'])
})

test('a role without rights on the children, under row-level security: followed all the same, and nothing else is allowed', async () => {
  const role = `${cascade.database.name}_writer`
  await cascade.database.query(`create role ${role} login`)
  await cascade.create(
    `${parentAndChild('l')}; alter table l_child enable row level security; grant select, delete on l to ${role}`,
  )
  const audit = fromPgPool(cascade.database.pool)
  await migrate(audit, { grants: { writers: [role] } })
  const url = cascade.database.url.replace(/\/\/[^@]*@/, `//${role}@`)
  const writer = await cascade.session({ url })
  const { entries } = await cascade.oracle.check(() =>
    writer.query('delete from l where id = $1 returning id', [1]),
  )
  expect(entries.map(({ op, table }) => `${op} ${table}`)).toEqual([
    'delete public.l',
    'delete public.l_child',
  ])
  const [{ actions = '' } = {}] = await cascade.database.query<{ actions: string }>(
    "select oid::regproc::text as actions from pg_proc where proname ~ '^cascade_delete_l_.*_actions$'",
  )
  await expect(
    writer.query(`select ${actions}(null, null, null, null, null, null, null)`),
  ).rejects.toMatchObject({ code: '42501' })
  await writer.close()
  await cascade.database.query(`drop owned by ${role}; drop role ${role}`)
})

test('what lies behind a child in a schema that the role may not use is announced too', async () => {
  const role = `${cascade.database.name}_outsider`
  await cascade.create(`create role ${role} login; create schema closed; create table w (id int primary key);
    create table closed.w_child (id int primary key, w int references w on delete cascade);
    create table w_grandchild (id int primary key, c int references closed.w_child on delete cascade);
    create trigger keep before delete on closed.w_child for each row when (old.id = 0) execute function keep_it();
    insert into w values (1); insert into closed.w_child values (1, 1); insert into w_grandchild values (1, 1);
    grant select, delete on w to ${role}`)
  await migrate(fromPgPool(cascade.database.pool), { grants: { writers: [role] } })
  const outsider = await cascade.session({ url: cascade.database.url.replace(/\/\/[^@]*@/, `//${role}@`) })
  const { entries } = await cascade.oracle.check(() => outsider.query('delete from w'))
  expect(entries.map(({ op, table }) => `${op} ${table}`)).toEqual(['delete public.w', 'statement public.w'])
  expect(JSON.parse(entries[1]?.after ?? '{}').tables).toHaveLength(2)
  await expect(outsider.query('delete from closed.w_child')).rejects.toMatchObject({ code: '42501' })
  await outsider.close()
  await cascade.database.query(`drop owned by ${role}; drop role ${role}`)
})

test('several rows with RETURNING whose order counts are announced; one row is followed', async () => {
  await cascade.create(`create table m (id int primary key, p int references m on delete set null);
    insert into m values (1, null), (2, 1), (3, 1), (4, 2)`)
  await expectAnnounced('delete from m where id in (1, 2) returning id', ['m'])
  await cascade.database.query('delete from m; insert into m values (1, null), (2, 1), (3, 1), (4, 2)')
  await expectFollowed('delete from m where (m.id = 1 and 1=1) returning id', 2)
  await expectFollowed('delete from m where id in (2, 3)', 1)
})
