import type { AuditWarning } from '@indelible/prisma'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'

let shop: AuditedShop
let recording: AuditedClient
let throwing: AuditedClient
let warning: AuditedClient
const warnings: AuditWarning[] = []

beforeAll(async () => {
  shop = await createAuditedShop()
  recording = shop.prisma
  throwing = shop.client({ onUncaptured: 'throw' })
  warning = shop.client({ onUncaptured: 'warn', onWarning: (each) => warnings.push(each) })
  await shop.create(`
    create table goods (id int primary key, v int, secret text);
    create table parent (id int primary key); create table child (id int primary key, of int references parent on delete cascade);
    create view goods_view as select * from goods;
    create function touch() returns void language sql as 'update goods set v = v + 1';
    create procedure commit_twice() language plpgsql as $$ begin
      insert into goods values (100, 1); commit; insert into goods values (101, 1); end $$`)
  await shop.oracle.ignore('goods', 'child', 'parent')
})

beforeEach(async () => {
  await shop.database.query('truncate goods, parent, child')
  await shop.database.query("insert into goods select i, i, 'old' from generate_series(1, 5) i")
})

afterAll(() => shop.close())

const goods = () => shop.database.query('select * from goods order by id')

/** Statements whose rows no image can show: what entry each leaves. */
const statements: readonly [sql: string, op: string, tables: string[]][] = [
  ['with x as (delete from goods where id = 1 returning id) select * from x', 'statement', ['goods']],
  [
    "with x as (update goods set secret = 'hunter2' returning id) select count(*) from x",
    'statement',
    ['goods'],
  ],
  [
    "merge into goods g using (values (1), (9)) as s (id) on s.id = g.id when matched then update set secret = 'hunter2' when not matched then insert values (s.id, 0, 'hunter2')",
    'statement',
    ['goods'],
  ],
  ["insert into goods_view values (9, 9, 'hunter2')", 'statement', ['goods_view']],
  ["insert into goods values (9, 9, 'hunter2'); update goods set secret = 'hunter2'", 'statement', ['goods']],
  ["do $$ begin update goods set secret = 'hunter2'; end $$", 'statement', []],
  ['truncate goods', 'truncate', ['goods']],
  ['truncate table only goods, child', 'truncate', ['goods', 'child']],
  ["select id, 'hunter2' as x into made_by_select from goods", 'statement', []],
  ["create table made_as as select id, 'hunter2' as x from goods", 'ddl', ['made_as']],
  ["prepare named as insert into goods values (9, 9, 'hunter2')", 'statement', []],
  ["alter table goods alter secret set default 'hunter2'", 'ddl', ['goods']],
  ["comment on table goods is 'hunter2'", 'ddl', []],
  ["explain analyze update goods set secret = 'hunter2'", 'statement', ['goods']],
]

// Prisma's driver adapter cannot return the rows of several statements.
const run = (client: AuditedClient, sql: string) =>
  sql.includes('; ') ? client.$executeRawUnsafe(sql) : client.$queryRawUnsafe(sql)

test.each(statements)('recorded: %s', async (sql, op, tables) => {
  const { entries } = await shop.oracle.check(() => run(recording, sql))
  await shop.database.query('drop table if exists made_by_select, made_as')
  expect(entries.map((entry) => entry.op)).toEqual([op])
  const details = JSON.parse(entries[0]?.after ?? '')
  expect(details).toMatchObject({ verb: sql.split(' ')[0]?.toUpperCase(), reason: expect.any(String) })
  expect(details.tables.map(({ name }: { name: string }) => name)).toEqual(expect.arrayContaining(tables))
  expect(details.sql).not.toContain('hunter2')
})

test.each(statements)('refused before it runs, under throw: %s', async (sql) => {
  const before = await goods()
  const { entries } = await shop.oracle.check(() =>
    expect(run(throwing, sql)).rejects.toMatchObject({ code: 'AUDIT_UNCAPTURED' }),
  )
  expect(entries).toEqual([])
  expect(await goods()).toEqual(before)
})

test('a refusal names verb, table and reason, and holds no literal', async () => {
  const sql = `insert into goods_view values (1, 2, 'hunter2')`
  const error = await throwing.$executeRawUnsafe(sql).catch((thrown) => thrown)
  expect(error.message).toMatch(/INSERT .*the relation is a view/)
  expect(JSON.stringify([error.message, error])).not.toContain('hunter2')
})

// Prisma makes an error of its own class of every error that has a code.
test('a refusal reaches the application with our code and message', async () => {
  const error = await throwing.$executeRaw`truncate goods`.catch((thrown) => thrown)
  expect(error).toMatchObject({ code: 'AUDIT_UNCAPTURED', message: expect.stringContaining('TRUNCATE') })
})

