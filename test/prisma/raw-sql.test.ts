import { afterAll, beforeAll, expect, test } from 'vitest'
import { Prisma } from '../../prisma/generated/client.ts'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.prisma
  await shop.create(`
    create table item (id int primary key, name text, stock int default 0, tag text unique, note text);
    create table source (id int primary key, name text, stock int)`)
  await prisma.$executeRaw`insert into source values (1, 'one', 10), (2, 'two', 20), (3, 'three', 30)`
})

afterAll(() => shop.close())

const refill = () =>
  shop.database.query(`delete from item;
    insert into item values (1, 'a', 1, 't1'), (2, 'b', 2, 't2'), (3, 'c', 3, 't3')`)

/** Each text: how many entries it must leave. */
const statements: readonly [sql: string, entries: number][] = [
  ['insert into item values (4, default)', 1],
  ["insert into item (name, id) values (null, 4), (E'it\\'s', 5), ($$dollar $1$$, 6)", 3],
  ["insert into public.item as i (id) values (4) returning i.id, 'x' || i.name as returned", 1],
  ['insert into item (id, name) select id + 10, name from source where stock > 10', 2],
  ['insert into item (id, name, stock) table source on conflict do nothing', 0],
  [
    'with s as (select * from source) insert into item (id, name, stock) select id + 10, name, stock from s',
    3,
  ],
  ["insert into item values (1, 'z'), (4, 'y') on conflict do nothing", 1],
  ["insert into item values (1, 'z'), (4, 'y') on conflict (id) do nothing returning *", 1],
  ["insert into item values (1, 'z'), (4, 'y') on conflict (id) do update set name = excluded.name", 2],
  [
    "insert into item values (1, 'z'), (2, 'y') on conflict (id) do update set name = excluded.name where item.stock > 1",
    1,
  ],
  [
    "insert into item as i values (1, 'z') on conflict on constraint item_pkey do update set (name, stock) = row (excluded.name, i.stock + 1)",
    1,
  ],
  ["insert into item values (9, 'z', 1, 't1') on conflict (tag) do update set stock = item.stock + 5", 1],
  ["insert into item values (1, 'a') on conflict (id) do update set name = excluded.name", 0],
  [
    'insert into item select * from source s where s.id = 1 on conflict (id) do update set stock = default',
    1,
  ],
  ["update item set name = 'x'", 3],
  ['update public.item * as i set name = upper(i.name), stock = i.stock + 1 where i.id in (1, 2)', 2],
  ["update item set (name, stock) = ('x', 5) where id = 1", 1],
  ['update item set (name, stock) = (select s.name, s.stock from source s where s.id = item.id)', 3],
  ['update item set name = default, stock = default where id = 1', 1],
  ['update item set stock = source.stock from source where source.id = item.id', 3],
  ['update item i set stock = s.stock from source s join source s2 on s2.id = s.id where s.id = i.id', 3],
  ['with s as (select id, stock from source) update item set stock = s.stock from s where s.id = item.id', 3],
  ['update item set id = id + 100 where id = 1', 1],
  ['update item set stock = 1 where id = 1', 0],
  ['update item set stock = 2 where false', 0],
  ['update item i set stock = i2.stock from item i2 where i2.id = i.id % 3 + 1', 3],
  // Each row is met three times and changed once, by whichever comes first.
  ['update item set stock = s.stock + 100 from source s', 3],
  [
    'update item set stock = s.stock + item.id from (select * from source order by id desc) s where s.id >= item.id',
    3,
  ],
  [
    'update item set stock = stock + 10 where id in (select id from item order by id desc limit 2 for update)',
    2,
  ],
  [
    'with recursive r (n) as (select 1 union all select n + 1 from r where n < 3) update item set stock = r.n * 7 from r where r.n = item.id',
    3,
  ],
  ['delete from item', 3],
  ['delete from item as i where i.id = 1', 1],
  ['delete from item using source where source.id = item.id and source.stock > 10', 2],
  ['with s as (select id from source where id = 1) delete from item where id in (select id from s)', 1],
  ['delete from item where id = 1 returning item.*, id as again, id + 1', 1],
  ['update item set stock = 50 where id < 3 returning *', 2],
  ['update item i set stock = s.stock from source s where s.id = i.id returning i.*, s.name', 3],
  ['update item i set stock = s.stock from source s where s.id = i.id returning *', 3],
  ["/* first */ update /* ; */ item -- why; 'quote\n set stock = 50 where id = 1;", 1],
  ['update item set stock = 50 where id = 1 -- at the end', 1],
  ['update item set stock = 50 where id = 1 returning id /* at the end */ ; ;', 1],
  [';update item set stock = 50 where id = 1', 1],
  ['UPDATE "item" SET "stock" = 50 WHERE "id" = 1 RETURNING "stock" AS "STOCK"', 1],
]

