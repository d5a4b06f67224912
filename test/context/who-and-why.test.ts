import {
  addCaptureTriggers,
  fromPgPool,
  runWithAuditContext,
  updateAuditContext,
  withReason,
} from '@indelible/core'
import Cursor from 'pg-cursor'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from '../pg/audited-pool.ts'

let shop: PoolDatabase
const ada = { actor: { id: 'ada' } }

beforeAll(async () => {
  shop = await createPoolDatabase(`
    create table price (id int primary key, amount int); insert into price values (1, 1);
    create table watched (id int primary key, amount int); insert into watched values (1, 1)`)
  await addCaptureTriggers(fromPgPool(shop.database.pool), [{ schema: 'public', name: 'watched' }])
})

afterAll(() => shop.close())

const amountOf = async (table: string) =>
  (await shop.database.query(`select amount from ${table}`))[0]?.['amount']

test('rows that capture triggers enter have their actor and reason asked for, too', async () => {
  // Under `throw` a MERGE is left to the triggers, which see its rows.
  const options = { onUncaptured: 'throw', onMissingActor: 'reject' } as const
  const pool = shop.audited({}, { ...options, requireReason: { tables: ['watched'] } })
  const merge =
    'merge into watched w using (select 1) s on w.id = 1 when matched then update set amount = amount + 1'
  for (const text of [merge, 'update watched set amount = 9']) {
    await expect(pool.query(text)).rejects.toMatchObject({ code: 'AUDIT_ACTOR_MISSING' })
    await expect(runWithAuditContext(ada, () => pool.query(text))).rejects.toMatchObject({
      code: 'AUDIT_REASON_MISSING',
    })
  }
  expect(await amountOf('watched')).toBe(1)
  await runWithAuditContext(ada, () => withReason('why', () => pool.query(merge)))
  expect(await amountOf('watched')).toBe(2)
})

test('where an actor is asked for, a blank one writes nothing, and an undefined one takes nobody’s place', async () => {
  const pool = shop.audited({}, { onMissingActor: 'reject' })
  const write = () => pool.query('insert into watched values (2, 1)')
  for (const id of ['', ' ']) expect(() => runWithAuditContext({ actor: { id } }, write)).toThrow(TypeError)
  await runWithAuditContext(ada, async () => {
    updateAuditContext({ actor: undefined } as object)
    await runWithAuditContext({ actor: undefined, reason: 'r' } as object, write)
  })
  expect(await shop.database.query("select actor_id from indelible.entry where after->>'id' = '2'")).toEqual([
    { actor_id: 'ada' },
  ])
})

test('a cursor that writes must say why before it runs', async () => {
  const pool = shop.audited({}, { requireReason: { tables: ['public.price'] } })
  const client = await pool.connect()
  await client.query('select 1')
  const cursor = () => client.query(new Cursor('update price set amount = 7 returning id'))
  expect(cursor).toThrow(expect.objectContaining({ code: 'AUDIT_REASON_MISSING' }))
  expect(await amountOf('price')).toBe(1)
  await withReason('why', () => cursor().read(10))
  client.release()
  expect(await amountOf('price')).toBe(7)
})

test('the facts of a refusal name table and action, and no value', async () => {
  const pool = shop.audited({}, { requireReason: { tables: ['price'], actions: ['price.fix'] } })
  const write = () => pool.query('update price set amount = $1', [4711])
  await expect(runWithAuditContext({ action: 'price.fix' }, write)).rejects.toMatchObject({
    facts: { table: 'public.price', action: 'price.fix' },
  })
  const error = await write().catch((refusal: Error) => refusal)
  expect(error).toMatchObject({ facts: { table: 'public.price' } })
  expect(JSON.stringify(error)).not.toContain('4711')
})
