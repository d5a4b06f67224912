import { runWithAuditContext } from '@indelible/core'
import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import type { PoolDatabase } from '../pg/audited-pool.ts'
import {
  createTriggeredDatabase,
  expectEveryChange,
  expectEveryChangeInAnyOrder,
  expectOwn,
} from './triggered-database.ts'

// Of a family of tables, "watched" ones have capture triggers, "plain" ones have none.
const tables = `
  create table watched_parent (id int primary key, name text);
  create table watched_child (id int primary key, parent_id int references watched_parent on delete cascade on update cascade);
  create table watched_grandchild (
    id int primary key, child_id int default 0 references watched_child on delete set null on update cascade);
  create table plain_parent (id int primary key, name text);
  create table watched_of_plain (id int primary key, parent_id int references plain_parent on delete cascade on update cascade);
  create table plain_of_watched (id int primary key, parent_id int references watched_parent on delete cascade);
  create table tree (id int primary key, up int references tree on delete cascade);

  create table touched (id int primary key, n int, times int not null default 0);
  create function touch() returns trigger language plpgsql as $$
    begin update touched set times = times + 1 where id = new.id and times < 3; return null; end $$;
  create trigger a_touch after insert or update on touched for each row execute function touch();

  create table plain_source (id int primary key, n int);
  create table watched_log (id int generated always as identity primary key, verb text, n int);
  create function note_after() returns trigger language plpgsql as $$
    begin insert into watched_log (verb, n) values (tg_op, coalesce(new.n, old.n)); return null; end $$;
  create trigger noting after insert or update or delete on plain_source for each row execute function note_after();

  create table early_source (id int primary key, n int);
  create function note_before() returns trigger language plpgsql as $$
    begin insert into watched_log (verb, n) values ('before ' || tg_op, 0); return new; end $$;
  create trigger noting before insert on early_source for each row execute function note_before();
  create trigger noting_all before update on early_source for each statement execute function note_before();

  create table watched_early (id int primary key, n int);
  create trigger noting before insert or update on watched_early for each row execute function note_before();

  create function log_it(n int) returns int language sql as
    $$ insert into watched_log (verb, n) values ('function', n) returning watched_log.id $$;
`
const rows = `
  truncate watched_parent, plain_parent, tree, touched, plain_source, watched_log, early_source, watched_early cascade;
  insert into watched_parent select n, 'p' || n from generate_series(0, 9) n;
  insert into watched_child select n, n % 4 from generate_series(0, 19) n;
  insert into watched_grandchild select n, n % 10 from generate_series(0, 29) n;
  insert into plain_parent select n, 'p' || n from generate_series(0, 9) n;
  insert into watched_of_plain select n, n % 3 from generate_series(0, 9) n;
  insert into tree select n, nullif(n / 2, 0) from generate_series(1, 20) n;
  insert into plain_source values (1, 1), (2, 2);
`
const watched =
  'watched_parent watched_child watched_grandchild watched_of_plain tree touched watched_log watched_early'.split(
    ' ',
  )

let at: PoolDatabase
let pool: pg.Pool
beforeAll(async () => {
  at = await createTriggeredDatabase(tables, { tables: watched })
  await at.oracle.ignore('plain_parent', 'plain_of_watched', 'plain_source', 'early_source')
  pool = at.audited({ max: 2 })
  await at.database.query(rows)
  await pool.query('select 1')
  return at.close
})

const rowsOf = async (
  table: string,
  entries: readonly { readonly table: string | null; readonly op: string }[],
) => entries.filter((entry) => entry.table === `public.${table}`).map(({ op }) => op)

