import type pg from 'pg'
import { beforeAll, expect, inject, test } from 'vitest'
import { untilOneWaits } from '../support/lock-waiters.ts'
import { createPoolDatabase, type PoolDatabase } from './audited-pool.ts'

const tables = `
  create table plain (id int primary key, a int, b int);
  create table triggered (id int primary key, a int, b int);
  create table keyless (id int, a int, b int);
  create function stamp() returns trigger language plpgsql as $$ begin new.b := coalesce(new.b, 0) + 1; return new; end $$;
  create trigger t before update on triggered for each row execute function stamp();
  create trigger t before update on keyless for each row execute function stamp();
`

let at: PoolDatabase
let pool: pg.Pool
beforeAll(async () => {
  at = await createPoolDatabase(tables)
  pool = at.audited()
  return at.close
})

const statements = ['plain', 'triggered', 'keyless'].flatMap((table) => [
  `update ${table} set a = 9 where id = 1`,
  `update ${table} set a = $1::int where id = $2::int`,
  `update ${table} set a = a + 1 where id = 1 returning *`,
  `update ${table} t set a = v.a from (values (1, 7)) v(id, a) where v.id = t.id`,
  `delete from ${table} where id = 1`,
  `delete from ${table} where id = 1 returning id`,
])
const upserts = ['plain', 'triggered'].flatMap((table) => [
  `insert into ${table} values (1, 7, 7) on conflict (id) do update set a = excluded.a`,
  `insert into ${table} values (1, 7, 7) on conflict (id) do update set a = ${table}.a + 1 where ${table}.a > 3 returning a`,
])

test.each([...statements, ...upserts])('%s tells the row as it was when its turn came', async (sql) => {
  const table = /plain|triggered|keyless/.exec(sql)?.[0]
  await at.database.query(`truncate ${table}`)
  await at.database.query(`insert into ${table} values (1, 3, 0)`)
  const [first, second] = [await pool.connect(), await pool.connect()]
  const { entries } = await at.oracle.check(async () => {
    await first.query('begin')
    await first.query(`update ${table} set a = 4`)
    const waiting = second.query(sql, sql.includes('$1') ? [9, 1] : [])
    await untilOneWaits(at.database)
    await first.query('commit')
    await waiting
  })
  expect(entries).toHaveLength(2)
  first.release()
  second.release()
})

test.runIf(inject('postgresMajor') >= 18)(
  'from PostgreSQL 18 on, names that RETURNING gives to old and new rows stay',
  async () => {
    await at.database.query('truncate plain, triggered')
    await at.oracle.check(async () => {
      for (const table of ['plain', 'triggered']) {
        const run = async (sql: string) => (await pool.query(sql)).rows
        const returning = 'returning with (old as o, new as n) o.a as was, n.a as "is"'
        expect(await run(`insert into ${table} values (1, 1, 1) ${returning}`)).toEqual([
          { was: null, is: 1 },
        ])
        expect(await run(`update ${table} set a = 2 ${returning}`)).toEqual([{ was: 1, is: 2 }])
        expect(await run(`update ${table} set a = 3 returning old.a as was, new.a as "is"`)).toEqual([
          { was: 2, is: 3 },
        ])
        expect(await run(`delete from ${table} ${returning}`)).toEqual([{ was: 3, is: null }])
      }
    })
  },
)
