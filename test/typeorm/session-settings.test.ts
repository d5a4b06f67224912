import type { DataSource } from 'typeorm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedShop, createAuditedShop } from './support/audited-shop.ts'

let shop: AuditedShop
let db: DataSource

beforeAll(async () => {
  shop = await createAuditedShop()
  db = await shop.open({ extra: { max: 1 } })
})

afterAll(() => shop?.close())

let count = 0

async function writeAndRead(manager = db.manager): Promise<void> {
  count += 1
  await manager.getRepository('Tag').insert({ name: `tag ${count}` })
  await manager.getRepository('Tag').count()
}

test.each<[string, unknown[]?]>([
  ["select set_config('app.tenant', '7', true), set_config('app.user', 'x', true)"],
  ['select set_config($1, $2, true)', ['app.tenant', '7']],
  ["set local app.tenant = '7'"],
])(
  'settings of the application’s own change nothing, in their transaction and behind it: %s',
  async (...set) => {
    const { entries } = await shop.oracle.check(async () => {
      await db.transaction(async (manager) => {
        await manager.query(...set)
        await writeAndRead(manager)
      })
      await writeAndRead()
    })
    expect(entries.map(({ op }) => op)).toEqual(['insert', 'insert'])
  },
)

test.each([
  [['set role none'], 'reset role'],
  [['set search_path to pg_catalog, public'], 'reset search_path'],
  [['set search_path to pg_catalog, public', "set session_replication_role to 'replica'"], 'reset all'],
  [['set role none', "select set_config('search_' || 'path', 'public', false)"], 'discard all'],
])('what a query runner sets, %j, is over with %s', async (settings, reset) => {
  const runner = db.createQueryRunner()
  const { entries } = await shop.oracle.observe(async () => {
    for (const setting of settings) await runner.query(setting)
    await runner.manager.getRepository('Tag').insert({ name: `while ${settings}` })
    await runner.query(reset)
    await runner.release()
    await writeAndRead()
  })
  expect(entries.map(({ op }) => op)).toEqual(['statement', 'insert'])
})
