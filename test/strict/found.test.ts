import type pg from 'pg'
import Cursor from 'pg-cursor'
import { beforeAll, describe, expect, test } from 'vitest'
import { createStrictDatabase, type Difference, type StrictDatabase } from './strict-database.ts'

let at: StrictDatabase
let client: pg.PoolClient
beforeAll(async () => {
  at = await createStrictDatabase()
  client = await at.client()
  return at.close
})

type Case = readonly [what: string, statements: readonly string[], found: readonly Difference[]]

/** What a client sends, and the tables of which more rows changed than it captured: changed of captured. */
const cases: readonly Case[] = [
  ['a function that writes, called in a SELECT', ["select write_log('x')"], ['log 1/0/0 of 0/0/0']],
  ['a function behind a function', ['select outer_call()'], ['log 1/0/0 of 0/0/0']],
  ['a function for each row', ['select write_log(name) from item where id <= 3'], ['log 3/0/0 of 0/0/0']],
  ['a function behind a view', ['select * from calling_view'], ['log 1/0/0 of 0/0/0']],
  [
    'a function in an UPDATE',
    ["update item set stock = write_log('u') where id = 1"],
    ['log 1/0/0 of 0/0/0'],
  ],
  [
    'a function in VALUES',
    ["insert into item (name, stock) values ('f', write_log('i'))"],
    ['log 1/0/0 of 0/0/0'],
  ],
  [
    'a function in RETURNING',
    ["delete from item where name = 'f' returning write_log('d')"],
    ['log 1/0/0 of 0/0/0'],
  ],
  ['a function in a default', ['insert into defaulted (id) values (1)'], ['log 1/0/0 of 0/0/0']],
  ['a trigger that writes another table', ['update watched set n = n + 1'], ['log 2/0/0 of 0/0/0']],
  [
    'a trigger that writes where the client writes too',
    [
      'begin',
      "insert into log (what) values ('mine')",
      'update watched set n = n + 1 where id = 1',
      'commit',
    ],
    ['log 2/0/0 of 1/0/0'],
  ],
  ['a deferred trigger', ['insert into late values (1)'], ['log 1/0/0 of 0/0/0']],
  [
    'a deferred trigger in a transaction',
    ['begin', 'insert into late values (2)', 'commit'],
    ['log 1/0/0 of 0/0/0'],
  ],
  [
    'DO in a transaction',
    [
      'begin',
      "do $$ begin delete from item where id in (11, 12); insert into log (what) values ('do'); end $$",
      'commit',
    ],
    ['item 0/0/2 of 0/0/0', 'log 1/0/0 of 0/0/0'],
  ],
  ['CALL in a transaction', ['begin', 'call write_twice()', 'end'], ['log 2/0/0 of 0/0/0']],
  [
    'PREPARE and EXECUTE',
    [
      "prepare p as insert into log (what) values ('p')",
      'begin',
      'execute p',
      'execute p',
      'commit',
      'deallocate p',
    ],
    ['log 2/0/0 of 0/0/0'],
  ],
  [
    'a MERGE whose triggers write',
    ['merge into watched using (values (1)) v(id) on watched.id = v.id when matched then update set n = 0'],
    ['log 1/0/0 of 0/0/0'],
  ],
  [
    'what came before COMMIT AND CHAIN, once',
    [
      'begin',
      "select write_log('one')",
      'commit and chain',
      "insert into log (what) values ('two')",
      'commit and no chain',
    ],
    ['log 1/0/0 of 0/0/0'],
  ],
  [
    'what a savepoint left',
    [
      'begin',
      "select write_log('kept')",
      'savepoint a',
      "select write_log('undone')",
      'rollback to a',
      "insert into log (what) values ('x')",
      'commit',
    ],
    ['log 2/0/0 of 1/0/0'],
  ],
  [
    'what came behind a rollback to a savepoint',
    [
      'begin',
      'savepoint a',
      "insert into log (what) values ('undone')",
      'rollback to a',
      "select write_log('kept')",
      'release a',
      'commit',
    ],
    ['log 1/0/0 of 0/0/0'],
  ],
  [
    'what a text of several statements did before it committed',
    [
      'begin',
      "select write_log('x')",
      'select 1; commit; begin',
      "insert into log (what) values ('y')",
      'commit',
    ],
    ['log 1/0/0 of 0/0/0'],
  ],
  [
    'a function behind a delete that found no row',
    ['begin', 'delete from parent where id = 999', 'select add_child(100, 3)', 'commit'],
    ['child 1/0/0 of 0/0/0'],
  ],
  [
    'a function behind foreign keys that were followed',
    [
      'begin',
      'delete from parent where id = 1',
      'select add_child(101, 3)',
      'update parent set id = 20 where id = 2',
      'commit',
    ],
    ['child 1/0/0 of 0/0/0'],
  ],
  [
    'a function behind foreign keys that a savepoint took back',
    [
      'begin',
      'savepoint a',
      'delete from parent where id = 3',
      'rollback to a',
      'delete from parent where id = 4',
      'select drop_child(101)',
      'commit',
    ],
    ['child 0/0/1 of 0/0/0'],
  ],
  [
    'a function that moves partitioned rows',
    [
      'create function move_part() returns int language sql as $$ update part set kind = 2 where id = 1; select 1 $$',
      'begin',
      'update part set n = 0 where id = 2',
      'select move_part()',
      'commit',
    ],
    ['part 1/1/1 of 0/1/0'],
  ],
]

describe('the completeness check finds', () => {
  test.for(cases)('%s', async ([, statements, found]) => {
    const differences = await at.differences(async () => {
      for (const sql of statements) await client.query(sql)
    })
    expect(differences).toEqual(found)
  })

  test('a function behind a cursor, which is the first statement of its transaction', async () => {
    const differences = await at.differences(async () => {
      await client.query('begin')
      const cursor = client.query(new Cursor("select write_log('x') from generate_series(1, 4)"))
      expect(await cursor.read(10)).toHaveLength(4)
      await cursor.close()
      await client.query('commit')
    })
    expect(differences).toEqual(['log 4/0/0 of 0/0/0'])
  })

  test('what a trigger wrote behind a cursor that writes, but not the table that was announced', async () => {
    const differences = await at.differences(async () => {
      await client.query('begin')
      const cursor = client.query(new Cursor('update watched set n = n + 1 returning id'))
      expect(await cursor.read(10)).toHaveLength(2)
      await cursor.close()
      await client.query('commit')
    })
    expect(differences).toEqual(['log 2/0/0 of 0/0/0'])
  })

  test('what a function wrote on one connection of a pool, whatever others do meanwhile', async () => {
    const pool = at.pool()
    const differences = await at.differences(() =>
      Promise.all(
        Array.from({ length: 40 }, (_, n) =>
          n === 7
            ? pool.query("select write_log('seven')")
            : pool
                .query('update watched set n = 0 where id = $1 and false', [n])
                .then(() => pool.query("insert into log (what) values ('own')")),
        ),
      ),
    )
    expect(differences).toEqual(['log 1/0/0 of 0/0/0'])
  })
})
