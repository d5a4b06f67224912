import {
  addCaptureTriggers,
  type CoverageOptions,
  fromPgPool,
  migrate,
  readCoverage,
  refreshCaptureTriggers,
} from '@indelible/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { instrument } from '../pg/audited-pool.ts'
import { createAuditedDatabase } from '../cli/audited-database.ts'
import type { TestDatabase } from '../support/fresh-database.ts'

const tables = `
  create table fine (id int primary key, name text);
  create table fine_part (id int primary key) partition by range (id);
  create table fine_part_one partition of fine_part for values from (0) to (10);
  create table keyless (note text);
  create unlogged table forgetful (id int primary key);
  create table parent (id int primary key);
  create table child (id int primary key, parent_id int references parent on delete cascade on update set null);
  create table base (id int primary key, name text);
  create table derived () inherits (base);
  create table ruled (id int primary key);
  create rule also as on insert to ruled do also insert into fine (id) values (new.id);
  create table guarded (id int primary key, name text);
  alter table guarded enable row level security;
  create table busy (id int primary key);
  create function busy() returns trigger language plpgsql as $$ begin insert into fine values (new.id); return new; end $$;
  create trigger is_busy after insert on busy for each row execute function busy();
  create view simple_view as select id, name from fine;
  create view counted as select count(*) from fine;
  create view clever_view as select id from fine;
  create trigger instead instead of insert on clever_view for each row execute function busy();
  create materialized view stored_view as select id from fine;
  create extension if not exists postgres_fdw;
  create server elsewhere foreign data wrapper postgres_fdw;
  create foreign table far (id int) server elsewhere;
  create temporary table passing (id int);
  create schema "Other one";
  create table "Other one"."Odd ""table""" ("The key" int, b int, c int generated always as (b * 2) stored, primary key ("The key", b));
`
let database: TestDatabase
let app: string
beforeAll(async () => {
  database = await createAuditedDatabase()
  await database.query(tables)
  app = `${database.name}_app`
  await database.query(`create role ${app}; grant select, insert on guarded, fine to ${app}; grant insert on keyless to ${app}`)
})
afterAll(async () => {
  await database.query(`drop owned by ${app}; drop role ${app}`)
  await database.drop()
})

async function coverage(options?: CoverageOptions) {
  const report = await readCoverage(fromPgPool(database.pool), options)
  return new Map(report.tables.map(({ name, ...table }) => [name, table]))
}
const gap = (reason: string, ...verbs: string[]) => ({ verbs, reason })

describe('the report', () => {
  test('lists every table once, and no view that cannot be written', async () => {
    const wanted = 'base busy child clever_view derived far fine fine_part forgetful guarded keyless parent ruled simple_view'
    expect([...(await coverage()).keys()].sort()).toEqual(['Odd "table"', ...wanted.split(' ')])
  })

  test('says that ordinary tables are captured by statement, exactly', async () => {
    const report = await coverage()
    for (const name of ['fine', 'fine_part', 'child', 'Odd "table"']) {
      expect(report.get(name)).toMatchObject({ captured: 'statement', gaps: [] })
    }
  })

  test.each([
    ['keyless', 'statement', [gap('it has no primary key and no unique key without nulls: entries cannot name their row')]],
    ['forgetful', 'statement', [gap('the table is unlogged: a crash of the server empties it without an entry')]],
    [
      'parent',
      'statement',
      [
        gap('foreign key actions are announced, not captured: set null on public.child', 'UPDATE'),
        gap('foreign key actions are announced, not captured: cascade on public.child', 'DELETE'),
      ],
    ],
    ['base', 'statement', [gap('other tables inherit from the table', 'UPDATE', 'DELETE')]],
    ['ruled', 'none', [gap('a rule of the table rewrites the statement', 'INSERT', 'UPDATE', 'DELETE')]],
    ['busy', 'statement', [gap('its own triggers may change rows of any table unseen: is_busy')]],
    ['simple_view', 'none', [gap('the relation is a view', 'INSERT', 'UPDATE', 'DELETE')]],
    ['clever_view', 'none', [gap('the relation is a view', 'INSERT', 'UPDATE', 'DELETE')]],
    ['far', 'none', [gap('the relation is a foreign table', 'INSERT', 'UPDATE', 'DELETE')]],
  ])('of %s: by %s, and why that is not exact', async (name, captured, gaps) => {
    expect((await coverage()).get(name)).toMatchObject({ captured, gaps })
  })

  test('says of foreign keys what the functions for them follow', async () => {
    const own = await createAuditedDatabase()
    const reasons = async (name: string) =>
      (await readCoverage(fromPgPool(own.pool))).tables.find((table) => table.name === name)?.gaps
    await own.query(`
      create table parent (id int primary key);
      create table child (id int primary key, parent_id int references parent on delete cascade on update set null);
      create table guarded_child (id int primary key, parent_id int references parent on delete cascade);
      create function refuse() returns trigger language plpgsql as $$ begin return old; end $$;
      create trigger refusing before delete on guarded_child for each row execute function refuse();
      create table tree (id int primary key, up int references tree on delete set null)`)
    const announced = 'foreign key actions are announced, not captured:'
    expect(await reasons('parent')).toEqual([
      gap(`${announced} set null on public.child`, 'UPDATE'),
      gap(`${announced} cascade on public.child`, 'DELETE'),
      gap(`${announced} cascade on public.guarded_child`, 'DELETE'),
    ])
    await migrate(fromPgPool(own.pool))
    expect(await reasons('parent')).toEqual([gap(`${announced} cascade on public.guarded_child`, 'DELETE')])
    expect(await reasons('tree')).toEqual([
      gap(
        'foreign key actions of a statement that may return several rows are announced, not captured: set null on public.tree',
        'DELETE',
      ),
    ])
    await addCaptureTriggers(fromPgPool(own.pool), ['guarded_child'])
    expect(await reasons('parent')).toEqual([])
    await own.query('alter table child add note text')
    expect(await reasons('parent')).toEqual([
      gap(`${announced} set null on public.child`, 'UPDATE'),
      gap(`${announced} cascade on public.child`, 'DELETE'),
    ])
    await own.drop()
  })

  test("sees with the rights of the application's role", async () => {
    const policies = 'row-level security is active and the statement may read no column'
    const report = await coverage({ role: app })
    expect(report.get('keyless')).toMatchObject({
      captured: 'none',
      gaps: [gap('the role has no SELECT right on the table', 'INSERT', 'UPDATE', 'DELETE')],
    })
    expect(report.get('guarded')?.gaps).toEqual([gap(policies, 'INSERT', 'UPDATE', 'DELETE')])
    expect((await coverage()).get('guarded')?.gaps).toEqual([])
  })

  test('says the same as the engine does with such statements', async () => {
    const pool = instrument(database.pool)
    const statements = {
      fine: "insert into fine values (1, 'a')",
      base: "update base set name = 'x'",
      ruled: 'insert into ruled values (7)',
      simple_view: "insert into simple_view values (2, 'b')",
      parent: 'delete from parent',
    }
    const before = await coverage()
    await database.query('delete from indelible.pending')
    for (const [name, sql] of Object.entries(statements)) {
      const [last] = await database.query<{ id: string }>('select coalesce(max(id), 0) as id from indelible.entry')
      await pool.query(sql)
      const records = await database.query<{ reason: string }>(
        "select after ->> 'reason' as reason from indelible.entry where id > $1 and op = 'statement'",
        [last?.id],
      )
      const verb = sql.split(' ')[0]?.toUpperCase() ?? ''
      const refusals = before.get(name)?.gaps.filter(({ verbs, reason }) => verbs.includes(verb) && !reason.startsWith('foreign key'))
      expect(records.map(({ reason }) => reason)).toEqual(refusals?.map(({ reason }) => reason))
    }
  })
})

