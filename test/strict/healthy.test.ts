import type pg from 'pg'
import { beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { untilOneWaits } from '../support/lock-waiters.ts'
import { createStrictDatabase, type StrictDatabase } from './strict-database.ts'

let at: StrictDatabase
let other: StrictDatabase
let client: pg.PoolClient
beforeAll(async () => {
  at = await createStrictDatabase()
  other = await createStrictDatabase()
  return async () => {
    await at.close()
    await other.close()
  }
})

// A new one for each test: a temporary table makes names uncertain, so that later statements would be announced only.
beforeEach(async () => {
  client = await at.client()
})

/** Each list runs statement by statement, and on a database of the same kind in one transaction. */
const lists: Readonly<Record<string, readonly string[]>> = {
  'inserts of one row and of many, with and without RETURNING': [
    "insert into item (name) values ('one')",
    "insert into item (name) values ('two'), ('three') returning id",
    "insert into item (name) select 'more ' || n from generate_series(1, 30) n",
    'insert into log default values',
  ],
  'updates, of no row, without a change, and of many rows': [
    'update item set stock = stock + 1 where id = 1',
    'update item set stock = stock',
    'update item set stock = stock where id = 2 returning id',
    'update item set stock = 5 where false',
    "update item set name = i.name || '!' from item i where i.id = item.id and item.id < 5",
  ],
  'deletes, of no row and of many': [
    'delete from item where id = 19',
    'delete from item where false',
    'delete from log returning id',
  ],
  'upserts that insert, update, do nothing and are held back by their condition': [
    "insert into item (name, stock) values ('item 3', 1), ('up', 1) on conflict (name) do update set stock = excluded.stock",
    "insert into item (name, stock) values ('item 4', 1), ('down', 1) on conflict do nothing",
    "insert into item (name) values ('item 5') on conflict (name) do update set stock = 9 where false",
    "insert into item (name) values ('item 6'), ('x') on conflict (name) do update set name = excluded.name returning id",
  ],
  'writes of partitioned tables, directly and across partitions': [
    'insert into part values (100, 1, 0), (101, 2, 0)',
    'update part set n = n + 1',
    'update part set kind = 3 - kind where id in (3, 4, 101)',
    'update part_1 set n = 7 where id = 5',
    'insert into part values (100, 1, 0), (102, 2, 0) on conflict (id, kind) do update set n = 1',
    'update part set kind = 3 - kind where id in (3, 101) returning id',
    'delete from part where id >= 100',
    'insert into part_2 values (103, 2, 0)',
  ],
  'foreign key actions': [
    'update parent set id = id + 10 where id = 1',
    'delete from parent where id = 2',
    'delete from parent where id = 999',
    'delete from parent where id in (3, 4) returning name',
    'update derived set a = 20 where id = 1',
    'update derived set a = a + 30 where id in (2, 3) returning id',
  ],
  'what is recorded with its tables': [
    'merge into item using (values (7)) v(id) on item.id = v.id when matched then update set stock = 40',
    "with gone as (delete from log returning 1) insert into item (name) select 'gone' from gone",
    'update item_view set stock = 1 where id = 6',
    "insert into item_view (name) values ('by the view')",
    'update base set n = n + 1',
    'insert into ruled values (1)',
    'delete from ruled',
    'truncate copy_of',
    'create table made as select 1 as one',
    "insert into copy_of (id, stock) values (1, 1); insert into log (what) values ('text')",
    'drop table made',
  ],
  'temporary tables': [
    'create temporary table scratch (id int)',
    'insert into scratch select generate_series(1, 5)',
    'delete from scratch',
    'drop table scratch',
  ],
  'a table made, filled, altered and dropped': [
    'create table short (id int primary key)',
    'insert into short values (1), (2)',
    'alter table short rename to shorter',
    'alter table shorter add column n int default random()',
    'update shorter set n = 1',
    'delete from shorter where id = 1',
    'drop table shorter',
  ],
  'a table filled, emptied and filled again': [
    'insert into copy_of (id, stock) values (1, 1), (2, 1)',
    'truncate copy_of',
    'insert into copy_of (id, stock) values (3, 1)',
    'delete from copy_of',
  ],
  'functions and triggers that write nothing': [
    'select quiet()',
    "select now(), nextval(pg_get_serial_sequence('item', 'id'))",
    'insert into stamped values (3, 1)',
    'update stamped set n = n + 1',
    'delete from stamped where id = 3',
  ],
}

describe('a healthy transaction raises nothing:', () => {
  test.for(Object.entries(lists))('%s, each for itself', async ([, statements]) => {
    const differences = await at.differences(async () => {
      for (const sql of ['begin', ...statements, 'rollback', ...statements]) await client.query(sql)
    })
    expect(differences).toEqual([])
  })

  test.for(Object.entries(lists))('%s, in one transaction', async ([, statements]) => {
    const differences = await other.differences(async () => {
      const last = await other.client()
      for (const sql of ['begin', ...statements, 'commit']) await last.query(sql)
    })
    expect(differences).toEqual([])
  })

  test('savepoints, nested, released and rolled back more than once', async () => {
    const write = (n: number) => `update item set stock = ${n} where id <= ${n}`
    const differences = await at.differences(async () => {
      for (const sql of [
        ['begin', 'savepoint a', write(1), 'rollback to a', write(2), 'rollback to a', 'commit'],
        [
          'begin',
          write(1),
          'savepoint a',
          write(2),
          'savepoint b',
          write(3),
          'rollback to b',
          write(4),
          'rollback to a',
          write(5),
          'commit',
        ],
        [
          'begin',
          write(1),
          'savepoint a',
          write(2),
          'savepoint b',
          write(3),
          'release b',
          'rollback to a',
          write(5),
          'release a',
          'commit',
        ],
        [
          'begin',
          write(1),
          'savepoint a',
          write(2),
          'savepoint a',
          write(3),
          'rollback to a',
          write(4),
          'release a',
          write(5),
          'rollback to a',
          write(6),
          'commit',
        ],
        [
          'begin',
          'savepoint a',
          write(1),
          'savepoint b',
          write(2),
          'release a',
          write(3),
          'commit and chain',
          write(4),
          'savepoint c',
          write(5),
          'rollback to c',
          'commit',
        ],
        ['begin', write(1), 'rollback and chain', write(2), 'commit'],
        ['begin', write(1), 'savepoint a', 'truncate copy_of', write(2), 'rollback to a', 'commit'],
      ].flat()) {
        await client.query(sql)
      }
    })
    expect(differences).toEqual([])
  })

  test('a statement that fails half-way, behind a savepoint', async () => {
    const differences = await at.differences(async () => {
      await client.query('begin')
      await client.query("insert into item (name) values ('before')")
      await client.query('savepoint a')
      const failing = client.query("insert into item (name) values ('fresh 1'), ('fresh 2'), ('before')")
      await expect(failing).rejects.toMatchObject({ code: '23505' })
      await client.query('rollback to a')
      await client.query("insert into item (name) values ('after')")
      await client.query('commit')
    })
    expect(differences).toEqual([])
  })

  test('a transaction that fails, and is tried again', async () => {
    const differences = await at.differences(async () => {
      for (const name of ['item 8', 'retried']) {
        await client.query('begin')
        await client.query("insert into log (what) values ('try')")
        await client.query('insert into item (name) values ($1)', [name]).catch(() => undefined)
        const { command } = await client.query('commit')
        expect(command).toBe(name === 'retried' ? 'COMMIT' : 'ROLLBACK')
      }
    })
    expect(differences).toEqual([])
  })

  test('statements that are sent without awaiting the one before', async () => {
    const differences = await at.differences(() =>
      Promise.all(
        [
          'begin',
          'update item set stock = 3',
          'savepoint a',
          'delete from log',
          'rollback to a',
          'select 1',
          'commit',
          'update item set stock = 4',
          'begin',
          'update item set stock = 5',
          'commit',
        ].map((sql) => client.query(sql)),
      ),
    )
    expect(differences).toEqual([])
  })

  test('an upsert that loses a race against another transaction', async () => {
    const database = at.database
    await database.query(`
      create function slow(id int) returns int language plpgsql immutable as $$
        declare call int := nullif(current_setting('test.calls', true), '')::int + 1;
        begin
          perform set_config('test.calls', call::text, false);
          if call = 2 then perform pg_advisory_xact_lock(7); end if;
          return id;
        end $$;
      create table raced (id int, n int); create unique index on raced (slow(id))`)
    await client.query("select set_config('test.calls', '0', false)")
    const rival = await database.pool.connect()
    onTestFinished(() => rival.release(true))
    const differences = await at.differences(async () => {
      await rival.query('begin; select pg_advisory_xact_lock(7)')
      await client.query('begin')
      // It finds no conflict, inserts its row, waits, and then meets the other's in the index.
      const upsert = client.query(
        'insert into raced values (1, 1) on conflict (slow(id)) do update set n = 2',
      )
      await untilOneWaits(database)
      await rival.query('insert into raced values (1, 0); commit')
      await upsert
      const { rows } = await client.query<{ n: number }>("select current_setting('test.calls')::int as n")
      // The second time it looked for a conflict was the third call; finding the row at once takes two.
      expect(rows[0]?.n).toBeGreaterThan(2)
      await client.query('commit')
    })
    expect(await database.query('select n from raced')).toEqual([{ n: 2 }])
    expect(differences).toEqual([])
  })

  test('a prepared transaction', async () => {
    const [setting] = await at.database.query<{ n: string }>(
      "select current_setting('max_prepared_transactions') as n",
    )
    const differences = await at.differences(async () => {
      await client.query('begin')
      await client.query('update item set stock = 6')
      const prepared = client.query("prepare transaction 'strict'")
      if (setting?.n === '0') await expect(prepared).rejects.toMatchObject({ code: '55000' })
      else await prepared.then(() => client.query("commit prepared 'strict'"))
    })
    expect(differences).toEqual([])
  })
})
