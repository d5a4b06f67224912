import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.prisma
})

afterAll(() => shop.close())

const at18 = () => shop.database.major >= 18

test('generated columns appear with their new values', async () => {
  await shop.create(`create table computed (id int primary key generated always as identity, a int, b int,
    total int generated always as (a + b) stored, label text default 'x' || random()::text)`)
  await shop.oracle.check(() => prisma.$executeRaw`insert into computed (a, b) values (1, 2), (3, 4)`)
  const { entries } = await shop.oracle.check(
    () => prisma.$executeRaw`update computed set a = a + 1 where b = ${2}`,
  )
  expect(entries.map(({ after }) => JSON.parse(after ?? ''))).toEqual([{ a: 2, total: 4 }])
  await shop.oracle.check(() => prisma.$executeRaw`update computed set a = b, b = a, label = default`)
  await shop.oracle.check(() => prisma.$executeRaw`delete from computed`)
})

test('virtual generated columns appear as well, from PostgreSQL 18 on', async () => {
  if (!at18()) return
  await shop.database.query(
    'create table computed_late (id int primary key, a int, twice int generated always as (a * 2) virtual)',
  )
  await prisma.$executeRaw`insert into computed_late values (1, 2)`
  await prisma.$executeRaw`update computed_late set a = ${3}`
  await prisma.$executeRaw`delete from computed_late`
  const entries = await shop.database.query(`select before::text, after::text from indelible.entry
    where table_name = 'computed_late' order by id`)
  expect(entries.map(({ before, after }) => [JSON.parse(before), JSON.parse(after)])).toEqual([
    [null, { id: 1, a: 2, twice: 4 }],
    [
      { a: 2, twice: 4 },
      { a: 3, twice: 6 },
    ],
    [{ id: 1, a: 3, twice: 6 }, null],
  ])
})

test('what a BEFORE trigger changes is in the entry', async () => {
  await shop.create(`
    create table triggered (id int primary key, name text, changes int default 0, at timestamptz);
    create function stamp() returns trigger language plpgsql as $$ begin
      new.name := upper(new.name); new.at := clock_timestamp();
      if tg_op = 'UPDATE' then new.changes := old.changes + 1; end if;
      return new; end $$;
    create trigger a_stamp before insert or update on triggered for each row execute function stamp()`)
  await shop.oracle.check(
    () => prisma.$executeRaw`insert into triggered (id, name) values (1, 'a'), (2, 'b')`,
  )
  const { entries } = await shop.oracle.check(
    () => prisma.$executeRaw`update triggered set name = 'c' where id = ${1}`,
  )
  expect(JSON.parse(entries[0]?.after ?? '')).toEqual({ name: 'C', changes: 1, at: expect.any(String) })
  await shop.oracle.check(
    () => prisma.$executeRaw`insert into triggered (id, name) values (1, 'd'), (3, 'e')
      on conflict (id) do update set name = excluded.name`,
  )
})

test('a row that a BEFORE trigger suppresses has no entry, and its neighbours have theirs', async () => {
  await shop.create(`
    create table guarded (id int primary key, v int, note text);
    create function guard() returns trigger language plpgsql as $$ begin
      if coalesce(new.id, old.id) % 2 = 0 and coalesce(new.v, 0) <> 7 then return null; end if;
      if tg_op = 'DELETE' then return old; end if; return new; end $$;
    insert into guarded select i, i from generate_series(1, 6) i;
    create trigger guard before insert or update or delete on guarded for each row execute function guard()`)
  const updated = await shop.oracle.check(() => prisma.$executeRaw`update guarded set v = v + 100`)
  expect([updated.result, updated.entries.map(({ key }) => key)]).toEqual([3, ['1', '3', '5']])
  const inserted = await shop.oracle.check(
    () => prisma.$executeRaw`insert into guarded values (7, 1), (8, 1), (1, 1), (2, 1), (3, 9)
      on conflict (id) do update set v = excluded.v`,
  )
  expect(inserted.entries.map(({ op, key }) => `${op} ${key}`)).toEqual(['insert 7', 'update 1', 'update 3'])
  const deleted = await shop.oracle.check(() => prisma.$executeRaw`delete from guarded where id < 5`)
  expect(deleted.entries.map(({ key }) => key)).toEqual(['1', '3'])
})

