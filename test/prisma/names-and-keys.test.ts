import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.prisma
})

afterAll(() => shop.close())

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`

const awkward = [
  'With Space',
  'select',
  'user',
  'ÜNÏCÖDE 表',
  'a"quote',
  "it's",
  'back\\slash',
  'dotted.name',
  '$1',
  '--',
  '/*',
  ';',
  'UPPER',
  'old',
  'new',
  'row',
  'excluded',
  '__old',
  '__new',
  '__indelible',
  'x'.repeat(63),
  'ü'.repeat(31),
]

test.each(awkward)('a table, its key and a column all called %s', async (name) => {
  const q = quote(name)
  await shop.create(`create table ${q} (${q} int primary key, "${'other'}" text)`)
  const steps = [
    `insert into ${q} values ($1, 'a'), (2, 'b')`,
    `update ${q} set "other" = 'c' where ${q} = $1 returning *`,
    `update ${q} set "other" = 'd' where ${q}.${q} = $1 returning ${q}`,
    `insert into ${q} (${q}, other) values ($1, 'e') on conflict (${q}) do update set other = 'x'`,
    `insert into ${q} as t values ($1, 'f') on conflict (${q}) do update set other = excluded.other where t.${q} > 0`,
    `delete from ${q} where ${q} = $1`,
  ]
  for (const sql of steps) {
    const { entries } = await shop.oracle.check(() => prisma.$executeRawUnsafe(sql, 1))
    expect(entries.length, sql).toBeGreaterThan(0)
  }
})

const aliases = ['old', 'new', 'row', 'excluded', '__old', '__new', 'a"quote', 'ÜNÏ CÖDE', 'aliased']

test('an upsert whose row is called excluded is captured from 18 on, and announced before', async () => {
  await shop.create('create table taken (id int primary key, a int); insert into taken values (1, 1)')
  const upsert = () =>
    prisma.$executeRaw`insert into taken as excluded values (1, 1), (2, 2) on conflict (id) do update set a = 5`
  if (shop.database.major < 18) await shop.oracle.ignore('taken')
  const { entries } = await shop.oracle.check(upsert)
  const announced = [{ op: 'statement', table: 'public.taken' }]
  expect(entries).toMatchObject(shop.database.major < 18 ? announced : [{ op: 'update' }, { op: 'insert' }])
})

test.each(aliases)('an alias called %s', async (name) => {
  const q = quote(name)
  await shop.create('create table if not exists aliased (id int primary key, a int)')
  await shop.oracle.check(async () => {
    await prisma.$executeRawUnsafe(`insert into aliased as ${name === 'excluded' ? 'x' : q} values (1, 1), (2, 2)
      on conflict (id) do update set a = 5`)
    await prisma.$executeRawUnsafe(`update aliased as ${q} set a = ${q}.a + 7 where ${q}.id = 1`)
    await prisma.$executeRawUnsafe(
      `update aliased ${q} set a = o.a + 1 from aliased o where o.id <> ${q}.id returning ${q}.*`,
    )
    await prisma.$executeRawUnsafe(`delete from aliased as ${q} where ${q}.id > 0 returning ${q}.id`)
  })
})

test('columns called like words of ours, all at once', async () => {
  const columns = [
    'old',
    'new',
    'row',
    'excluded',
    'before',
    'after',
    'context',
    'operation',
    'kept',
    '__indelible',
    'oid2',
  ]
  await shop.create(
    `create table words (words int primary key, ${columns.map((name) => `"${name}" text`).join(', ')})`,
  )
  await shop.oracle.check(
    () => prisma.$executeRaw`insert into words (words, old, "row") values (1, 'a', 'b')`,
  )
  for (const column of columns) {
    await shop.oracle.check(() =>
      prisma.$executeRawUnsafe(`update words set "${column}" = $1 where words = 1`, column),
    )
    await shop.oracle.check(() =>
      prisma.$queryRawUnsafe(
        `update words set "${column}" = $1 where words = 1 returning old, "new", words.*`,
        `${column}2`,
      ),
    )
  }
  await shop.oracle.check(() => prisma.$executeRaw`delete from words returning row, old`)
})

test('RETURNING may name the old and the new row, from PostgreSQL 18 on', async () => {
  if (shop.database.major < 18) {
    await expect(prisma.$queryRaw`update "Tag" set name = 'x' returning old.name`).rejects.toMatchObject({
      code: 'P2010',
    })
    return
  }
  await shop.create('create table versions (id int primary key, a int)')
  await shop.oracle.check(() => prisma.$executeRaw`insert into versions values (1, 1)`)
  for (const returning of [
    'old.a as was, new.a as now',
    'with (old as o) o.a as was, new.a as now',
    'with (new as n, old as "O o") "O o".a as was, n.a as now',
    'with (old as __old, new as __new) __old.a as was, __new.a as now',
  ]) {
    const { result } = await shop.oracle.check(() =>
      prisma.$queryRawUnsafe<unknown[]>(
        `update versions set a = a + 1 where id = $1 returning ${returning}`,
        1,
      ),
    )
    expect(result).toEqual([{ was: expect.any(Number), now: expect.any(Number) }])
  }
})

test.each(['old', 'new'])('rows of another table called %s in FROM, named in RETURNING', async (name) => {
  await shop.create(`create table if not exists priced (id int primary key, price int)`)
  await prisma.$executeRaw`insert into priced values (1, 10), (2, 20) on conflict (id) do update set price = excluded.id * 10`
  const { result, entries } = await shop.oracle.check(() =>
    prisma.$queryRawUnsafe(`update priced as p set price = ${name}.price + 1 from (values (1, 10), (2, 19)) as ${name} (id, price)
      where p.id = ${name}.id returning ${name}.id, ${name}.price`),
  )
  expect(result).toEqual([
    { id: 1, price: 10 },
    { id: 2, price: 19 },
  ])
  expect(entries).toMatchObject([{ op: 'update', key: '1', before: '{"price":10}', after: '{"price":11}' }])
})

test('a table without any key has entries without a key', async () => {
  await shop.create('create table keyless (a int, b text)')
  const created = await shop.oracle.check(
    () => prisma.$executeRaw`insert into keyless values (1, 'x'), (1, 'x'), (2, 'y')`,
  )
  expect(created.entries.map(({ key }) => key)).toEqual([null, null, null])
  const updated = await shop.oracle.check(
    () => prisma.$executeRaw`update keyless set b = b || 'z' where a = ${1}`,
  )
  expect(updated.entries).toHaveLength(2)
  await shop.oracle.check(() => prisma.$executeRaw`delete from keyless`)
})

test('a unique key without nulls stands in for a missing primary key; partial, deferred and nullable ones do not', async () => {
  await shop.create(`
    create table by_unique (a int, b text not null unique, c int not null);
    create table by_nothing (a int unique, b text not null, c int not null, d int not null unique deferrable,
      unique (b) include (c));
    create table by_partial (a int not null, b int);
    create unique index on by_partial (a) where b is null;
    create unique index on by_partial (abs(a))`)
  const keys = await shop.oracle.check(async () => {
    await prisma.$executeRaw`insert into by_unique values (1, 'key', 1)`
    await prisma.$executeRaw`insert into by_nothing values (1, 'key', 1, 1)`
    await prisma.$executeRaw`insert into by_partial values (1, 2)`
  })
  expect(keys.entries.map(({ key }) => key)).toEqual(['key', 'key', null])
})

test('composite keys in the order of the key, with every kind of text', async () => {
  await shop.create('create table composite (c text, a int, b bytea, v text, primary key (b, c, a))')
  const { entries } = await shop.oracle.check(
    () => prisma.$executeRaw`insert into composite values ('q"\\,ü', 1, '\\x00ff', 'x')`,
  )
  expect(JSON.parse(entries[0]?.key ?? '')).toEqual(['\\x00ff', 'q"\\,ü', '1'])
  await shop.oracle.check(() => prisma.$executeRaw`update composite set a = a + 1, c = 'new'`)
  await shop.oracle.check(() => prisma.$executeRaw`delete from composite`)
})

test('a key that changes: update, swap of many and upsert', async () => {
  await shop.create('create table moving (id int primary key, v int, note text)')
  await prisma.$executeRaw`insert into moving select i, i from generate_series(1, 5) i`
  const { entries } = await shop.oracle.check(
    () => prisma.$executeRaw`update moving set id = id + 100, v = v + 1`,
  )
  expect(entries.map(({ key }) => key)).toEqual(['1', '2', '3', '4', '5'])
  await shop.oracle.check(() => prisma.$executeRaw`update moving set id = id - 100 where id = 101`)
})

test('an upsert that assigns the key is captured under its old key', async () => {
  await shop.create('create table rekeyed (id int primary key, v text unique)')
  await prisma.$executeRaw`insert into rekeyed values (1, 'a')`
  const upsert = () =>
    prisma.$executeRaw`insert into rekeyed values (2, 'a') on conflict (v) do update set id = excluded.id`
  expect((await shop.oracle.check(upsert)).entries).toMatchObject([{ op: 'update', key: '1' }])
})

test('a table of more than fifty columns and one of more than a hundred', async () => {
  for (const count of [51, 120]) {
    const columns = Array.from({ length: count }, (_, at) => `c${at}`)
    await shop.create(
      `create table wide_${count} (id int primary key, ${columns.map((name) => `${name} int`).join(', ')})`,
    )
    await shop.oracle.check(() => prisma.$executeRawUnsafe(`insert into wide_${count} (id) values (1)`))
    const { entries } = await shop.oracle.check(() =>
      prisma.$executeRawUnsafe(
        `update wide_${count} set ${columns.map((name, at) => `${name} = ${at}`).join(', ')}`,
      ),
    )
    expect(entries[0]?.afterFields).toHaveLength(count)
  }
})

test('a column added or dropped between two writes is recorded, or not, from then on', async () => {
  await shop.create('create table growing (id int primary key, a int); insert into growing values (1, 1)')
  await shop.oracle.check(() => prisma.$executeRaw`update growing set a = a + 1 where id = ${1}`)
  await shop.database.query('alter table growing add b int default 7')
  await shop.oracle.check(() => prisma.$executeRaw`update growing set a = a + 1 where id = ${1}`)
  await shop.oracle.check(() => prisma.$executeRaw`update growing set b = b + 1, a = 0 where id = ${1}`)
  await shop.database.query('alter table growing drop a')
  await shop.oracle.check(() => prisma.$executeRaw`update growing set b = b + 1 where id = ${1}`)
  await shop.oracle.check(() => prisma.$executeRaw`delete from growing where id = ${1}`)
})

test('the same name in two schemas is two tables', async () => {
  await shop.create(
    `create schema "other one"; create table "other one"."Tag" (id int primary key, label text)`,
  )
  const { entries } = await shop.oracle.check(async () => {
    await prisma.$executeRaw`insert into "other one"."Tag" values (1, 'there')`
    await prisma.$executeRaw`insert into "Tag" (name) values ('here')`
    await prisma.$executeRaw`update "other one"."Tag" set label = 'x'`
  })
  expect(entries.map(({ table }) => table)).toEqual(['other one.Tag', 'public.Tag', 'other one.Tag'])
})

test('a table of another schema that no model is of has no part in the history of a model of its name', async () => {
  await shop.create('create schema aside; create table aside."Tag" (id int primary key, name text)')
  const { id } = await prisma.tag.create({ data: { name: 'model' } })
  await prisma.$executeRaw`insert into aside."Tag" values (${id}, 'aside')`
  const { entries } = await prisma.$audit.page({ table: 'Tag', key: id })
  expect(entries).toMatchObject([{ entity: 'Tag', after: { name: 'model' } }])
  const aside = await prisma.$audit.page({ table: { schema: 'aside', name: 'Tag' } })
  expect(aside.entries).toMatchObject([{ entity: null, after: { name: 'aside' } }])
})

test('a model without a schema of its own is of the schema of the adapter', async () => {
  await shop.create('create schema own; create table own."Tag" (id serial primary key, name text)')
  const own = shop.client({ schema: 'own' })
  const { id } = await own.tag.create({ data: { name: 'own' } })
  const { entries } = await own.$audit.page({ table: 'Tag', key: id })
  expect(entries).toMatchObject([{ entity: 'Tag', tableSchema: 'own' }])
})

test('an address with a search_path of its own finds the tables that PostgreSQL finds', async () => {
  await shop.create(`create schema front; create table front."Tag" (id serial primary key, name text)`)
  const url = `${shop.database.url}?options=-c%20search_path%3Dfront,public`
  const client = shop.client({ url })
  const { entries } = await shop.oracle.check(async () => {
    await client.$executeRaw`insert into "Tag" (name) values ('front')`
    await client.$executeRaw`update "Tag" set name = 'changed'`
  })
  expect(entries.map(({ table }) => table)).toEqual(['front.Tag', 'front.Tag'])
})
