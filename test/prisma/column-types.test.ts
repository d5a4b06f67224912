import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Prisma } from '../../prisma/generated/client.ts'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { customerData, productData } from './support/shop-rows.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.prisma
})

afterAll(() => shop.close())

test('every type of a product arrives exactly, at creation and at change', async () => {
  const data: Prisma.ProductCreateInput = {
    ...productData(),
    price: '12345678.90',
    ean: 9007199254740993n,
    weight: 0.1 + 0.2,
    attributes: { nested: [1, 1.5, null, { 'k"ey': 'ü\n\\' }], big: 1e20 },
    keywords: ['a', '', 'with "quotes"', 'NULL', '{,}'],
    channels: ['APP', 'MARKETPLACE'],
    picture: randomBytes(50),
    releasedAt: '2026-02-28T23:59:59.123Z',
  }
  const created = await shop.oracle.check(() => prisma.product.create({ data }))
  expect(created.entries[0]?.after).toContain('"price":12345678.90,')
  expect(created.entries[0]?.after).toContain('"ean":9007199254740993,')
  expect(created.entries[0]?.after).toContain('"weight":0.30000000000000004,')
  expect(created.entries[0]?.after).toContain('"channels":["APP","market_place"]')
  const { id } = created.result
  const { entries } = await shop.oracle.check(() =>
    prisma.product.update({
      where: { id },
      data: {
        price: '0.10',
        ean: -9007199254740993n,
        weight: -0,
        attributes: Prisma.DbNull,
        keywords: { push: 'more' },
        channels: [],
        picture: new Uint8Array([0, 255]),
        releasedAt: '2026-03-01T00:00:00.000Z',
        active: false,
      },
    }),
  )
  expect(entries[0]?.afterFields).toHaveLength(9)
  await shop.oracle.check(() => prisma.product.delete({ where: { id } }))
})

test('json: null of the database, null of JSON, and documents that only differ in their order', async () => {
  const { id } = await prisma.product.create({ data: { ...productData(), attributes: { b: 1, a: 2 } } })
  const set = (attributes: object) => () => prisma.product.update({ where: { id }, data: { attributes } })
  expect((await shop.oracle.check(set({ a: 2, b: 1 }))).entries).toEqual([])
  expect((await shop.oracle.check(set(Prisma.JsonNull))).entries).toHaveLength(1)
  // The column is null after both: as JSON text there is no difference between the two nulls.
  await shop.oracle.check(set(Prisma.DbNull))
  expect((await shop.oracle.check(set({ a: {} }))).entries).toHaveLength(1)
})

test('dates, enums and uuids', async () => {
  const customer = await shop.oracle.check(() =>
    prisma.customer.create({
      data: {
        ...customerData(),
        profile: { create: { birthday: new Date('1970-01-01'), avatar: new Uint8Array(0) } },
      },
    }),
  )
  const { entries } = await shop.oracle.check(() =>
    prisma.order.create({
      data: {
        customerId: customer.result.id,
        status: 'SHIPPED',
        paidAt: new Date(0),
        shipments: { create: { carrier: 'x' } },
      },
    }),
  )
  expect(entries.map(({ op, key }) => [op, key])).toEqual([
    ['insert', expect.any(String)],
    ['insert', expect.stringMatching(/^[0-9a-f-]{36}$/)],
  ])
})

