import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { untilOneWaits } from '../support/lock-waiters.ts'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { unique } from './support/shop-rows.ts'

let shop: AuditedShop
let prisma: AuditedClient

beforeAll(async () => {
  shop = await createAuditedShop()
  // A pool of one connection: a transaction left open would be the next statement's.
  prisma = shop.client({ max: 1 })
  await shop.create(`
    create table account (id int primary key, balance int);
    create table deferred (id int primary key, of int references account deferrable initially deferred);
    insert into account values (1, 100), (2, 100)`)
})

beforeEach(() => prisma.$queryRaw`select 1`)

afterAll(() => shop.close())

const nothing = { entries: [], changes: [] }

/** The connection of the pool is in no transaction and takes a write, whose entry commits. */
async function expectUsablePool(client = prisma): Promise<void> {
  const { entries } = await shop.oracle.check(() => client.tag.create({ data: { name: unique('usable') } }))
  expect(entries).toHaveLength(1)
  const open = await shop.database.query(
    `select pid from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`,
  )
  expect(open).toEqual([])
}

/** What sessions but the one that asks have not ended yet. */
function busySessions(): Promise<unknown[]> {
  return shop.database.query(`select state, query from pg_stat_activity where datname = current_database()
    and backend_type = 'client backend' and pid <> pg_backend_pid() and state <> 'idle'`)
}

test('a transaction that times out between two statements leaves nothing', async () => {
  const observed = await shop.oracle.check(() =>
    expect(
      prisma.$transaction(
        async (tx) => {
          await tx.$executeRaw`update account set balance = 0 where id = ${1}`
          await sleep(400)
          await tx.$executeRaw`update account set balance = 0 where id = ${2}`
        },
        { timeout: 150 },
      ),
    ).rejects.toMatchObject({ code: 'P2028' }),
  )
  expect(observed).toMatchObject(nothing)
  await expectUsablePool()
})

test('a transaction that times out while its statement waits for a lock leaves nothing', async () => {
  const holder = await shop.database.pool.connect()
  await holder.query('begin; update account set balance = balance where id = 1')
  const observed = await shop.oracle.check(async () => {
    const late = prisma.$transaction(
      async (tx) => {
        await tx.tag.create({ data: { name: unique('late') } })
        await tx.$executeRaw`update account set balance = 0 where id = ${1}`
        await tx.$executeRaw`update account set balance = 0 where id = ${2}`
      },
      { timeout: 400 },
    )
    const settled = late.then(
      () => 'committed',
      (error) => error.code,
    )
    // It waits for the lock when its time is up, unless the machine is so slow that it does not come that far.
    await Promise.race([untilOneWaits(shop.database), settled])
    await sleep(400)
    await holder.query('rollback')
    expect(await settled).toBe('P2028')
    await expect.poll(busySessions, { interval: 5 }).toEqual([])
  })
  holder.release()
  expect(observed).toMatchObject(nothing)
  await expectUsablePool()
})

test('a connection lost while an audited statement runs leaves nothing', async () => {
  const holder = await shop.database.pool.connect()
  await holder.query('begin; update account set balance = balance where id = 1')
  const observed = await shop.oracle.check(async () => {
    const write = prisma.$executeRaw`update account set balance = 0 where id = ${1}`.then(
      () => 'written',
      () => 'failed',
    )
    await untilOneWaits(shop.database)
    await shop.database.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`)
    expect(await write).toBe('failed')
    await holder.query('rollback')
  })
  holder.release()
  expect(observed).toMatchObject(nothing)
  await expectUsablePool()
})

test.each([
  [
    'that fails',
    (client: AuditedClient) =>
      client.$executeRaw`with x as (delete from account returning id) select 1 / 0 from x`,
  ],
  [
    'whose COMMIT fails',
    (client: AuditedClient) =>
      client.$executeRaw`with x as (insert into deferred values (3, 999) returning id) select * from x`,
  ],
  [
    'that is cut off',
    (client: AuditedClient) =>
      client.$executeRaw`with x as (delete from account returning id) select pg_terminate_backend(pg_backend_pid()) from x`,
  ],
])('a recorded statement %s leaves neither rows nor an open transaction', async (_, run) => {
  const observed = await shop.oracle.check(() => expect(run(prisma)).rejects.toThrow())
  expect(observed).toMatchObject(nothing)
  await expectUsablePool()
})

test('a role without EXECUTE cannot write, neither with an entry nor without', async () => {
  const role = `${shop.database.name}_no_execute`
  await shop.database.query(`create role ${role} login; grant select, insert, update on account to ${role};
    grant usage on schema indelible to ${role}; grant select on indelible.migration to ${role}`)
  const url = new URL(shop.database.url)
  url.username = role
  const client = shop.client({ url: url.href, max: 1 })
  const observed = await shop.oracle.check(() =>
    expect(client.$executeRaw`update account set balance = 3 where id = ${1}`).rejects.toMatchObject({
      code: 'AUDIT_WRITE_FAILED',
    }),
  )
  expect(observed).toMatchObject(nothing)
  await client.$disconnect()
  await shop.database.query(`drop owned by ${role}; drop role ${role}`)
})
