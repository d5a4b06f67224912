import { inspect } from 'node:util'
import { Prisma, type PrismaClient } from '../../../../prisma/generated/client.ts'
import { exactly } from '../../../conformance/scenario-lists.ts'
import { rawStatements } from './raw-statements.ts'

const bound: readonly [sql: string, values: readonly unknown[]][] = [
  ['insert into item (id, name) values ($1, $2), ($3, $2)', [11, 'x', 12]],
  ['update item set name = $2, stock = stock + $1 where id = $3 returning stock, name', [5, 'w', 2]],
  ['update item set (name, stock) = (select $1, $2::int) where id = any ($3::int[])', ['u', 7, [1, 2]]],
  ['insert into item (id) values ($1) returning $2 as given', [8, 'x']],
  ['delete from item where id = $1 or name = $2 returning id', [1, 'b']],
]

/** Plain statements written by hand, by each of the calls that send them. */
export const rawScenarios = exactly<PrismaClient>(
  ...rawStatements.flatMap((sql) => [
    [`$executeRaw: ${sql}`, (p: PrismaClient) => p.$executeRawUnsafe(sql), refill] as const,
    [
      `$queryRaw in a transaction: ${sql}`,
      (p: PrismaClient) => p.$transaction(async (tx) => inOrder(await tx.$queryRawUnsafe(sql))),
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
            results.push(
              inOrder(await p.$queryRawUnsafe(sql, ...values)),
              await p.$executeRaw`delete from item`,
            )
          }
          return results
        },
      ] as const,
  ),
  [
    '$queryRaw with a value of every type in its result',
    (p) =>
      p.$queryRaw`update "Product" set stock = ${1} where id = ${1}
        returning id, price, ean, weight, picture, keywords, channels, attributes, released_at`,
  ],
  [
    'tagged templates and fragments',
    (p) =>
      p.$queryRaw`update item set name = ${'n'} where id in (${Prisma.join([1])}) and ${Prisma.sql`stock < ${9}`} returning id`,
    refill,
  ],
)

/** Rows come as they lie, which differs between two databases. */
function inOrder(rows: unknown): unknown {
  return Array.isArray(rows) ? rows.toSorted((a, b) => (inspect(a) < inspect(b) ? -1 : 1)) : rows
}

async function refill(p: PrismaClient): Promise<void> {
  await p.$executeRaw`delete from item`
  await p.$executeRaw`insert into item values (1, 'a', 1, 't1'), (2, 'b', 2, 't2'), (3, 'c', 3, 't3')`
}
