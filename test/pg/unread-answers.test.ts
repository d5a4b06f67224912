import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeUncaptured } from '../conformance/announcements.ts'
import { createPoolDatabase, type PoolDatabase } from './audited-pool.ts'

let at: PoolDatabase
beforeAll(async () => {
  at = await createPoolDatabase(`
    create table trip (id int primary key, lasted interval);
    create table logged (id int); create function log_trip() returns trigger language plpgsql as
      $$ begin insert into logged values (new.id); return null; end $$;
    create table watched (id int primary key, lasted interval);
    create trigger log after insert on watched for each row execute function log_trip()`)
  // Its triggers would be what the completeness check finds.
  await at.oracle.ignore('trip', 'watched', 'logged')
})
afterAll(() => at.close())

const unreadable = new Error('no such interval')
const types = {
  getTypeParser: (oid: number) =>
    oid === pg.types.builtins.INTERVAL
      ? () => {
          throw unreadable
        }
      : String,
}
// One-line bridge: what a pool is given as types, its clients take.
const poolOf = (options = {}) =>
  at.audited({ types: types as unknown as pg.CustomTypesConfig, max: 1 }, options)

const uncaptured = (id: number) =>
  `with new as (insert into trip values (${id}, '1 day') returning *) select * from new`

test('an uncaptured statement whose answer no type parser can read is carried out and recorded', async () => {
  for (const completeness of ['off', 'record'] as const) {
    await at.database.query('truncate trip')
    const pool = poolOf({ completeness })
    const { entries } = await at.oracle.observe(() =>
      expect(pool.query(uncaptured(1))).rejects.toBe(unreadable),
    )
    expect(await at.database.query('select id from trip')).toEqual([{ id: 1 }])
    expect(describeUncaptured(entries)).toEqual(['statement WITH trip'])
    await pool.end()
  }
})

test('what the completeness check finds behind such an answer is told', async () => {
  const pool = poolOf({ completeness: 'record' })
  const { entries } = await at.oracle.observe(() =>
    expect(pool.query("insert into watched values (1, '1 day') returning *")).rejects.toBe(unreadable),
  )
  expect(await at.database.query('select * from logged')).toEqual([{ id: 1 }])
  expect(entries.map(({ op }) => op)).toEqual(['insert', 'statement'])
  expect(describeUncaptured(entries)).toEqual(['statement COMPLETENESS logged'])
})

test('a statement that was never sent leaves no entry', async () => {
  const pool = poolOf()
  const circular: unknown[] = []
  circular.push({ circular })
  const { entries } = await at.oracle.observe(() =>
    expect(
      pool.query('with new as (insert into trip values (9, $1) returning *) select * from new', [
        { circular },
      ]),
    ).rejects.toThrow(/circular/),
  )
  expect(entries).toEqual([])
  expect(await at.database.query('select from trip where id = 9')).toEqual([])
})
