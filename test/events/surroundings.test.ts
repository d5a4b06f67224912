import {
  type Audit,
  createAudit,
  createAuditTrail,
  fromPgPool,
  instrumentPgPool,
  migrate,
} from '@indelible/core'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readUnauditedTables } from '../../packages/core/src/store/unaudited-tables.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'

let database: TestDatabase
let pool: pg.Pool
let audit: Audit
let role: string

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' })
  role = `${database.name}_writer`
  await database.query(
    'create table item (id int primary key, name text); create table seen (id int primary key)',
  )
  await database.query(`create role ${role} login password 'secret'`)
  await database.query(`grant select, insert, update, delete on item to ${role}`)
  await migrate(fromPgPool(database.pool), { grants: { writers: [role] } })
  ;({ pool, audit } = openAs(database.url))
})

afterAll(async () => {
  await pool?.end()
  await database?.query(`drop owned by ${role}`)
  await database?.query(`drop role ${role}`)
  await database?.drop()
})

interface OpenOptions {
  readonly completeness?: 'off' | 'throw'
  readonly max?: number
}

function openAs(url: string, { completeness = 'off', max = 10 }: OpenOptions = {}) {
  const pool = new pg.Pool({ connectionString: url, max })
  const trail = createAuditTrail({ options: { seal: false, completeness }, open: () => instrumented.ready() })
  const instrumented = instrumentPgPool(pool, { trail })
  return { pool, audit: createAudit({ connection: trail.connection }) }
}

async function opsOf(tx: unknown): Promise<string[]> {
  const rows = await database.query('select op from indelible.entry where tx = $1 order by id', [tx])
  return rows.map(({ op }) => op)
}

describe('an event on a client that is busy', () => {
  test('takes its place among statements that nobody awaited, those of several turns included', async () => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      const [{ tx }] = (await client.query('select pg_current_xact_id()::text as tx')).rows
      const sent = [
        client.query("insert into item values (1, 'a')"),
        // It is recorded behind savepoints: an event between its turns would be rolled back with them.
        client.query("with made as (insert into item values (2, 'b') returning id) select id from made"),
        audit.record({ action: 'in the middle' }, { transaction: client }),
        client.query("update item set name = 'c' where id = 1"),
        client.query("do $$ begin insert into item values (3, 'd'); end $$"),
        audit.record({ action: 'at the end' }, { transaction: client }),
      ]
      await Promise.all(sent)
      await client.query('commit')
      expect((await opsOf(tx)).filter((op) => op === 'event')).toHaveLength(2)
      expect((await opsOf(tx)).toSorted()).toEqual(
        ['event', 'event', 'insert', 'statement', 'statement', 'update'].toSorted(),
      )
    } finally {
      client.release()
    }
  })

  test('is refused behind a COMMIT that nobody awaited, and does not reach the next transaction of the client', async () => {
    const single = openAs(database.url, { max: 1 })
    const client = await single.pool.connect()
    await client.query('begin')
    const commit = client.query('commit')
    const late = single.audit.record({ action: 'late' }, { transaction: client })
    const refused = expect(late).rejects.toMatchObject({ code: 'AUDIT_TRANSACTION_INVALID' })
    await commit
    client.release()
    const next = await single.pool.connect()
    await next.query('begin')
    await refused
    await next.query('commit')
    next.release()
    await single.pool.end()
    expect(await database.query(`select from indelible.entry where after ->> 'action' = 'late'`)).toEqual([])
  })

  test('in a transaction that has failed says so, and leaves nothing', async () => {
    const client = await pool.connect()
    try {
      await client.query('begin')
      await expect(client.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' })
      await expect(audit.record({ action: 'failed' }, { transaction: client })).rejects.toMatchObject({
        code: 'AUDIT_WRITE_FAILED',
        facts: { sqlState: '25P02' },
      })
      await client.query('rollback')
    } finally {
      client.release()
    }
  })
})

test('the completeness check takes no offence at an event', async () => {
  const checked = openAs(database.url, { completeness: 'throw' })
  const client = await checked.pool.connect()
  try {
    await client.query('begin')
    await checked.audit.record({ action: 'checked' }, { transaction: client })
    await client.query("insert into item values (10, 'x')")
    await checked.audit.record(
      { action: 'checked', resource: 'item', resourceId: 10 },
      { transaction: client },
    )
    await client.query('commit')
  } finally {
    client.release()
    await checked.pool.end()
  }
  const ops = []
  for await (const { op } of audit.history('item', 10)) ops.push(op)
  expect(ops).toEqual(['insert', 'event'])
})

test('a writer records events and reads none', async () => {
  const url = new URL(database.url)
  url.username = role
  url.password = 'secret'
  const writer = openAs(url.href)
  try {
    const { id } = await writer.audit.record({ action: 'by the writer', resource: 'item', resourceId: 1 })
    expect(await audit.entry(id)).toMatchObject({ op: 'event', tableSchema: 'public', rowKey: '1' })
    await expect(writer.pool.query('select from indelible.entry')).rejects.toMatchObject({ code: '42501' })
  } finally {
    await writer.pool.end()
  }
})

test('a role that may write no entry is told so', async () => {
  await database.query(`revoke execute on function indelible.log_event from ${role}`)
  const url = new URL(database.url)
  url.username = role
  url.password = 'secret'
  const writer = openAs(url.href)
  try {
    await expect(writer.audit.record({ action: 'forbidden' })).rejects.toMatchObject({
      code: 'AUDIT_WRITE_FAILED',
      facts: { sqlState: '42501' },
    })
  } finally {
    await writer.pool.end()
    await database.query(`grant execute on function indelible.log_event to ${role}`)
  }
})

test('an event about a row does not make a table that is written past the audit look audited', async () => {
  await database.query('insert into seen values (1)')
  await audit.record({ action: 'seen.view', resource: 'seen', resourceId: 1 })
  const tables = async () => (await readUnauditedTables(fromPgPool(database.pool))).map(({ table }) => table)
  await expect.poll(tables, { timeout: 20_000 }).toContain('seen')
})

test('an edited event is found by verification', async () => {
  const { id } = await audit.record({ action: 'order.refund', metadata: { amount: 5 } })
  await audit.seal()
  expect(await audit.verify()).toMatchObject({ ok: true })
  await database.query('alter table indelible.entry disable trigger append_only')
  await database.query(`update indelible.entry set after = '{"action":"order.refund"}' where id = $1`, [id])
  await database.query('alter table indelible.entry enable always trigger append_only')
  expect(await audit.verify()).toMatchObject({ ok: false, findings: [{ kind: 'edited', entryId: `${id}` }] })
})
