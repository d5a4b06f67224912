import {
  type Audit,
  addCaptureTriggers,
  createAudit,
  createAuditTrail,
  fromPgPool,
  instrumentPgPool,
  migrate,
} from '@indelible/core'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

const schema = `
  create table parent (id int primary key, lasts interval, days daterange, odd json);
  create table child (id int primary key, parent int references parent on delete cascade on update cascade, lasts interval);
  create table watched (id int primary key, child int references child on delete cascade on update cascade, lasts interval);
  create table below (id int primary key, watched int references watched on delete set null, lasts interval[])`

const fill = [
  `insert into parent select n, '1 day'::interval * n, '[2026-01-01,2026-02-01)', '{"a":1,"a":1.0}' from generate_series(1, 6) n`,
  "insert into child select n, n % 6 + 1, '2 hours' from generate_series(1, 12) n",
  "insert into watched select n, n % 12 + 1, '3 hours' from generate_series(1, 24) n",
  "insert into below select n, n % 24 + 1, '{1 day,2 days}' from generate_series(1, 24) n",
]

const writes = [
  "update parent set lasts = '7 days' where id = 1",
  "insert into parent (id, lasts) values (1, '1 day') on conflict (id) do update set lasts = excluded.lasts returning id",
  'delete from parent where id = 2',
  'update child set id = id + 100 where id = 5',
  "update watched set lasts = '9 hours' where id in (3, 4)",
  'delete from watched where id = 6',
  "merge into child c using parent p on p.id = c.parent when matched and c.id = 2 then update set lasts = '1 hour'",
  'delete from child',
  'truncate parent cascade',
]

const options = { completeness: 'throw', seal: false, redact: { defaults: false } } as const
let database: TestDatabase
let pool: pg.Pool
let audit: Audit

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' })
  await database.query(schema)
  await migrate(fromPgPool(database.pool))
  await addCaptureTriggers(fromPgPool(database.pool), ['watched'])
  await migrate(fromPgPool(database.pool))
  pool = new pg.Pool({ connectionString: database.url })
  const trail = createAuditTrail({ options, open: () => instrumented.ready() })
  const instrumented = instrumentPgPool(pool, { trail })
  audit = createAudit({ connection: trail.connection })
})

afterAll(async () => {
  await pool?.end()
  await database?.drop()
})

const found = async () =>
  (await database.query("select after from indelible.entry where after ->> 'verb' = 'COMPLETENESS'")).map(
    ({ after }) => after,
  )

describe('the completeness check takes no offence at cascades, capture triggers, exact values and events', () => {
  test('where each statement commits by itself', async () => {
    for (const statement of [...fill, ...writes]) {
      await pool.query(statement)
      await audit.record({ action: 'between', resource: 'parent', resourceId: 1 })
    }
    expect(await found()).toEqual([])
  })

  test('in one transaction, with events first, last, and behind savepoints that are rolled back', async () => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      const record = () => audit.record({ action: 'inside' }, { transaction: client })
      await record()
      for (const statement of [...fill, ...writes]) {
        await client.query('savepoint s')
        await record()
        await client.query(statement)
        await record()
        await client.query('rollback to s')
        await client.query(statement)
        await client.query('release s')
      }
      await record()
      await client.query('commit')
    } finally {
      client.release()
    }
    expect(await found()).toEqual([])
  })

  test('in a transaction of nothing but events', async () => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await audit.record({ action: 'alone' }, { transaction: client })
      await client.query('commit')
    } finally {
      client.release()
    }
    expect(await found()).toEqual([])
  })
})