test('an upsert whose update a trigger suppresses, then one that inserts', async () => {
  await shop.create(`
    create table reluctant (id int primary key, v int);
    create function refuse() returns trigger language plpgsql as $$ begin return null; end $$;
    insert into reluctant values (1, 1);
    create trigger refuse before update on reluctant for each row execute function refuse()`)
  const { entries } = await shop.oracle.check(
    () => prisma.$executeRaw`insert into reluctant values (1, 5), (2, 5), (1, 6), (3, 5)
      on conflict (id) do update set v = excluded.v`,
  )
  expect(entries.map(({ op, key }) => `${op} ${key}`)).toEqual(['insert 2', 'insert 3'])
})

test('a trigger that changes the key is followed', async () => {
  await shop.create(`
    create table rekeying (id int primary key, v int);
    create function rekey() returns trigger language plpgsql as $$ begin new.id := new.id + 1000; return new; end $$;
    create trigger rekey before insert or update on rekeying for each row execute function rekey()`)
  const inserted = await shop.oracle.check(() => prisma.$executeRaw`insert into rekeying values (1, 1)`)
  const updated = await shop.oracle.check(() => prisma.$executeRaw`update rekeying set v = 2`)
  expect([...inserted.entries, ...updated.entries].map(({ key }) => key)).toEqual(['1001', '1001'])
  const upserted = await shop.oracle.check(
    () =>
      prisma.$executeRaw`insert into rekeying values (1001, 9) on conflict (id) do update set v = excluded.v`,
  )
  expect(upserted.entries).toHaveLength(1)
})

test('an audited write inside a trigger function does not disturb the entry of the row that fired it', async () => {
  await shop.create(`
    create table outer_row (id int primary key, v int, note text);
    create table side_effect (n int primary key, v int);
    insert into outer_row values (1, 1), (2, 2); insert into side_effect values (1, 0);
    create function side() returns trigger language plpgsql as $$ begin
      update side_effect set v = v + 1; return new; end $$;
    create trigger side before update on outer_row for each row execute function side()`)
  await shop.oracle.ignore('side_effect')
  const { entries } = await shop.oracle.check(() => prisma.$executeRaw`update outer_row set v = v + ${1}`)
  expect(entries).toHaveLength(2)
})

test('a partitioned table is one table, and a row that moves between partitions one update', async () => {
  await shop.create(`
    create table event (region text, id int, v int, note text, primary key (region, id)) partition by list (region);
    create table event_eu partition of event for values in ('eu');
    create table event_us (note text, v int, id int not null, region text not null);
    alter table event attach partition event_us for values in ('us')`)
  const inserted = await shop.oracle.check(
    () => prisma.$executeRaw`insert into event values ('eu', 1, 1), ('us', 2, 2)`,
  )
  expect(inserted.entries.map(({ table }) => table)).toEqual(['public.event', 'public.event'])
  await shop.oracle.check(() => prisma.$executeRaw`update event set v = v + ${1}`)
  const moved = await shop.oracle.check(
    () => prisma.$executeRaw`update event set region = 'us', v = 9 where id = ${1}`,
  )
  expect(moved.entries).toMatchObject([{ op: 'update', key: '["eu","1"]' }])
  await shop.oracle.check(
    () =>
      prisma.$executeRaw`insert into event values ('us', 2, 5), ('eu', 3, 3) on conflict (region, id) do update set v = excluded.v`,
  )
  await shop.oracle.check(() => prisma.$executeRaw`delete from event where region = 'us'`)
})

test('a statement on a partition is recorded under the name that it uses', async () => {
  await prisma.$executeRaw`insert into event_eu values ('eu', 50, 1)`
  const entries = await shop.database.query(
    'select op, table_name from indelible.entry where row_key = \'["eu","50"]\'',
  )
  expect(entries).toEqual([{ op: 'insert', table_name: 'event_eu' }])
})

