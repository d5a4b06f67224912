import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AuditedClient, type AuditedShop, createAuditedShop } from './support/audited-shop.ts'
import { unique } from './support/shop-rows.ts'

let shop: AuditedShop
let prisma: AuditedClient
const failure = new Error('the application changed its mind')

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

test('a rolled-back transaction leaves neither row nor entry', async () => {
  const observed = await shop.oracle.check(() =>
    expect(
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`update account set balance = balance - 1 where id = ${1}`
        await tx.$executeRaw`delete from account where id = ${2}`
        throw failure
      }),
    ).rejects.toBe(failure),
  )
  expect(observed).toMatchObject(nothing)
  await expectUsablePool()
})

test('a rolled-back savepoint takes its entries with it, and only those', async () => {
  const { entries } = await shop.oracle.check(() =>
    prisma.$transaction(async (tx) => {
      await tx.$executeRaw`update account set balance = balance - 1 where id = ${1}`
      await tx
        .$transaction(async (inner) => {
          await inner.$executeRaw`update account set balance = 0`
          throw failure
        })
        .catch(() => undefined)
      await tx.$executeRaw`update account set balance = balance + 1 where id = ${2}`
    }),
  )
  expect(entries.map(({ key }) => key)).toEqual(['1', '2'])
  await expectUsablePool()
})

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
      { timeout: 200 },
    )
    const settled = late.then(
      () => 'committed',
      (error) => error.code,
    )
    await sleep(500)
    await holder.query('rollback')
    expect(await settled).toBe('P2028')
    await sleep(300)
  })
  holder.release()
  expect(observed).toMatchObject(nothing)
  await expectUsablePool()
})

test('a process killed in its transaction leaves nothing', async () => {
  const script = path.join(import.meta.dirname, 'support/write-and-hang.ts')
  const observed = await shop.oracle.check(async () => {
    const child = spawn(process.execPath, ['--conditions=@indelible/source', script, shop.database.url], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [output] = await once(child.stdout, 'data')
    expect(String(output)).toContain('written, not committed')
    child.kill('SIGKILL')
    await once(child, 'exit')
    await expect
      .poll(() =>
        shop.database.query("select from pg_stat_activity where application_name = 'write-and-hang'"),
      )
      .toHaveLength(0)
  })
  expect(observed).toMatchObject(nothing)
})

test('a connection lost in a transaction leaves nothing, and the pool opens another', async () => {
  const observed = await shop.oracle.check(() =>
    expect(
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`update account set balance = 0 where id = ${1}`
        const [session] = await tx.$queryRaw<{ pid: number }[]>`select pg_backend_pid() as pid`
        await shop.database.query('select pg_terminate_backend($1)', [session?.pid])
        await sleep(100)
        await tx.$executeRaw`update account set balance = 0 where id = ${2}`
      }),
    ).rejects.toThrow(),
  )
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
    await sleep(200)
    await shop.database.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`)
    expect(await write).toBe('failed')
    await holder.query('rollback')
  })
  holder.release()
  expect(observed).toMatchObject(nothing)
  await expectUsablePool()
})

test('a COMMIT that fails on a deferred constraint leaves nothing', async () => {
  const observed = await shop.oracle.check(async () => {
    await expect(
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`insert into deferred values (1, 999)`
        await tx.$executeRaw`update account set balance = 0 where id = ${1}`
      }),
    ).rejects.toThrow()
    await expect(prisma.$executeRaw`insert into deferred values (2, 999)`).rejects.toThrow()
  })
  expect(observed).toMatchObject(nothing)
  await expectUsablePool()
})

test.each([
  [
    'a constraint of the entry table',
    'alter table indelible.entry add constraint refused check (false) not valid',
    'alter table indelible.entry drop constraint refused',
  ],
  [
    'a constraint of the queue',
    'alter table indelible.pending add constraint refused check (id < 0) not valid',
    'alter table indelible.pending drop constraint refused',
  ],
  [
    'a renamed entry table',
    'alter table indelible.entry rename to gone',
    'alter table indelible.gone rename to entry',
  ],
  [
    'a missing function',
    `alter function indelible.log rename to log_gone; alter function indelible.keep rename to keep_gone;
      alter function indelible.log_rows rename to log_rows_gone`,
    `alter function indelible.log_gone rename to log; alter function indelible.keep_gone rename to keep;
      alter function indelible.log_rows_gone rename to log_rows`,
  ],
  [
    'a full sequence',
    "alter sequence indelible.entry_id_seq maxvalue 1000000 restart 1000000; select nextval('indelible.entry_id_seq')",
    'alter sequence indelible.entry_id_seq no maxvalue',
  ],
])('an entry that cannot be written undoes its write: %s', async (_, breakIt, mendIt) => {
  await shop.database.query(breakIt)
  const before = await shop.database.query('select * from account order by id')
  const refused = { code: 'AUDIT_WRITE_FAILED' }
  try {
    await expect(prisma.$executeRaw`update account set balance = 1 where id = ${1}`).rejects.toMatchObject(
      refused,
    )
    await expect(prisma.$executeRaw`insert into account values (9, 9)`).rejects.toMatchObject(refused)
    await expect(
      prisma.$executeRaw`insert into account values (1, 9) on conflict (id) do update set balance = 9`,
    ).rejects.toMatchObject(refused)
    await expect(prisma.tag.create({ data: { name: unique() } })).rejects.toMatchObject(refused)
    await expect(
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`delete from account where id = ${2}`
      }),
    ).rejects.toMatchObject(refused)
    expect(await shop.database.query('select * from account order by id')).toEqual(before)
  } finally {
    await shop.database.query(mendIt)
  }
  await expectUsablePool()
})

test('a recorded statement whose entry cannot be written is undone as well', async () => {
  await shop.database.query('alter table indelible.entry add constraint refused check (false) not valid')
  try {
    await expect(prisma.$executeRaw`truncate account cascade`).rejects.toMatchObject({
      code: 'AUDIT_WRITE_FAILED',
    })
    expect(await shop.database.query('select * from account')).toHaveLength(2)
  } finally {
    await shop.database.query('alter table indelible.entry drop constraint refused')
  }
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

test('a statement that the application caught keeps its error, and the transaction stays failed', async () => {
  const observed = await shop.oracle.check(() =>
    expect(
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`update account set balance = 1 where id = ${1}`
        await tx.$executeRaw`update account set balance = 1 / 0 where id = ${1}`.catch(() => undefined)
        await tx.$executeRaw`update account set balance = 2 where id = ${1}`
      }),
    ).rejects.toMatchObject({ code: 'P2010', message: expect.stringContaining('25P02') }),
  )
  expect(observed).toMatchObject(nothing)
  await expectUsablePool()
})

test('an entry is visible to others when its row is, and not before', async () => {
  const watcher = new pg.Client(shop.database.url)
  await watcher.connect()
  const seen = async () => {
    const { rows } = await watcher.query(`select (select count(*) from account where id = 77)::int as rows,
      (select count(*) from indelible.entry where table_name = 'account' and row_key = '77')::int as entries`)
    return rows[0]
  }
  await prisma.$transaction(async (tx) => {
    await tx.$executeRaw`insert into account values (${77}, 1)`
    expect(await seen()).toEqual({ rows: 0, entries: 0 })
  })
  expect(await seen()).toEqual({ rows: 1, entries: 1 })
  await watcher.end()
})
