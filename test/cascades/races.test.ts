import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { untilOneWaits } from '../support/lock-waiters.ts'
import {
  type AuditedSession,
  type CascadeDatabase,
  createCascadeDatabase,
} from './support/audited-sessions.ts'

let cascade: CascadeDatabase
let session: AuditedSession
let other: pg.Client

beforeAll(async () => {
  cascade = await createCascadeDatabase()
  await cascade.create(`
    create table parent (id int primary key, v int);
    create table child (id int primary key, p int references parent on delete cascade on update cascade, v int);
    create table loose (id int primary key, p int references parent on delete set null on update set null, v int)`)
  session = await cascade.session()
  other = new pg.Client(cascade.database.url)
  await other.connect()
})

afterAll(async () => {
  await other.end()
  await cascade.close()
})

beforeEach(async () => {
  await cascade.database.query(`truncate parent cascade; insert into parent values (1, 1), (2, 2);
    insert into child values (1, 1, 1), (2, 2, 2); insert into loose values (1, 1, 1), (2, 2, 2)`)
})

/** Starts a statement while another session has something open, and lets that commit once the statement waits, behind `meanwhile`. */
async function whileOpen(
  theirs: string,
  work: () => Promise<unknown>,
  meanwhile: () => Promise<unknown> = async () => undefined,
): Promise<unknown> {
  await other.query('begin')
  await other.query(theirs)
  const running = work()
  running.catch(() => undefined)
  await untilOneWaits(cascade.database)
  await meanwhile().finally(() => other.query('commit'))
  return await running
}

const own = async () => {
  const rows = await cascade.database.query<{ op: string; of: string; images: string }>(
    `select op, table_name || ' ' || row_key as of, concat(before, ' → ', after) as images from indelible.entry
     where tx = (select max(tx::numeric)::text from indelible.entry) order by table_name, row_key`,
  )
  return rows.map(({ op, of }) => `${op} ${of}`)
}

const others: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
  [
    'a child inserted meanwhile',
    'insert into child values (3, 1, 3); insert into loose values (3, 1, 3)',
    ['delete child 1', 'delete child 3', 'update loose 1', 'update loose 3', 'delete parent 1'],
    ['update child 1', 'update child 3', 'update loose 1', 'update loose 3', 'update parent 1'],
  ],
  [
    'a child updated meanwhile',
    'update child set v = 77 where id = 1; update loose set v = 77 where id = 1',
    ['delete child 1', 'update loose 1', 'delete parent 1'],
    ['update child 1', 'update loose 1', 'update parent 1'],
  ],
  [
    'a child that moves away meanwhile',
    'update child set p = 2 where id = 1; update loose set p = 2 where id = 1',
    ['delete parent 1'],
    ['update parent 1'],
  ],
  [
    'a child deleted meanwhile',
    'delete from child where id = 1; delete from loose where id = 1',
    ['delete parent 1'],
    ['update parent 1'],
  ],
]

test.each(others)('%s: a delete logs what it then deletes', async (_, theirs, deleted) => {
  const { changes } = await observe(() =>
    whileOpen(theirs, () => session.query('delete from parent where id = 1')),
  )
  expect(await own()).toEqual(deleted)
  expect(changes).toEqual(await imagesOfEntries())
})

test.each(others)('%s: a new key logs what then follows it', async (...[, theirs, , updated]) => {
  const { changes } = await observe(() =>
    whileOpen(theirs, () => session.query('update parent set id = 9 where id = 1 returning v')),
  )
  expect(await own()).toEqual(updated)
  expect(changes).toEqual(await imagesOfEntries())
})

test('nobody refers to a row that is about to get another key, once its entry is written', async () => {
  await cascade.create(`create table root (id int primary key);
    create table branch (id int primary key references root on update cascade);
    create table leaf (id int primary key, branch int references branch on update cascade);
    insert into root values (1), (2); insert into branch values (1)`)
  await session.refresh()
  const addLeaf = async () => {
    const late = cascade.database.query("set local lock_timeout = '50ms'; insert into leaf values (1, 1)")
    await expect(late).rejects.toMatchObject({ code: '55P03' })
  }
  const { entries } = await cascade.oracle.check(() =>
    whileOpen(
      'select from root where id = 2 for update',
      () => session.query('update root set id = id + 100 returning id'),
      addLeaf,
    ),
  )
  expect(entries.map(({ op, table }) => `${op} ${table}`)).toEqual([
    'update public.root',
    'update public.branch',
    'update public.root',
  ])
})

test('under REPEATABLE READ a child that came later is no silent loss', async () => {
  const attempt = session.transaction(async () => {
    await session.query('select 1 from parent')
    await cascade.database.query('insert into child values (3, 1, 3)')
    await session.query('delete from parent where id = 1')
  }, 'repeatable read')
  await expect(attempt).rejects.toMatchObject({ code: '40001' })
  expect(await cascade.database.query('select from parent')).toHaveLength(2)
})

test('under REPEATABLE READ and SERIALIZABLE an undisturbed delete is exact', async () => {
  for (const [id, isolation] of [
    [1, 'repeatable read'],
    [2, 'serializable'],
  ] as const) {
    const { entries } = await cascade.oracle.check(() =>
      session.transaction(() => session.query('delete from parent where id = $1', [id]), isolation),
    )
    expect(entries).toHaveLength(3)
  }
})

test('a rollback and a savepoint take the entries of the children with them', async () => {
  const { entries } = await cascade.oracle.check(() =>
    session.transaction(async () => {
      await session.query('savepoint a')
      await session.query('delete from parent where id = 1')
      await session.query('rollback to a')
      await session.query('delete from parent where id = 2')
    }),
  )
  expect(entries.map(({ op, table, key }) => `${op} ${table} ${key}`)).toEqual([
    'delete public.parent 2',
    'delete public.child 2',
    'update public.loose 2',
  ])
})

/** What the triggers saw in the transaction of the last entry, as texts. */
async function observe(work: () => Promise<unknown>): Promise<{ readonly changes: readonly string[] }> {
  await work()
  const rows = await cascade.database.query<{ text: string }>(`
    select concat_ws(' ', op, table_name, row_key, case when op = 'delete' then before else
      (select string_agg(concat(a.key, ' ', a.value, ' ', b.value), ',') from json_each_text(before::json) a join json_each_text(after::json) b using (key)
        where a.value is distinct from b.value) end) as text
    from oracle.change where tx = (select max(tx::numeric)::text from indelible.entry) order by 1`)
  return { changes: rows.map(({ text }) => text) }
}

async function imagesOfEntries(): Promise<readonly string[]> {
  const rows = await cascade.database.query<{ text: string }>(`
    select concat_ws(' ', op, table_name, row_key, case when op = 'delete' then before::text else
      (select string_agg(concat(a.key, ' ', a.value, ' ', b.value), ',') from json_each_text(before) a join json_each_text(after) b using (key)) end) as text
    from indelible.entry where tx = (select max(tx::numeric)::text from indelible.entry) order by 1`)
  return rows.map(({ text }) => text)
}