test('a partition with a trigger of its own', async () => {
  await shop.create(`
    create table part (id int primary key, v int, stamped int default 0) partition by range (id);
    create table part_low partition of part for values from (0) to (10);
    create table part_high partition of part for values from (10) to (20);
    create function stamp_part() returns trigger language plpgsql as $$ begin new.stamped := new.stamped + 1; return new; end $$;
    create trigger stamp_part before update on part_high for each row execute function stamp_part();
    insert into part values (1, 1), (11, 1)`)
  const { entries } = await shop.oracle.check(() => prisma.$executeRaw`update part set v = ${2}`)
  expect(entries.map(({ after }) => after)).toEqual(['{"v":2}', '{"v":2,"stamped":1}'])
})

test('tables that others inherit from: inserts are captured, the rest is announced', async () => {
  await shop.create(
    `create table base (id int primary key, v int); create table derived (more text) inherits (base)`,
  )
  await shop.oracle.check(() => prisma.$executeRaw`insert into base values (1, 1)`)
  await shop.oracle.check(() => prisma.$executeRaw`insert into derived values (2, 2, 'x')`)
  await shop.oracle.ignore('base', 'derived')
  const { result, entries } = await shop.oracle.check(() => prisma.$executeRaw`update base set v = v + 1`)
  expect(result).toBe(2)
  expect(entries).toMatchObject([{ op: 'statement', table: 'public.base' }])
})

test('a view is announced, and so are tables behind rules', async () => {
  await shop.create(`
    create table base_table (id int primary key, v int);
    create view simple_view as select * from base_table;
    create view instead_view as select id + 0 as id, v from base_table;
    create function instead() returns trigger language plpgsql as $$ begin
      insert into base_table values (new.id, new.v); return new; end $$;
    create trigger instead instead of insert on instead_view for each row execute function instead();
    create table ruled (id int primary key, v int);
    create rule ruled_insert as on insert to ruled do instead insert into base_table values (new.id, new.v);
    create rule ruled_update as on update to ruled where old.v > 1 do instead nothing`)
  await shop.oracle.ignore('base_table')
  const statements: [sql: string, rows: number][] = [
    ['insert into simple_view values (1, 1)', 1],
    ['update simple_view set v = 2', 1],
    ['insert into instead_view values (2, 2)', 1],
    ['insert into ruled values (3, 3)', 1],
    ['update ruled set v = 9', 0],
    ['delete from simple_view where id = 1', 1],
  ]
  for (const [sql, rows] of statements) {
    const { result, entries } = await shop.oracle.check(() => prisma.$executeRawUnsafe(sql))
    expect([result, entries.map(({ op }) => op)], sql).toEqual([rows, ['statement']])
    expect(JSON.parse(entries[0]?.after ?? '').tables[0].name).toMatch(/view|ruled/)
  }
  expect(await shop.database.query('select * from base_table')).toHaveLength(2)
})

test('a statement that a DO ALSO rule follows is announced, and leaves what it does alone', async () => {
  await shop.create(`
    create table noted (id int primary key, v int, t text); create table notes (id int);
    create rule note as on update to noted do also insert into notes values (old.id);
    insert into noted values (1, 1)`)
  await shop.oracle.ignore('notes', 'noted')
  const { result, entries } = await shop.oracle.check(
    () => prisma.$executeRaw`update noted set v = 2 where id = ${1}`,
  )
  expect([result, entries.map(({ op }) => op)]).toEqual([1, ['statement']])
  expect(await shop.database.query('select * from notes')).toEqual([{ id: 1 }])
})

test('an unlogged table is captured; a temporary one is announced, and hides its namesake', async () => {
  await shop.create(
    'create unlogged table scratch (id int primary key); create table shadowed (id int primary key)',
  )
  await shop.oracle.check(() => prisma.$executeRaw`insert into scratch values (1)`)
  const client = shop.client({ max: 1 })
  const { entries } = await shop.oracle.check(async () => {
    await client.$executeRaw`create temporary table shadowed (id int, other text)`
    await client.$executeRaw`insert into shadowed (id, other) values (1, 'temporary')`
    await client.$executeRaw`insert into public.shadowed values (2)`
  })
  expect(entries.map(({ op }) => op)).toEqual(['ddl', 'statement', 'insert'])
})

