import { Prisma, type PrismaClient } from '../../../../prisma/generated/client.ts'
import { exactly } from '../../../conformance/scenario-lists.ts'

/** Names that invite confusion with those of the audit, on purpose. */
export const rawTables = `
create table item (id int primary key, name text, stock int default 0, tag text unique, "row" text, old int);
create table guarded (id int primary key, n int check (n < 100), u int unique, r int references guarded);
create table entry (id int primary key, amount int not null check (amount > 0));
create table pending (id int primary key);
create table source (id int primary key, name text, stock int);
insert into source values (1, 'one', 10), (2, 'two', 20), (3, 'three', 30);
`

const statements: readonly string[] = [
  'insert into item (id, name) values (4, default)',
  "insert into item (name, id) values (null, 4), (E'it\\'s', 5), ($$dollar $1$$, 6)",
  "insert into public.item as i (id) values (4) returning i.id, 'x' || i.name as returned, 1.50 as n, array[1,2] as l",
  'with s as (select * from source) insert into item (id, name, stock) select id + 10, name, stock from s',
  "insert into item values (1, 'z'), (4, 'y') on conflict do nothing",
  "insert into item values (1, 'z'), (4, 'y') on conflict (id) do update set name = excluded.name returning *",
  "insert into item values (1, 'z'), (2, 'y') on conflict (id) do update set name = excluded.name where item.stock > 1",
  "insert into item values (9, 'z', 1, 't1') on conflict (tag) do update set stock = item.stock + 5",
  'update public.item * as i set name = upper(i.name), stock = i.stock + 1 where i.id in (1, 2)',
  'update item set (name, stock) = (select s.name, s.stock from source s where s.id = item.id)',
  'update item i set stock = s.stock from source s where s.id = i.id returning i.*, s.name',
  'update item set id = id + 100 where id = 1',
  'update item set stock = 1 where id = 1',
  'update item set stock = 2 where false returning *',
  'update item set stock = 50 where id < 3 returning *, id, id as "row"',
  "/* first */ update /* ; */ item -- why; 'quote\n set stock = 50 where id = 1;",
  'update item set stock = 50 where id = 1 -- at the end',
  'delete from item using source where source.id = item.id and source.stock > 10',
  'delete from item where id = 1 returning item.*, id as again, id + 1',
  'select * from item order by id',
]

const bound: readonly [sql: string, values: readonly unknown[]][] = [
  ['insert into item (id, name) values ($1, $2), ($3, $2)', [11, 'x', 12]],
  ['update item set name = $2, stock = stock + $1 where id = $3 returning stock, name', [5, 'w', 2]],
  ['update item set (name, stock) = (select $1, $2::int) where id = any ($3::int[])', ['u', 7, [1, 2]]],
  ['insert into item (id) values ($1) returning $2 as given', [8, 'x']],
  ['delete from item where id = $1 or name = $2 returning id', [1, 'b']],
]

/** Plain statements written by hand, by each of the calls that send them. */
export const rawScenarios = exactly<PrismaClient>(
  ...statements.flatMap((sql) => [
    [`$executeRaw: ${sql}`, (p: PrismaClient) => p.$executeRawUnsafe(sql), refill] as const,
    [
      `$queryRaw in a transaction: ${sql}`,
      (p: PrismaClient) => p.$transaction((tx) => tx.$queryRawUnsafe(sql)),
      refill,
    ] as const,
  ]),
  // The second time such a statement is a named one.
  ...bound.map(
    ([sql, values]) =>
      [
        `$queryRaw with values, four times: ${sql}`,
        async (p: PrismaClient) => {
          const results = []
          for (let round = 0; round < 4; round += 1) {
            await refill(p)
            results.push(await p.$queryRawUnsafe(sql, ...values), await p.$executeRaw`delete from item`)
          }
          return results
        },
      ] as const,
  ),
  [
    'tagged templates and fragments',
    (p) =>
      p.$queryRaw`update item set name = ${'n'} where id in (${Prisma.join([1, 2])}) and ${Prisma.sql`stock < ${9}`} returning id`,
    refill,
  ],
)

async function refill(p: PrismaClient): Promise<void> {
  await p.$executeRaw`delete from item`
  await p.$executeRaw`insert into item values (1, 'a', 1, 't1'), (2, 'b', 2, 't2'), (3, 'c', 3, 't3')`
}
