import { runWithAuditContext } from '@indelible/core'
import { beforeAll, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from './audited-pool.ts'

let at: PoolDatabase
beforeAll(async () => {
  at = await createPoolDatabase(`
    create table event (id int, region text, note text, tag text, primary key (id, region)) partition by list (region);
    create table event_eu partition of event for values in ('eu', 'ch') partition by list (region);
    create table event_ch partition of event_eu for values in ('ch');
    create table event_rest partition of event default`)
  return at.close
})

const writes = (table: string, region: string) => [
  `insert into ${table} values (1, '${region}', 'secret', 'open')`,
  `update ${table} set note = 'secret 2', tag = 'open 2' where id = 1`,
  `delete from ${table} where id = 1`,
]

test.each([
  ['event_rest', 'us'],
  ['event_eu', 'ch'],
  ['event_ch', 'ch'],
])('what is secret in a table is secret in a write to its partition %s', async (table, region) => {
  const redact = { tables: { event: { note: 'mask' }, 'public.event_ch': { tag: 'drop' } } } as const
  const pool = at.audited({}, { redact })
  const { entries } = await at.oracle.observe(async () => {
    for (const sql of writes(table, region)) await pool.query(sql)
  })
  expect(entries).toHaveLength(3)
  const stored = await at.database.query(
    'select before::text, after::text from indelible.entry where table_name = $1',
    [table],
  )
  expect(JSON.stringify(stored)).not.toContain('secret')
  expect(JSON.stringify(stored).includes('open')).toBe(table !== 'event_ch')
})

test('a write to a partition needs the reason that its table asks for', async () => {
  const pool = at.audited({}, { requireReason: { tables: ['public.event'] } })
  for (const [table, region] of [
    ['event_ch', 'ch'],
    ['event_eu', 'ch'],
    ['event_rest', 'us'],
  ] as const) {
    const [insert = '', ...others] = writes(table, region)
    await expect(pool.query(insert)).rejects.toMatchObject({ code: 'AUDIT_REASON_MISSING' })
    await runWithAuditContext({ reason: 'because' }, async () => {
      for (const sql of [insert, ...others]) await pool.query(sql)
    })
  }
})