describe('foreign key actions', () => {
  test.each([
    'delete from watched_parent where id = 1',
    'delete from watched_parent where id = 2 returning id',
    'update watched_parent set id = id + 100 where id = 3',
    'update watched_parent set id = id + 100 where id = 9 returning name',
    'delete from watched_child where id in (4, 7)',
    'delete from tree where id = 2',
  ])('%s: on tables with capture triggers each row has its entry', async (sql) => {
    const observation = await at.oracle.observe(() => pool.query(sql))
    expectEveryChange({ ...observation, entries: observation.entries.filter(({ op }) => op !== 'statement') })
    expectOwn(observation)
  })

  test('of a parent that is captured by statement: their rows are entered, with its actor, and not announced', async () => {
    const { entries, changes, who } = await at.oracle.observe(() =>
      pool.query('delete from plain_parent where id < 2'),
    )
    const [parents, children] = [entries.slice(0, 2), entries.slice(2)]
    expect(parents.map(({ table, op }) => `${op} ${table}`)).toEqual(
      Array(2).fill('delete public.plain_parent'),
    )
    expectEveryChange({ entries: children, changes })
    expectOwn({ entries, changes, who, result: undefined })
  })

  test('on tables without capture triggers are announced, once for each statement', async () => {
    await at.database.query('insert into plain_of_watched values (1, 4), (2, 4), (3, 5)')
    const { entries } = await at.oracle.observe(() =>
      pool.query('delete from watched_parent where id in (4, 5)'),
    )
    const announced = entries
      .filter(({ op }) => op === 'statement')
      .map(({ after }) => JSON.parse(after ?? ''))
    expect(announced).toEqual([
      {
        verb: 'DELETE',
        reason: 'foreign key actions may have changed rows of these tables',
        tables: [{ schema: 'public', name: 'plain_of_watched', action: 'cascade' }],
        cause: null,
      },
    ])
  })
})

describe("the application's own triggers", () => {
  test('that write the same row again in the same statement lose and double nothing', async () => {
    for (const sql of [
      'insert into touched (id, n) values (1, 1), (2, 2)',
      'update touched set n = n + 1, times = 0',
      'insert into touched (id, n) values (1, 5), (3, 3) on conflict (id) do update set n = excluded.n, times = 1 returning id',
    ]) {
      const observation = await at.oracle.observe(() => pool.query(sql))
      expectEveryChangeInAnyOrder(observation)
      expectOwn(observation)
    }
  })

  test('that write a watched table carry the context of the statement on another table', async () => {
    for (const sql of [
      'insert into plain_source values (3, 3), (4, 4)',
      'update plain_source set n = 9 where id = 1 returning id',
      'delete from plain_source where id = 2',
    ]) {
      const { entries, changes, who } = await at.oracle.observe(() => pool.query(sql))
      expect(await rowsOf('watched_log', entries)).toEqual(changes.map(() => 'insert'))
      expectOwn({ entries, changes, who, result: undefined })
    }
  })

  test('that fire before the first row is returned carry it too', async () => {
    for (const sql of [
      'insert into early_source values (1, 1), (2, 2)',
      'update early_source set n = 2 where id = 99',
      'insert into watched_early values (1, 1) returning n',
      'update watched_early set n = 2',
    ]) {
      const observation = await at.oracle.observe(() => pool.query(sql))
      expect((await rowsOf('watched_log', observation.entries)).length).toBeGreaterThan(0)
      expectOwn(observation)
    }
  })

  test('give each statement of a transaction its own context', async () => {
    const client = await pool.connect()
    const { entries } = await at.oracle.observe(async () => {
      await client.query('begin')
      for (const id of ['one', 'two', 'three']) {
        await runWithAuditContext({ actor: { id } }, async () => {
          await client.query('insert into watched_log (verb) values ($1)', [id])
          await client.query('insert into plain_source values ($1, 1)', [id.length * 100 + id.charCodeAt(1)])
          await client.query('select log_it(1)')
        })
      }
      await client.query('commit')
    })
    client.release()
    const actors = entries.map(({ actor }) => actor)
    expect(actors).toEqual(['one', 'two', 'three'].flatMap((id) => Array(4).fill(id)))
  })
})

describe('functions that write', () => {
  test.each(['select log_it(1)', 'select * from log_it(2) a, log_it(3) b'])(
    '%s: their rows carry the context',
    async (sql) => {
      const observation = await at.oracle.observe(() => pool.query(sql))
      expectEveryChange(observation)
      expectOwn(observation)
    },
  )

  test('leave no context behind on the connection', async () => {
    await runWithAuditContext({ actor: { id: 'somebody' } }, () => pool.query('select log_it(1)'))
    const [row] = (await pool.query("select current_setting('indelible.context', true) as left_behind")).rows
    expect(row.left_behind ?? '').toBe('')
  })
})
