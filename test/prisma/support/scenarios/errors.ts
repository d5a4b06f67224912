import type { PrismaClient } from '../../../../prisma/generated/client.ts'
import { failing } from '../../../conformance/scenario-lists.ts'
import { customer, product } from './rows.ts'

const texts: readonly [name: string, sql: string][] = [
  ['a check', 'insert into guarded values (1, 100)'],
  ['a unique key', 'insert into guarded values (1, 1, 1), (2, 1, 1)'],
  ['a foreign key', 'insert into guarded values (1, 1, 1, 9)'],
  ['a NOT NULL', 'insert into guarded values (null)'],
  ['a check of a table called entry', 'insert into entry values (1, 0)'],
  ['a NOT NULL of a table called entry', 'insert into entry values (1, null)'],
  ['the key of a table called pending', 'insert into pending values (1), (1)'],
  ['an unknown column in SET', 'update item set nope = 1'],
  ['an unknown column in WHERE', 'update item set old = 1 where nope = 1'],
  ['an unknown table', 'update nope set a = 1'],
  ['a syntax error', 'update item set where'],
  ['a type error', "update item set old = 'x'::text || 'x' where id = 1"],
  ['a division by zero', 'update source set stock = 1 / (id - 1)'],
  ['a wrong literal', "update item set old = 'abc' where id = 1"],
  ['too few values', 'insert into item (id, old) values (1)'],
  ['a duplicate assignment', 'update item set old = 1, old = 2'],
  ['an ambiguous name', 'update item set old = id from source'],
  ['an arbiter that is not there', 'insert into item (id) values (1) on conflict (old) do nothing'],
  [
    'a row met twice by an upsert',
    'insert into item (id) values (1), (1) on conflict (id) do update set old = 1',
  ],
]

/** Calls that fail: the application gets the error that it would get. */
export const errorScenarios = failing<PrismaClient>(
  ['P2002 of a column', (p) => p.customer.create({ data: customer('e1') }), createCustomers],
  ['P2002 of the primary key', (p) => p.customer.create({ data: { ...customer('e9'), id: 7001 } })],
  ['P2002 in createMany', (p) => p.customer.createMany({ data: [customer('e3'), customer('e1')] })],
  ['P2002 in update', (p) => p.customer.update({ where: { id: 7001 }, data: { email: 'e2@example.com' } })],
  ['P2003', (p) => p.order.create({ data: { customerId: 12345 } })],
  ['P2003 in delete', (p) => p.customer.delete({ where: { id: 7001 } })],
  ['P2025 in update', (p) => p.customer.update({ where: { id: 12345 }, data: { name: 'x' } })],
  ['P2025 in delete', (p) => p.customer.delete({ where: { id: 12345 } })],
  ['P2025 in connect', (p) => p.order.create({ data: { customer: { connect: { id: 12345 } } } })],
  ['value out of range', (p) => p.product.create({ data: { ...product('range'), price: '99999999999.99' } })],
  [
    'nested write that fails',
    (p) => p.customer.create({ data: { ...customer('n1'), referrals: { create: [customer('deep1')] } } }),
  ],
  ['validation error', (p) => p.product.create({ data: {} as never })],
  ...texts.map(
    ([name, sql]) =>
      [`refused by PostgreSQL: ${name}`, (p: PrismaClient) => p.$executeRawUnsafe(sql)] as const,
  ),
)

async function createCustomers(p: PrismaClient): Promise<void> {
  await p.customer.create({ data: { ...customer('e1'), id: 7001, orders: { create: {} } } })
  await p.customer.create({ data: customer('e2') })
}
