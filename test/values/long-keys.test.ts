import { randomBytes } from 'node:crypto'
import { runWithAuditContext } from '@indelible/core'
import { beforeAll, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'

let at: PoolDatabase
beforeAll(async () => {
  at = await createPoolDatabase('create table noted (k text primary key)')
  return at.close
})

const incompressible = (length: number) => randomBytes(length / 2).toString('hex')
const insert = (key: string) => at.audited({ max: 1 }).query('insert into noted values ($1)', [key])

test('a key of 2,600 bytes is found again by its text', async () => {
  const key = incompressible(2600)
  await insert(key)
  expect(await at.database.query('select op from indelible.entry where row_key = $1', [key])).toEqual([
    { op: 'insert' },
  ])
})

test('a key, an actor and a correlation id that are too long for the indexes of the trail say that it was the entry', async () => {
  const tooLong = { code: 'AUDIT_WRITE_FAILED', facts: { sqlState: '54000' } }
  await expect(insert(incompressible(2690))).rejects.toMatchObject(tooLong)
  const id = incompressible(6000)
  await expect(runWithAuditContext({ actor: { id } }, () => insert('a'))).rejects.toMatchObject(tooLong)
  await expect(runWithAuditContext({ correlationId: id }, () => insert('b'))).rejects.toMatchObject(tooLong)
  expect(await at.database.query('select from noted where length(k) <> 2600')).toEqual([])
})
