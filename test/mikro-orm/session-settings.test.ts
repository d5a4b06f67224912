import { fromPgPool, migrate } from '@indelible/core'
import { RequestContext } from '@mikro-orm/postgresql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedShop, createAuditedShop, insertTag } from './support/audited-shop.ts'
import { Tag } from './support/shop-entities.ts'

let shop: AuditedShop

beforeAll(async () => {
  shop = await createAuditedShop()
})

afterAll(() => shop?.close())

const onOneConnection = { pool: { max: 1 } }
const variables = { 'app.tenant': 7, 'app.user': 'x' }

test('variables of a session context change nothing for those who write and read with them, nor for who comes next', async () => {
  const orm = await shop.init(onOneConnection)
  const em = orm.em.fork()
  em.setSessionContext({ variables })
  const { entries } = await shop.oracle.check(async () => {
    await em.insert(Tag, { name: 'with variables' })
    await em.count(Tag)
    await insertTag(orm)
    await orm.em.fork().count(Tag)
  })
  expect(entries.map(({ op, table }) => `${op} ${table}`)).toEqual(['insert public.Tag', 'insert public.Tag'])
})

test('so do those that are set for each use of a connection', async () => {
  const orm = await shop.init({ ...onOneConnection, sessionContext: 'connection' })
  const withVariables = async () => {
    orm.em.setSessionContext({ variables })
    await orm.em.insert(Tag, { name: 'with variables of a connection' })
    const set = await orm.em.execute("select current_setting('app.tenant') tenant")
    expect(set).toEqual([{ tenant: '7' }])
  }
  const { entries } = await shop.oracle.check(async () => {
    await insertTag(orm)
    await RequestContext.create(orm.em, withVariables)
    await insertTag(orm)
  })
  expect(entries.map(({ op }) => op)).toEqual(['insert', 'insert', 'insert'])
})

test('under the role of a session context writes are recorded without their rows, and captured again behind it', async () => {
  const role = `${shop.database.name}_r`
  await shop.database.query(
    `create role "${role}"; grant "${role}" to current_user; grant all on "Tag" to "${role}"; grant all on all sequences in schema public to "${role}"`,
  )
  await migrate(fromPgPool(shop.database.pool), { grants: { writers: [role] } })
  for (const sessionContext of ['transaction', 'connection'] as const) {
    const orm = await shop.init({ ...onOneConnection, sessionContext })
    const asRole = async () => {
      orm.em.setSessionContext({ role })
      await orm.em.insert(Tag, { name: `as a role for its ${sessionContext}` })
    }
    const { entries } = await shop.oracle.observe(async () => {
      await RequestContext.create(orm.em, asRole)
      await insertTag(orm)
    })
    expect(entries.map(({ op }) => op)).toEqual(['statement', 'insert'])
  }
  await shop.database.query(`drop owned by "${role}"; drop role "${role}"`)
})

test('after clear() without foreign keys their actions are known again', async () => {
  const orm = await shop.init({ ...onOneConnection, schemaGenerator: { disableForeignKeysForClear: true } })
  await orm.schema.clear()
  const { entries } = await shop.oracle.check(() => insertTag(orm))
  expect(entries.map(({ op }) => op)).toEqual(['insert'])
})
