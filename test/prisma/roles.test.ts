import { fromPgPool, migrate } from '@indelible/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'

let shop: AuditedShop
let app: AuditedClient
let role: string

beforeAll(async () => {
  shop = await createAuditedShop()
  role = `${shop.database.name}_app`
  await shop.database.query(`create role ${role} login`)
  await migrate(fromPgPool(shop.database.pool), { grants: { writers: [role] } })
  await shop.create(`
    create table free (id int primary key, v int, note text);
    create table write_only (id int primary key, v int);
    create table some_columns (id int primary key, open int, closed int, note text);
    create table tenant_row (id int primary key, tenant text not null default current_setting('app.tenant', true), v int, note text);
    alter table tenant_row enable row level security;
    create policy see on tenant_row for select using (tenant = 'a');
    create policy change on tenant_row for update using (true) with check (true);
    create policy add on tenant_row for insert with check (true);
    create policy remove on tenant_row for delete using (true);
    insert into tenant_row values (1, 'a', 1), (2, 'b', 1);
    insert into write_only values (1, 1);
    insert into some_columns values (1, 1, 1);
    grant select, insert, update, delete on free, tenant_row to ${role};
    grant insert, update, delete on write_only to ${role};
    grant select (id, open), update (open), insert on some_columns to ${role}`)
  const url = new URL(shop.database.url)
  url.username = role
  app = shop.client({ url: url.href })
})

afterAll(async () => {
  await app.$disconnect()
  await shop.database.query(`drop owned by ${role}; drop role ${role}`)
  await shop.close()
})

test('a role with no right on the audit tables leaves entries all the same', async () => {
  await shop.oracle.check(async () => {
    await app.$executeRaw`insert into free values (1, 1)`
    await app.$executeRaw`update free set v = 2 where id = ${1}`
    await app.$executeRaw`insert into free values (1, 1) on conflict (id) do update set v = 3`
    await app.$executeRaw`delete from free where id = ${1}`
  })
  await expect(app.$queryRaw`select * from indelible.entry`).rejects.toThrow(/permission denied/)
  await expect(app.$executeRaw`insert into indelible.pending values (1)`).rejects.toThrow(/permission denied/)
})

test('a statement that the role may not run is refused by the server, and leaves nothing', async () => {
  const { entries } = await shop.oracle.check(() =>
    expect(app.tag.create({ data: { name: 'x' } })).rejects.toThrow(/denied|permission/i),
  )
  expect(entries).toEqual([])
})

test('without the right to read, a write runs as before and is announced', async () => {
  await shop.oracle.ignore('write_only')
  for (const sql of [
    'insert into write_only values (2, 2)',
    'update write_only set v = 9',
    'delete from write_only',
  ]) {
    const { result, entries } = await shop.oracle.check(() => app.$executeRawUnsafe(sql))
    expect(result, sql).toBeGreaterThan(0)
    expect(entries, sql).toMatchObject([{ op: 'statement', table: 'public.write_only' }])
  }
})

test('with rights on some columns only, a write runs as before and is announced', async () => {
  await shop.oracle.ignore('some_columns')
  for (const sql of [
    'insert into some_columns values (2, 2, 2)',
    'update some_columns set open = 9 where id = 1',
  ]) {
    const { result, entries } = await shop.oracle.check(() => app.$executeRawUnsafe(sql))
    expect(result, sql).toBe(1)
    expect(entries, sql).toMatchObject([{ op: 'statement', table: 'public.some_columns' }])
  }
})

test('row-level security: a write changes the same rows as without us', async () => {
  const count = (sql: string) => shop.oracle.check(() => app.$executeRawUnsafe(sql))
  const reads = await count('update tenant_row set v = v + 1 where id > 0')
  expect([reads.result, reads.entries.map(({ op, key }) => `${op} ${key}`)]).toEqual([1, ['update 1']])
  await shop.oracle.ignore('tenant_row')
  const blind = await count('update tenant_row set v = 7')
  expect([blind.result, blind.entries.map(({ op }) => op)]).toEqual([2, ['statement']])
  const hidden = await count("insert into tenant_row values (3, 'b', 1)")
  expect([hidden.result, hidden.entries.map(({ op }) => op)]).toEqual([1, ['statement']])
  await shop.database.query("delete from oracle.ignored where relation = 'tenant_row'::regclass")
  await shop.oracle.watch()
  const visible = await shop.oracle.check(
    () => app.$queryRaw`insert into tenant_row values (4, 'a', 1) returning id`,
  )
  expect(visible.entries).toMatchObject([{ op: 'insert', key: '4' }])
})

test('a right that is granted later is seen, and one that is revoked does no harm', async () => {
  await shop.database.query(
    `create table later (id int primary key, v int); grant insert, select on later to ${role}`,
  )
  await shop.oracle.watch()
  await shop.oracle.check(() => app.$executeRaw`insert into later values (1, 1)`)
  await shop.database.query(`revoke select on later from ${role}`)
  await shop.oracle.ignore('later')
  const { result } = await shop.oracle.check(() => app.$executeRaw`insert into later values (2, 1)`)
  expect(result).toBe(1)
})

test('after set role, what follows is announced', async () => {
  const url = new URL(shop.database.url)
  const client = shop.client({ url: url.href, max: 1 })
  await shop.oracle.ignore('free')
  const { entries } = await shop.oracle.check(async () => {
    await client.$executeRawUnsafe(`set role ${role}`)
    await client.$executeRaw`insert into free values (50, 1)`
  })
  expect(entries.map(({ op }) => op)).toEqual(['statement'])
  await shop.database.query("delete from oracle.ignored where relation = 'free'::regclass")
  await shop.oracle.watch()
})
