import type { PrismaClient } from '../../../../prisma/generated/client.ts'
import { recorded } from '../../../conformance/scenario-lists.ts'

/** Tables for statements that no image can show. */
export const uncapturedTables = `
create table goods (id int primary key, v int);
create table spare (id int primary key, v int);
`

const statements: readonly [sql: string, announced: string][] = [
  ['with x as (delete from goods where id = 1 returning id) select * from x', 'statement WITH goods'],
  [
    'with x as (delete from goods where id = 2 returning *) insert into spare select * from x',
    'statement WITH goods, spare',
  ],
  [
    'merge into goods g using (values (1), (9)) as s (id) on s.id = g.id when matched then update set v = 7 when not matched then insert values (s.id, 0)',
    'statement MERGE goods',
  ],
  ['do $$ begin update goods set v = 8; end $$', 'statement DO'],
  ['truncate goods, spare', 'truncate TRUNCATE goods, spare'],
  ["comment on table goods is 'things'", 'ddl COMMENT'],
  ['create table made_as as select id from goods', 'ddl CREATE made_as'],
]

/** Statements that are announced, alone and between captured ones. */
export const uncapturedScenarios = [
  ...recorded<PrismaClient>(
    ...statements.map(
      ([sql, announced]) =>
        [sql, [announced], (p: PrismaClient) => p.$executeRawUnsafe(sql), refill] as const,
    ),
    [
      'several statements in one text',
      ['statement INSERT goods'],
      (p) => p.$executeRaw`insert into goods values (9, 9); update goods set v = 3`,
      refill,
    ],
    [
      'announced between captured statements of a transaction',
      ['statement WITH goods', 'truncate TRUNCATE spare'],
      (p) =>
        p.$transaction(async (tx) => {
          await tx.tag.create({ data: { name: 'between' } })
          await tx.$queryRaw`with x as (delete from goods where id = ${1} returning id) select * from x`
          await tx.$executeRaw`truncate spare`
          return await tx.tag.update({ where: { name: 'between' }, data: { name: 'over' } })
        }),
      refill,
    ],
  ),
]

async function refill(p: PrismaClient): Promise<void> {
  await p.$executeRaw`delete from goods`
  await p.$executeRaw`delete from spare`
  await p.$executeRaw`insert into goods select i, i from generate_series(1, 3) i`
}