describe('with capture triggers', () => {
  test('tables are captured by trigger, their rows are announced no more, and views on them are exact', async () => {
    await addCaptureTriggers(fromPgPool(database.pool), ['fine', 'child', 'base'])
    const report = await coverage()
    expect(report.get('fine')).toMatchObject({ captured: 'trigger', gaps: [] })
    expect(report.get('parent')).toMatchObject({ captured: 'statement', gaps: [] })
    expect(report.get('base')).toMatchObject({ captured: 'trigger', gaps: [] })
    expect(report.get('simple_view')).toMatchObject({ captured: 'trigger', gaps: [] })
    expect(report.get('clever_view')).toMatchObject({ captured: 'none' })
  })

  test('a trigger that is not as it should be is a gap', async () => {
    await database.query('alter table child add note text; alter table fine disable trigger "00_indelible_truncate"')
    const report = await coverage()
    expect(report.get('child')?.gaps).toEqual([
      gap('its capture trigger is stale: columns, key or name of the table changed since it was made'),
    ])
    expect(report.get('fine')?.gaps).toEqual([
      gap('its capture trigger is altered: the trigger of TRUNCATE is disabled'),
      gap('the capture trigger of TRUNCATE is not in place', 'TRUNCATE'),
    ])
    await refreshCaptureTriggers(fromPgPool(database.pool))
    expect((await coverage()).get('child')?.gaps).toEqual([])
  })
})

describe('what was recorded as uncaptured', () => {
  test('is counted by verb, tables and reason, since the day asked for', async () => {
    const other = await createAuditedDatabase()
    await other.query('create table fine (id int primary key, name text)')
    const pool = instrument(other.pool)
    const read = (options?: CoverageOptions) => readCoverage(fromPgPool(other.pool), options)
    expect(await read()).toMatchObject({ uncaptured: [], complete: true })
    const merge = 'merge into fine using (values (1)) v (id) on fine.id = v.id when not matched then insert values (v.id)'
    await pool.query(merge)
    await pool.query(merge)
    await pool.query('truncate fine')
    const { uncaptured, complete } = await read({ days: 1 })
    expect(uncaptured).toEqual([
      { verb: 'MERGE', tables: ['public.fine'], reason: expect.any(String), count: 2, last: expect.stringMatching(/^20.*Z$/) },
      { verb: 'TRUNCATE', tables: ['fine'], reason: expect.any(String), count: 1, last: expect.any(String) },
    ])
    expect(complete).toBe(false)
    expect(await read({ now: () => new Date(Date.now() + 40 * 86_400_000) })).toMatchObject({ uncaptured: [], complete: true })
    await expect(read({ days: -1 })).rejects.toThrow(TypeError)
    await other.drop()
  })
})
