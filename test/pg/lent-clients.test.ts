import { type Audit, createAudit, createAuditTrail, fromPgPool, instrumentPgPool } from '@indelible/core'
import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from './audited-pool.ts'

let at: PoolDatabase
beforeAll(async () => {
  at = await createPoolDatabase('create table item (id int primary key, stock int)')
  return at.close
})

/** An audited pool of one client, with its audit. */
function auditedPool(): { pool: pg.Pool; audit: Audit } {
  const pool = at.plain({ max: 1 })
  const trail = createAuditTrail({
    options: { redact: { defaults: false }, seal: false },
    open: () => instrumented.ready(),
  })
  const instrumented = instrumentPgPool(pool, { trail })
  return { pool, audit: createAudit({ connection: trail.connection }) }
}

const uses: [name: string, use: (audit: Audit) => Promise<unknown>][] = [
  ['status', (audit) => audit.status()],
  ['page', (audit) => audit.page()],
  ['verify', (audit) => audit.verify()],
  ['record', (audit) => audit.record({ action: 'x' })],
  ['seal', (audit) => audit.seal()],
]

describe('a transaction that was left open when its client went back to the pool', () => {
  test.each(uses)('is neither ended nor read by %s, which says so', async (_, use) => {
    const { pool, audit } = auditedPool()
    const client = await pool.connect()
    await client.query('begin')
    await client.query('insert into item values (1, 1)')
    client.release()
    await expect(use(audit)).rejects.toMatchObject({ message: expect.stringContaining('left open') })
    expect(await at.database.query('select from item')).toEqual([])
    expect((await pool.query('rollback')).command).toBe('ROLLBACK')
    await use(audit)
  })

  test('is left alone while its beginning is under way', async () => {
    const { pool, audit } = auditedPool()
    await audit.status()
    const client = await pool.connect()
    const sent = [client.query('begin'), client.query('insert into item values (2, 2)')]
    client.release()
    await expect(audit.seal()).rejects.toMatchObject({ message: expect.stringContaining('left open') })
    await Promise.all(sent)
    expect(await at.database.query('select from item')).toEqual([])
    await pool.query('rollback')
  })

  test('is left alone where the pool is not captured', async () => {
    const pool = at.plain({ max: 1 })
    await pool.query('begin')
    await pool.query('insert into item values (3, 3)')
    const database = fromPgPool(pool)
    const refused = { message: expect.stringContaining('left open') }
    await expect(database.query('select')).rejects.toMatchObject(refused)
    await expect(database.transaction((tx) => tx.query('select'))).rejects.toMatchObject(refused)
    expect((await pool.query('rollback')).command).toBe('ROLLBACK')
    expect(await at.database.query('select from item')).toEqual([])
  })
})
