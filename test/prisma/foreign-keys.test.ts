import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { customerData, unique } from './support/shop-rows.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  prisma = shop.prisma
})

afterAll(() => shop.close())

const opsOf = (entries: readonly { op: string; table: string | null }[]) =>
  entries.map(({ op, table }) => `${op} ${table?.replace('public.', '')}`)

test('what a foreign key deletes or sets to null has its entries, with their cause', async () => {
  const customer = await prisma.customer.create({
    data: { ...customerData(), profile: { create: {} }, referrals: { create: customerData() } },
  })
  const { entries, changes } = await shop.oracle.check(() =>
    prisma.customer.delete({ where: { id: customer.id } }),
  )
  expect(changes.filter(({ caused }) => caused)).toHaveLength(2)
  expect(opsOf(entries)).toEqual(['delete Customer', 'update Customer', 'delete customer_profile'])
  const cause = { schema: 'public', table: 'Customer', key: String(customer.id) }
  expect(entries.map((entry) => entry.cause)).toEqual([null, cause, cause])
})

test('a deleteMany with foreign keys that do nothing has the entries of its rows only', async () => {
  const name = unique()
  await prisma.customer.createMany({ data: [1, 2, 3].map(() => ({ ...customerData(), name })) })
  const { entries } = await shop.oracle.check(() => prisma.customer.deleteMany({ where: { name } }))
  expect(opsOf(entries)).toEqual(Array(3).fill('delete Customer'))
})

test('rows that go with a row that a foreign key deletes are announced where no function was made for the tables', async () => {
  await shop.create(`
    create table grandparent (id int primary key);
    create table parent (id int primary key, of int references grandparent on delete cascade);
    create table child (id int primary key, of int references parent on delete cascade);
    insert into grandparent values (1); insert into parent values (1, 1); insert into child values (1, 1)`)
  const { changes } = await shop.oracle.check(
    () => prisma.$executeRaw`delete from grandparent where id = ${1}`,
  )
  expect(changes.filter(({ caused }) => caused).map(({ table }) => table)).toEqual([
    'public.parent',
    'public.child',
  ])
})

test('an upsert that changes a referenced key announces the rows that follow it, where no function was made', async () => {
  await shop.create(`
    create table country (code text primary key, alias text unique);
    create table city (id int primary key, country text references country (alias) on update cascade);
    insert into country values ('de', 'ger'); insert into city values (1, 'ger')`)
  await shop.oracle.check(
    () => prisma.$executeRaw`insert into country values (${'de'}, ${'deu'})
      on conflict (code) do update set alias = excluded.alias`,
  )
})
