import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'

const odd = '-c intervalstyle=sql_standard -c datestyle=SQL,DMY'
const took = '-1 year -2 months +3 days -04:05:06'
const plain = '-1 years -2 mons +3 days -04:05:06'

let at: PoolDatabase
let pool: pg.Pool

beforeAll(async () => {
  at = await createPoolDatabase(`
    create schema other;
    create domain other.interval as pg_catalog.interval;
    create domain other.int4 as other.interval;
    create type other.text as (a pg_catalog.interval);
    create type other.jsonb as enum ('a', 'b');
    create domain other.uuid as pg_catalog.interval[];
    create domain other.mood as other.jsonb`)
  pool = at.audited({ max: 1, options: odd })
  return at.close
})

async function lastImage(): Promise<unknown> {
  const [row] = await at.database.query('select after from indelible.entry order by id desc limit 1')
  return row?.['after']
}

describe('types that are named like those of PostgreSQL', () => {
  test.each([
    ['other.interval', took, plain],
    ['other.int4', took, plain],
    ['other.int4[]', `{${took}}`, [plain]],
    ['other.text', `(${took})`, { a: plain }],
    ['other.text[]', `{"(${took})"}`, [{ a: plain }]],
    ['other.uuid', `{${took}}`, [plain]],
    ['other.jsonb', 'b', 'b'],
    ['other.mood[]', '{a,b}', ['a', 'b']],
  ])('%s looks the same whatever the session is set to', async (type, value, image) => {
    const table = `of_${type.replace(/\W+/g, '_')}`
    await at.database.query(`create table ${table} (id int primary key, v ${type})`)
    await pool.query(`insert into ${table} values (1, $1)`, [value])
    expect(await lastImage()).toEqual({ id: 1, v: image })
    await pool.query(`update ${table} set v = null`)
    await pool.query(`update ${table} set v = $1 where id = 1 returning id`, [value])
    expect(await lastImage()).toEqual({ v: image })
  })
})

test('a column whose type the client has changed is told by its new type, in the transaction and behind it', async () => {
  await pool.query('create table altered (id int primary key, v text)')
  await pool.query('insert into altered values (1, $1)', [took])
  expect(await lastImage()).toEqual({ id: 1, v: took })
  const client = await pool.connect()
  await client.query('begin')
  await client.query('alter table altered alter v type interval using v::interval')
  await client.query("update altered set v = '1 day' where id = 1")
  await client.query('update altered set v = $1 where id = 1', [took])
  await client.query('commit')
  client.release()
  expect(await lastImage()).toEqual({ v: plain })
  await pool.query('delete from altered')
  await pool.query('insert into altered values (2, $1)', [took])
  expect(await lastImage()).toEqual({ id: 2, v: plain })
})

test('an attribute that a composite type gets is in the images at once', async () => {
  await pool.query('create type growing as (a int); create table grown (id int primary key, v growing)')
  await pool.query("insert into grown values (1, '(1)')")
  await at.database.query('alter type growing add attribute b interval')
  await pool.query('update grown set v = $1', [`(1,${took})`])
  expect(await lastImage()).toEqual({ v: { a: 1, b: plain } })
})

test('a role that may not call what tells the value is told that the entry could not be written, and writes nothing', async () => {
  const role = `${at.database.name}_limited`
  await at.database.query(`
    create table limited (id int primary key, v interval);
    create role ${role};
    grant select, insert on limited to ${role};
    grant usage on schema indelible to ${role};
    grant execute on function indelible.log, indelible.log_rows to ${role}`)
  const limited = at.audited({ max: 1, options: `${odd} -c role=${role}` })
  try {
    await expect(limited.query('insert into limited values (1, $1)', [took])).rejects.toMatchObject({
      code: 'AUDIT_WRITE_FAILED',
      facts: { sqlState: '42501' },
    })
    expect(await at.database.query('select from limited')).toEqual([])
  } finally {
    await limited.end()
    await at.database.query(`drop owned by ${role}; drop role ${role}`)
  }
})
