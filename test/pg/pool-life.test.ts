import { createAuditTrail, instrumentPgPool } from '@indelible/core'
import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from './audited-pool.ts'

const tables = `
  create table item (id int primary key, stock int);
  create schema other;
  create table other.item (id int primary key, secret text);
`

let at: PoolDatabase
beforeAll(async () => {
  at = await createPoolDatabase(tables)
  return at.close
})

describe('the onConnect hook of a pool', () => {
  // The types know the hook with a result that nobody waits for; node-postgres does wait.
  const withHook = (sql: string) =>
    at.audited({ max: 1, onConnect: (client: pg.ClientBase) => client.query(sql) } as object)

  test('is captured when it writes', async () => {
    const { entries } = await at.oracle.check(() =>
      withHook('insert into item values (1, 1)').query('select 1'),
    )
    expect(entries).toHaveLength(1)
  })

  test('may change the search path, and no entry names the wrong table', async () => {
    const pool = withHook('set search_path to other')
    const { entries } = await at.oracle.observe(() => pool.query("insert into item values (1, 'x')"))
    expect(entries.map(({ op }) => op)).toEqual(['statement'])
  })
})

test('a trail that is asked for first does not hold up who has taken the only client', async () => {
  const pool = at.plain({ max: 1 })
  const trail = createAuditTrail({ options: { seal: false }, open: async () => undefined })
  const instrumented = instrumentPgPool(pool, { trail })
  const client = await pool.connect()
  const ready = instrumented.ready()
  const { entries } = await at.oracle.check(() => client.query('insert into item values (2, 2)'))
  expect(entries).toHaveLength(1)
  client.release()
  await ready
})

test('a client that asks for results in binary form is refused, and the setting is named', async () => {
  // The types do not know the setting.
  const pool = at.audited({ binary: true } as object)
  const refused = { code: 'AUDIT_DATABASE_UNSUPPORTED', message: expect.stringContaining('binary: true') }
  await expect(pool.query('insert into item values (3, 3)')).rejects.toMatchObject(refused)
  expect(await at.database.query('select from item where id = 3')).toEqual([])
})

describe('from its end on a pool', () => {
  const refusal = 'Cannot use a pool after calling end on the pool'

  test.each(['audited', 'plain'] as const)('refuses in the same words: %s', async (kind) => {
    const pool = at[kind]()
    await pool.query('select 1')
    const ended = pool.end()
    await expect(pool.query('select 1')).rejects.toThrow(refusal)
    await expect(pool.connect()).rejects.toThrow(refusal)
    await expect(new Promise((_, reject) => pool.connect(reject))).rejects.toThrow(refusal)
    await expect(pool.end()).rejects.toThrow('Called end on pool more than once')
    await ended
    await expect(pool.query('select 1')).rejects.toThrow(refusal)
  })
})
