/** Names that invite confusion with those of the audit, on purpose. */
export const rawTables = `
create table item (id int primary key, name text, stock int default 0, tag text unique, "row" text, old int);
create table guarded (id int primary key, n int check (n < 100), u int unique, r int references guarded);
create table entry (id int primary key, amount int not null check (amount > 0));
create table pending (id int primary key);
create table source (id int primary key, name text, stock int);
insert into source values (1, 'one', 10), (2, 'two', 20), (3, 'three', 30);
`

/** Plain statements, each proved by the planner and captured. They find three items. */
export const rawStatements: readonly string[] = [
  'insert into item values (4, default)',
  "insert into item (name, id) values (null, 4), (E'it\\'s', 5), ($$dollar $1$$, 6)",
  'insert into item (id, name) select id + 10, name from source where stock > 10',
  'insert into item (id, name, stock) table source on conflict do nothing',
  'with s as (select * from source) insert into item (id, name, stock) select id + 10, name, stock from s',
  "insert into item values (1, 'z'), (4, 'y') on conflict do nothing",
  "insert into item values (1, 'z'), (4, 'y') on conflict (id) do nothing returning *",
  "insert into item values (1, 'z'), (4, 'y') on conflict (id) do update set name = excluded.name",
  "insert into item values (1, 'z'), (2, 'y') on conflict (id) do update set name = excluded.name where item.stock > 1",
  "insert into item as i values (1, 'z') on conflict on constraint item_pkey do update set (name, stock) = row (excluded.name, i.stock + 1)",
  "insert into item values (9, 'z', 1, 't1') on conflict (tag) do update set stock = item.stock + 5",
  "insert into item values (1, 'a') on conflict (id) do update set name = excluded.name",
  'insert into item select * from source s where s.id = 1 on conflict (id) do update set stock = default',
  "update item set name = 'x'",
  'update public.item * as i set name = upper(i.name), stock = i.stock + 1 where i.id in (1, 2)',
  "update item set (name, stock) = ('x', 5) where id = 1",
  'update item set (name, stock) = (select s.name, s.stock from source s where s.id = item.id)',
  'update item set name = default, stock = default where id = 1',
  'update item set stock = source.stock from source where source.id = item.id',
  'update item i set stock = s.stock from source s join source s2 on s2.id = s.id where s.id = i.id',
  'with s as (select id, stock from source) update item set stock = s.stock from s where s.id = item.id',
  'update item set id = id + 100 where id = 1',
  'update item set stock = 1 where id = 1',
  'update item set stock = 2 where false',
  'update item i set stock = i2.stock from item i2 where i2.id = i.id % 3 + 1',
  'update item set stock = s.stock + 100 from source s',
  'update item set stock = s.stock + item.id from (select * from source order by id desc) s where s.id >= item.id',
  'update item set stock = stock + 10 where id in (select id from item order by id desc limit 2 for update)',
  'with recursive r (n) as (select 1 union all select n + 1 from r where n < 3) update item set stock = r.n * 7 from r where r.n = item.id',
  'delete from item',
  'delete from item as i where i.id = 1',
  'delete from item using source where source.id = item.id and source.stock > 10',
  'with s as (select id from source where id = 1) delete from item where id in (select id from s)',
  'delete from item where id = 1 returning item.*, id as again, id + 1',
  'update item set stock = 50 where id < 3 returning *',
  'update item i set stock = s.stock from source s where s.id = i.id returning i.*, s.name',
  'update item i set stock = s.stock from source s where s.id = i.id returning *',
  "/* first */ update /* ; */ item -- why; 'quote\n set stock = 50 where id = 1;",
  'update item set stock = 50 where id = 1 -- at the end',
  'update item set stock = 50 where id = 1 returning id /* at the end */ ; ;',
  ';update item set stock = 50 where id = 1',
  'UPDATE "item" SET "stock" = 50 WHERE "id" = 1 RETURNING "stock" AS "STOCK"',
  "insert into public.item as i (id) values (4) returning i.id, 'x' || i.name as returned, 1.50 as n, array[1,2] as l",
  "insert into item values (1, 'z'), (4, 'y') on conflict (id) do update set name = excluded.name returning *",
  'update item set stock = 2 where false returning *',
  'update item set stock = 50 where id < 3 returning *, id, id as "row"',
  'select * from item order by id',
]