test.each(statements)('$executeRaw: %s', async (sql, count) => {
  await refill()
  const { entries } = await shop.oracle.check(() => prisma.$executeRawUnsafe(sql))
  expect(entries).toHaveLength(count)
})

test.each(statements)('$queryRaw in a transaction: %s', async (sql, count) => {
  await refill()
  const { entries } = await shop.oracle.check(() => prisma.$transaction((tx) => tx.$queryRawUnsafe(sql)))
  expect(entries).toHaveLength(count)
})

test('each of them captures the same with binds, and again as a named statement', async () => {
  const bound: readonly [sql: string, values: unknown[]][] = [
    ['insert into item (id, name) values ($1, $2), ($3, $2)', [11, 'x', 12]],
    ['insert into item (id, name) select id + $1, $2 from source', [20, 'y']],
    [
      'insert into item (id, name) values ($1, $2) on conflict (id) do update set name = $2 where item.id = $1 or $3',
      [1, 'z', false],
    ],
    ['update item set name = $2, stock = stock + $1 where id = $3', [5, 'w', 2]],
    [
      'update item set name = $1 || source.name from source where source.id = item.id and source.id > $2',
      ['v', 0],
    ],
    ['update item set (name, stock) = (select $1, $2::int) where id = any ($3::int[])', ['u', 7, [1, 2]]],
    ['delete from item where id = $1 or name = $2 returning id', [1, 'b']],
  ]
  for (const [sql, values] of bound) {
    for (let round = 0; round < 4; round += 1) {
      await refill()
      const { entries } = await shop.oracle.check(() => prisma.$executeRawUnsafe(sql, ...values))
      expect(entries.length, sql).toBeGreaterThan(0)
    }
  }
})

test('tagged templates and Prisma.sql fragments', async () => {
  await refill()
  const ids = Prisma.join([1, 2])
  const { result, entries } = await shop.oracle.check(
    () => prisma.$queryRaw<{ id: number }[]>`update item set name = ${'n'} where id in (${ids}) returning id`,
  )
  expect(result.map(({ id }) => id).sort()).toEqual([1, 2])
  expect(entries).toHaveLength(2)
})

test('a data-modifying WITH, MERGE, COPY and several statements are announced with their tables', async () => {
  await refill()
  await shop.oracle.ignore('item')
  const announced: readonly [sql: string, tables: string[]][] = [
    ['with gone as (delete from item where id = 1 returning *) select * from gone', ['item']],
    [
      'with gone as (delete from item where id = 2 returning id) insert into source (id) select id + 50 from gone',
      ['item', 'source'],
    ],
    [
      'merge into item i using source s on s.id = i.id when matched then update set stock = s.stock when not matched then insert values (s.id)',
      ['item'],
    ],
  ]
  await shop.oracle.ignore('source')
  for (const [sql, tables] of announced) {
    const { entries } = await shop.oracle.check(() => prisma.$executeRawUnsafe(sql))
    expect(
      entries.map(({ op }) => op),
      sql,
    ).toEqual(['statement'])
    const details = JSON.parse(entries[0]?.after ?? '')
    expect(details.tables.map(({ name }: { name: string }) => name).sort(), sql).toEqual(tables)
  }
  await shop.database.query("delete from oracle.ignored where relation = 'item'::regclass")
  await shop.oracle.watch()
  await shop.database.query("delete from oracle.ignored where relation = 'source'::regclass")
  await shop.oracle.watch()
})
