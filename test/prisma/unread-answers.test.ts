import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeUncaptured } from '../conformance/announcements.ts'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'

let shop: AuditedShop
let strict: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  strict = shop.client({ completeness: 'record' })
  await shop.create('create table trip (id int primary key, lasted interval)')
  // Its trigger would be what the completeness check finds.
  await shop.oracle.ignore('trip')
})

afterAll(() => shop.close())

const trips = () => shop.database.query('select id from trip order by id')

// The driver adapter has no form for an interval, which it finds out when the server has carried the statement out.
const unread = { code: 'P2010', message: expect.stringContaining("column of type 'interval'") }
const captured = (id: number) => `insert into trip values (${id}, '1 day') returning lasted`
const uncaptured = (id: number) => `with new as (${captured(id)}) select lasted from new`

test('an uncaptured statement whose answer Prisma cannot read is carried out and recorded', async () => {
  for (const client of [shop.prisma, strict]) {
    await shop.database.query('truncate trip')
    const { entries } = await shop.oracle.observe(() =>
      expect(client.$queryRawUnsafe(uncaptured(1))).rejects.toMatchObject(unread),
    )
    expect(await trips()).toEqual([{ id: 1 }])
    expect(describeUncaptured(entries)).toEqual(['statement WITH trip'])
  }
})

test('the same inside a transaction that goes on', async () => {
  for (const client of [shop.prisma, strict]) {
    await shop.database.query('truncate trip')
    const { entries } = await shop.oracle.observe(() =>
      client.$transaction(async (tx) => {
        await expect(tx.$queryRawUnsafe(uncaptured(1))).rejects.toMatchObject(unread)
        await expect(tx.$queryRawUnsafe(captured(2))).rejects.toMatchObject(unread)
      }),
    )
    expect(await trips()).toEqual([{ id: 1 }, { id: 2 }])
    expect(entries.map(({ op, table }) => [op, table])).toEqual([
      ['statement', 'public.trip'],
      ['insert', 'public.trip'],
    ])
  }
})

test('a captured statement whose answer cannot be read is carried out, and the completeness check finds nothing', async () => {
  await shop.database.query('truncate trip')
  const { entries } = await shop.oracle.observe(() =>
    expect(strict.$queryRawUnsafe(captured(3))).rejects.toMatchObject(unread),
  )
  expect(entries.map(({ op }) => op)).toEqual(['insert'])
  expect(await trips()).toEqual([{ id: 3 }])
})