test('after set search_path, names without a schema are announced and qualified ones captured', async () => {
  await shop.create('create schema aside; create table aside.placed (id int); create table placed (id int)')
  await shop.oracle.ignore('aside.placed')
  const client = shop.client({ max: 1 })
  const { entries } = await shop.oracle.check(async () => {
    await client.$executeRaw`insert into placed values (1)`
    await client.$executeRaw`set search_path to aside`
    await client.$executeRaw`insert into placed values (2)`
    await client.$executeRaw`insert into public.placed values (3)`
  })
  expect(entries.map(({ op, table }) => `${op} ${table}`)).toEqual([
    'insert public.placed',
    expect.stringMatching(/^statement /),
    'insert public.placed',
  ])
  expect(await shop.database.query('select * from aside.placed')).toEqual([{ id: 2 }])
})

test('set local search_path ends with its transaction', async () => {
  const client = shop.client({ max: 1 })
  await shop.database.query('create table if not exists aside.placed (id int)')
  const { entries } = await shop.oracle.check(async () => {
    await client.$transaction([
      client.$executeRaw`set local search_path to aside`,
      client.$executeRaw`insert into placed values (4)`,
    ])
    await client.$executeRaw`insert into placed values (5)`
  })
  expect(entries.map(({ op }) => op)).toEqual(['statement', 'insert'])
})

test('a text of several statements may set the search path too', async () => {
  const client = shop.client({ max: 1 })
  const { entries } = await shop.oracle.check(async () => {
    await client.$executeRaw`set search_path to aside; select 1`
    await client.$executeRaw`insert into placed values (7)`
  })
  expect(entries.map(({ op }) => op)).toEqual(['statement', 'statement'])
})

test('set_config of the search path counts as set search_path', async () => {
  const client = shop.client({ max: 1 })
  const { entries } = await shop.oracle.check(async () => {
    await client.$queryRaw`select set_config('search_path', ${'aside'}, false)`
    await client.$executeRaw`insert into placed values (6)`
  })
  expect(entries.map(({ op }) => op)).toEqual(['statement'])
})

test('a table made since the connection is known at its first write', async () => {
  await shop.create('create table brand_new (id int primary key)')
  const { entries } = await shop.oracle.check(() => prisma.$executeRaw`insert into brand_new values (1)`)
  expect(entries).toMatchObject([{ op: 'insert', table: 'public.brand_new', key: '1' }])
})

test('DDL through the client is recorded, and its tables are known at once', async () => {
  const { entries } = await shop.oracle.check(() =>
    prisma.$transaction(async (tx) => {
      await tx.$executeRaw`create table made_here (id int primary key, a int)`
      await tx.$executeRaw`alter table made_here add b int generated always as (a + 1) stored`
      await tx.$executeRaw`create trigger zz_oracle after insert or update or delete on made_here
        for each row execute function oracle.note('public', 'made_here', 'false', '($1).id::text')`
      await tx.$executeRaw`insert into made_here values (1, 1)`
      await tx.$executeRaw`update made_here set a = 5`
    }),
  )
  expect(entries.map(({ op }) => op)).toEqual(['ddl', 'ddl', 'ddl', 'insert', 'update'])
})

test('a table whose creation is rolled back is unknown again', async () => {
  const undo = new Error('undo')
  await prisma
    .$transaction(async (tx) => {
      await tx.$executeRaw`create table fleeting (id int primary key, gone int)`
      await tx.$executeRaw`insert into fleeting values (1, 2)`
      throw undo
    })
    .catch((error) => expect(error).toBe(undo))
  await shop.create('create table fleeting (id int, kept int primary key)')
  const { entries } = await shop.oracle.check(() => prisma.$executeRaw`insert into fleeting values (1, 2)`)
  expect(entries).toMatchObject([{ op: 'insert', key: '2' }])
  await shop.oracle.check(() => prisma.$executeRaw`update fleeting set id = 5 where kept = 2`)
})
