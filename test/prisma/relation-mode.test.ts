import { fromPgPool, migrate } from '@indelible/core'
import { auditExtension } from '@indelible/prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { PrismaClient } from '../../prisma/generated/relation-mode/client.ts'
import { createRowOracle, type RowOracle } from '../conformance/row-oracle.ts'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { exactOptions } from './support/audited-shop.ts'

const tables = `
  create table rm_team (id int primary key, name text not null);
  create table rm_member (id int primary key, team_id int not null);
  create table rm_task (id int primary key, member_id int not null);
  create table rm_guest (id int primary key, team_id int);
  create table rm_badge (id int primary key, team_id int not null);
`
const rows = `
  delete from rm_team; delete from rm_member; delete from rm_task; delete from rm_guest; delete from rm_badge;
  insert into rm_team select n, 'team ' || n from generate_series(1, 3) n;
  insert into rm_member select n, 1 + n % 2 from generate_series(1, 4) n;
  insert into rm_task select n, 1 + n % 4 from generate_series(1, 8) n;
  insert into rm_guest values (1, 1), (2, 1), (3, 2);
  insert into rm_badge values (1, 3);
`

let database: TestDatabase
let oracle: RowOracle
let prisma: ReturnType<typeof open>
const open = (url: string) =>
  new PrismaClient({ adapter: new PrismaPg({ connectionString: url }) }).$extends(
    auditExtension(exactOptions),
  )

beforeAll(async () => {
  database = await createDatabase({ template: 'empty' })
  await database.query(tables)
  await migrate(fromPgPool(database.pool))
  oracle = await createRowOracle(database)
  prisma = open(database.url)
  return async () => {
    await prisma.$disconnect()
    await database.drop()
  }
})
beforeEach(async () => void (await database.query(rows)))

/** Runs a call against the oracle: every row that it changed has its entry, and nothing is announced. */
async function entriesOf(work: () => PromiseLike<unknown>): Promise<string[]> {
  const observed = await oracle.observe(work)
  const tell = ({ op, table, key }: { op: string; table: string | null; key: string | null }) =>
    `${op} ${table?.replace('public.rm_', '')} ${key}`
  const told = observed.entries.map(tell)
  const inTransaction = (each: { op: string; table: string | null; key: string | null; tx: string }) =>
    `${each.tx}: ${tell(each)}`
  expect(observed.entries.map(inTransaction)).toEqual(observed.changes.map(inTransaction))
  expect(
    observed.entries.map(({ before, afterFields }) => [before === null, afterFields.length > 0]),
  ).toEqual(observed.entries.map(({ op }) => [op === 'insert', op !== 'delete']))
  expect(new Set(observed.entries.map(({ actor }) => actor))).toEqual(new Set([observed.who.actor]))
  return told.toSorted()
}

test('a deletion whose cascade the client carries out leaves an entry for every row', async () => {
  expect(await entriesOf(() => prisma.team.delete({ where: { id: 1 } }))).toEqual([
    'delete member 2',
    'delete member 4',
    'delete task 1',
    'delete task 3',
    'delete task 5',
    'delete task 7',
    'delete team 1',
    'update guest 1',
    'update guest 2',
  ])
})

test('so does deleteMany', async () => {
  const told = await entriesOf(() => prisma.team.deleteMany({ where: { id: { lt: 3 } } }))
  expect(told.filter((each) => each.startsWith('delete team'))).toHaveLength(2)
  expect(told.filter((each) => each.startsWith('delete task'))).toHaveLength(8)
  expect(told.filter((each) => each.startsWith('update guest'))).toHaveLength(3)
})

test('a new key that the client hands on to the children', async () => {
  expect(await entriesOf(() => prisma.team.update({ where: { id: 2 }, data: { id: 20 } }))).toEqual([
    'update guest 3',
    'update member 1',
    'update member 3',
    'update team 2',
  ])
  const [member] = await database.query('select team_id from rm_member where id = 1')
  expect(member).toEqual({ team_id: 20 })
})

test('a deletion that the client refuses leaves no entry', async () => {
  const { entries, changes } = await oracle.observe(() =>
    expect(prisma.team.delete({ where: { id: 3 } })).rejects.toMatchObject({ code: 'P2014' }),
  )
  expect([entries, changes]).toEqual([[], []])
})