test('a refused statement leaves the transaction usable', async () => {
  const { entries } = await shop.oracle.check(() =>
    throwing.$transaction(async (tx) => {
      await tx.$executeRaw`truncate goods`.catch(() => undefined)
      await tx.tag.create({ data: { name: 'after a refusal' } })
    }),
  )
  expect(entries).toHaveLength(1)
  expect(await goods()).toHaveLength(5)
})

test('under warn, the statement runs, leaves no entry and is reported', async () => {
  warnings.length = 0
  const { entries } = await shop.oracle.check(() => warning.$executeRaw`truncate goods`)
  expect(entries).toEqual([])
  expect(await goods()).toEqual([])
  expect(warnings).toMatchObject([{ code: 'AUDIT_UNCAPTURED', facts: { verb: 'TRUNCATE' } }])
})

test('what foreign keys would do is refused under throw, and so is nothing else', async () => {
  await shop.database.query('insert into parent values (1); insert into child values (1, 1)')
  const { entries } = await shop.oracle.check(async () => {
    await expect(throwing.$executeRaw`delete from parent where id = ${1}`).rejects.toMatchObject({
      code: 'AUDIT_UNCAPTURED',
    })
    await throwing.$executeRaw`insert into "Tag" (name) values ('thrown')`
  })
  expect(entries.map(({ op }) => op)).toEqual(['insert'])
  expect(await shop.database.query('select * from child')).toHaveLength(1)
})

test('a recorded statement and its entry live and die together', async () => {
  const undo = new Error('undo')
  const rolledBack = await shop.oracle.check(() =>
    expect(
      recording.$transaction(async (tx) => {
        await tx.$executeRaw`truncate goods`
        throw undo
      }),
    ).rejects.toBe(undo),
  )
  expect(rolledBack.entries).toEqual([])
  const failed = await shop.oracle.check(() =>
    expect(
      recording.$executeRaw`with x as (delete from goods returning id) select 1 / 0 from x`,
    ).rejects.toMatchObject({
      code: 'P2010',
    }),
  )
  expect(failed.entries).toEqual([])
  expect(await goods()).toHaveLength(5)
})

test('a statement that PostgreSQL runs in no transaction is recorded before it runs', async () => {
  await shop.database.query('create table if not exists indexed (id int)')
  for (const sql of [
    'create index concurrently on indexed (id)',
    'vacuum indexed',
    'reindex table concurrently indexed',
  ]) {
    const { entries } = await shop.oracle.check(() => recording.$executeRawUnsafe(sql))
    expect(entries, sql).toHaveLength(1)
  }
})

test('a procedure that commits is recorded and works', async () => {
  const { entries } = await shop.oracle.check(() => recording.$executeRaw`call commit_twice()`)
  expect(entries).toMatchObject([{ op: 'statement' }])
  expect(await goods()).toHaveLength(7)
})

test('text with begin and commit of its own works and is recorded', async () => {
  const { entries } = await shop.oracle.check(
    () =>
      recording.$executeRaw`begin; insert into goods values (50, 1); commit; insert into goods values (51, 1)`,
  )
  expect(entries.map(({ op }) => op)).toEqual(['statement'])
  expect(await goods()).toHaveLength(7)
})

test('a recorded statement with binds returns its rows, and says which tables it wrote', async () => {
  const { result, entries } = await shop.oracle.check(
    () => recording.$queryRaw`with x as (delete from goods where id = ${2} returning id, secret), y as (
      insert into parent select id from x returning id) select x.*, y.id as copied from x join y using (id)`,
  )
  expect(result).toEqual([{ id: 2, secret: 'old', copied: 2 }])
  const { tables } = JSON.parse(entries[0]?.after ?? '')
  expect(tables.map(({ name }: { name: string }) => name).sort()).toEqual(['goods', 'parent'])
})

test('a read-only transaction and a read stay as they are', async () => {
  const { entries } = await shop.oracle.check(() =>
    recording.$transaction(async (tx) => {
      await tx.$executeRaw`set transaction read only`
      await tx.$queryRaw`select 1`
      await tx.$queryRaw`explain select 1`
      await tx.$queryRaw`with x as (select 1 as a) select * from x`
    }),
  )
  expect(entries).toEqual([])
})

test('a literal, a comment or a dollar-quoted text never reaches a recorded statement', async () => {
  const secret = 'hunter2'
  for (const sql of [
    `truncate goods /* ${secret} */ -- ${secret}`,
    `do $x$ begin perform '${secret}'; end $x$`,
    `do '${secret.replace('h', "''")}begin null; end' `,
    `with x as (update goods set secret = e'\\'${secret}' returning 1) select U&'${secret}', $$${secret}$$, b'1' from x`,
  ]) {
    await recording.$executeRawUnsafe(sql).catch(() => undefined)
  }
  const [row] = await shop.database.query<{ text: string }>(
    "select string_agg(e::text, ' ') as text from indelible.entry e",
  )
  expect(row?.text).not.toContain('unter2')
})
