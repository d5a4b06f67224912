import { beforeAll, describe, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from '../prisma/support/audited-shop.ts'

let shop: AuditedShop
let prisma: AuditedClient
beforeAll(async () => {
  shop = await createAuditedShop({ completeness: 'record' })
  prisma = shop.prisma
  // The triggers of the oracle write a table of their own.
  await shop.database.query(`
    create table side (id int generated always as identity primary key, what text);
    create function write_side(what text) returns int language sql as $$ insert into side (what) values (what) returning id $$;
  `)
  return shop.close
})

async function differences(work: () => Promise<unknown>): Promise<unknown[]> {
  const [before] = await shop.database.query('select coalesce(max(id), 0) as id from indelible.entry')
  await work()
  return await shop.database.query(
    `select t ->> 'name' as name, t #>> '{changed,insert}' as made, t #>> '{captured,insert}' as seen
     from indelible.entry e, json_array_elements(e.after -> 'tables') t
     where e.id > $1 and e.after ->> 'verb' = 'COMPLETENESS' and t ->> 'schema' = 'public' order by e.id`,
    [before?.['id']],
  )
}

const side = { name: 'side', made: '1', seen: '0' }

describe('with Prisma', () => {
  test('a function in $queryRaw is found', async () => {
    expect(await differences(() => prisma.$queryRaw`select write_side('a')`)).toEqual([side])
    expect(await differences(() => prisma.$executeRaw`select write_side('b')`)).toEqual([side])
  })

  test('a function in an interactive transaction is found, and in a batch', async () => {
    const interactive = () =>
      prisma.$transaction(async (tx) => {
        await tx.customer.create({ data: { name: 'A', email: 'a@strict.test', passwordHash: 'x' } })
        await tx.$queryRaw`select write_side('c')`
        await tx.customer.updateMany({ data: { vip: true } })
      })
    expect(await differences(interactive)).toEqual([side])
    const batch = () =>
      prisma.$transaction([
        prisma.customer.count(),
        prisma.$queryRaw`select write_side('d')`,
        prisma.customer.updateMany({ data: { vip: true } }),
      ])
    expect(await differences(batch)).toEqual([side])
  })

  test('healthy calls raise nothing: nested writes, upserts, batches, failures that are caught, nested transactions', async () => {
    const email = 'b@strict.test'
    const healthy = async () => {
      const { id } = await prisma.customer.create({
        data: { name: 'B', email, passwordHash: 'x', orders: { create: [{}, {}] } },
      })
      await prisma.customer.upsert({
        where: { id },
        create: { name: 'B', email, passwordHash: 'x' },
        update: { vip: true },
      })
      await prisma.customer.upsert({
        where: { email: 'c@strict.test' },
        create: { name: 'C', email: 'c@strict.test', passwordHash: 'x' },
        update: {},
      })
      await prisma.customer.updateMany({ data: { vip: false } })
      await prisma.$transaction([
        prisma.customer.update({ where: { id }, data: { vip: true } }),
        prisma.customer.count(),
      ])
      await prisma.$transaction(async (tx) => {
        await tx.customer.updateMany({ data: { vip: false } })
        await Promise.all(
          [1, 2, 3].map((n) => tx.customer.update({ where: { id }, data: { name: `B${n}` } })),
        )
      })
      await expect(
        prisma.$transaction(async (tx) => {
          await tx.customer.updateMany({ data: { vip: true } })
          throw new Error('mine')
        }),
      ).rejects.toThrow('mine')
    }
    expect(await differences(healthy)).toEqual([])
  })

  test('a savepoint takes its counts back', async () => {
    const work = () =>
      prisma.$transaction(async (tx) => {
        await tx.customer.updateMany({ data: { vip: true } })
        await tx.$executeRaw`savepoint a`
        await tx.customer.updateMany({ data: { vip: false } })
        await tx.$queryRaw`select write_side('undone')`
        await tx.$executeRaw`rollback to savepoint a`
        await tx.customer.updateMany({ data: { vip: false } })
      })
    expect(await differences(work)).toEqual([])
  })

  test("'throw' fails the commit, rolls back, and leaves the connection usable", async () => {
    const strict = shop.client({ completeness: 'throw', max: 1 })
    // The oracle's own triggers would be found too.
    await expect(
      strict.$transaction(async (tx) => {
        await tx.$queryRaw`select write_side('refused')`
      }),
    ).rejects.toThrow('public.side')
    await expect(strict.$queryRaw`select write_side('refused')`).rejects.toMatchObject({
      code: 'AUDIT_UNCAPTURED',
    })
    expect(await strict.$queryRaw`select count(*)::int as n from side where what = 'refused'`).toEqual([
      { n: 0 },
    ])
  })
})