test('types that Prisma does not know, by raw SQL', async () => {
  await shop.create(`
    create type pair as (x int, "y Y" text);
    create domain percent as numeric(5, 2) check (value <= 100);
    create domain document as jsonb;
    create table zoo (
      id int primary key, i interval, t time, tz timetz, ts timestamp, r int4range, m int4multirange, net inet, mac macaddr,
      b bit(3), vb bit varying, x xml, v tsvector, p point, bx box, pa pair, pas pair[], pct percent, doc document,
      money money, c char(5), vc varchar(4), n "char", o oid, u uuid, matrix int[][], js json, f4 real, inf double precision,
      big numeric, nan numeric, e text collate "C", tstz timestamptz, arr timestamptz[], ba bytea[])`)
  const row = `1, '1 year 2 days 03:04:05.6', '23:59:59.999999', '01:02:03+04', '294276-12-31 23:59:59', '[1,5)', '{[1,2),[5,9)}',
    '10.0.0.1/8', '08:00:2b:01:02:03', b'101', b'11', '<a>&amp;</a>', 'a fat cat', '(1,2.5)', '(1,1),(0,0)', row (1, 'q"'),
    array[row (1, null)::pair], 99.99, '{"a": 1.10}', 12.34, 'ab', 'abcd', 'c', 4294967295, gen_random_uuid(), '{{1,2},{3,null}}',
    '{"b" : 1,  "b":2}', 1.1, 'infinity', 123456789012345678901234567890.123456789, 'NaN', 'ß', 'infinity', '{-infinity,epoch}', '{"\\\\x00",null}'`
  await shop.oracle.check(() => prisma.$executeRawUnsafe(`insert into zoo values (${row})`))
  // A new value for every column that can be one larger, written back to itself for the rest.
  await shop.oracle.check(
    () => prisma.$executeRaw`update zoo set i = i * 2, t = t - interval '1 s', r = '[2,3]', m = '{}', b = ~b, x = null,
      pa.x = 2, pas[2] = row (3, 'z')::pair, pct = pct - 1, doc = '{"a": 1.1}', money = money * 2, c = 'xyz', vc = 'z', n = 'd',
      matrix[1][1] = 9, js = '{"b" : 1, "b":3}', f4 = f4 * 3, inf = '-infinity', big = big / 3, nan = 0,
      tstz = '2026-01-01 00:00:00.000001+05:30', arr = '{}', ba = '{}' where id = ${1}`,
  )
  await shop.oracle.check(() => prisma.$executeRaw`update zoo set js = '{"b" : 1,  "b":3}' where id = 1`)
  await shop.oracle.check(
    () => prisma.$executeRaw`update zoo set inf = 'nan', nan = '-infinity' where id = 1`,
  )
  await shop.oracle.check(() => prisma.$executeRaw`delete from zoo where id = ${1}`)
})

test('a json document with characters that PostgreSQL text cannot hold can be written and changed', async () => {
  await shop.create('create table raw_json (id int primary key, j json, v int)')
  await shop.oracle.ignore('raw_json')
  const statements = [
    `insert into raw_json values (1, '{"a": "\\u0000", "\\u0000": "\\ud800"}', 1)`,
    `update raw_json set v = 2, j = '{"b": "\\u0000"}' where id = 1`,
    `insert into raw_json values (1, '[]', 1) on conflict (id) do update set v = 3`,
    'delete from raw_json',
  ]
  for (const sql of statements) {
    const plain = shop.database.query(`explain ${sql}`)
    await expect(plain).resolves.toBeDefined()
    expect(await prisma.$executeRawUnsafe(sql), sql).toBe(1)
  }
  const entries = await shop.database.query(
    "select op from indelible.entry where table_name = 'raw_json' order by id",
  )
  expect(entries.map(({ op }) => op)).toEqual(['insert', 'update', 'update', 'delete'])
})

test('an assignment that only an implicit or assignment cast allows keeps its meaning', async () => {
  await shop.create(`create table casts (id int primary key, small smallint, v varchar(3), c char(3), n numeric(4, 1), d date,
    t text, j jsonb, ts timestamptz(0), b boolean, arr int[])`)
  await shop.oracle.check(() => prisma.$executeRaw`insert into casts (id) values (1)`)
  for (const set of [
    'small = 7.4::numeric',
    "v = 'ab '::text",
    "v = 'abc   '::text",
    'n = 12.345',
    "d = timestamp '2026-01-02 03:04'",
    't = 5',
    "j = '[1]'::json",
    "ts = timestamptz '2026-01-02 03:04:05.6'",
    "b = 'yes'",
    "arr = '{1,2}'",
    'small = id::bigint',
    "c = 'a'::text",
    'small = null',
    "t = 'x'::name",
  ]) {
    const { result } = await shop.oracle.check(() => prisma.$executeRawUnsafe(`update casts set ${set}`))
    expect(result, set).toBe(1)
  }
})

test.each([
  "v = 'abcd'",
  'n = 12345',
  'small = 99999',
  "v = 'abcd'::text",
  "b = 'maybe'",
  'small = true',
  "small = '7'::text",
  'b = 1',
  "j = '[1]'::text",
])('an assignment that PostgreSQL refuses is refused as without us: %s', async (set) => {
  const sql = `update casts set ${set}`
  const plain = await shop.database.query(sql).catch((error) => error)
  const { entries } = await shop.oracle.check(() =>
    expect(prisma.$executeRawUnsafe(sql)).rejects.toMatchObject({
      meta: { driverAdapterError: { cause: { originalMessage: plain.message, originalCode: plain.code } } },
    }),
  )
  expect(entries).toEqual([])
})
