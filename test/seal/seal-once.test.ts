import pg from 'pg'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { sealAll } from '../../packages/core/src/seal/seal-all.ts'
import { SEAL_LOCK } from '../../packages/core/src/seal/seal-lock.ts'
import { sealOnce } from '../../packages/core/src/seal/seal-once.ts'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import { verifyLog } from '../../packages/core/src/verify/verify-log.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createTrailDatabase } from '../support/trail-database.ts'

let database: TestDatabase
let audit: AuditDatabase

beforeAll(async () => {
  ;({ database, audit } = await createTrailDatabase())
})

afterEach(async () => {
  expect((await verifyLog(audit, { unsealedGrace: 0 })).findings).toEqual([])
})

afterAll(() => database.drop())

test('an empty queue is nothing to do', async () => {
  expect(await sealOnce(audit, { checkpointAfter: 0 })).toEqual({
    skipped: false,
    sealed: 0,
    isMore: false,
    size: 0,
    orphans: [],
  })
})

test('a batch is taken in the order of ids, and tells whether more may wait', async () => {
  await write(5)
  expect(await sealOnce(audit, { batch: 3 })).toMatchObject({ sealed: 3, isMore: true, size: 3 })
  expect(await sealOnce(audit, { batch: 3 })).toMatchObject({ sealed: 2, isMore: false, size: 5 })
  const rows = await database.query('select array_agg(entry_id::int order by seq) as ids from indelible.link')
  expect(rows).toEqual([{ ids: [1, 2, 3, 4, 5] }])
  expect(await pending()).toBe(0)
})

test('while one sealer works, another leaves at once, or waits when told to', async () => {
  await write(1)
  const client = await connect()
  await client.query(`begin; select pg_advisory_xact_lock(${SEAL_LOCK})`)
  expect(await sealOnce(audit)).toEqual({ skipped: true })
  const waiting = sealOnce(audit, { wait: true })
  await client.query('commit')
  expect(await waiting).toMatchObject({ skipped: false, sealed: 1 })
})

test('a batch that cannot be committed leaves everything as it was', async () => {
  await write(2)
  const failing: AuditDatabase = {
    ...audit,
    transaction: (work) =>
      audit.transaction(async (tx) => {
        await work(tx)
        throw new Error('the connection is lost')
      }),
  }
  await expect(sealOnce(failing, { checkpointAfter: 0 })).rejects.toThrow('the connection is lost')
  expect(await pending()).toBe(2)
  expect(await sealOnce(audit)).toMatchObject({ sealed: 2 })
})

describe('checkpoints', () => {
  test('are written when there are new links and the last one is old enough', async () => {
    await write(3)
    const first = await sealOnce(audit, { checkpointAfter: 60_000 })
    expect(first).toMatchObject({ checkpoint: { size: 11 } })
    expect(await sealOnce(audit, { checkpointAfter: 0 })).not.toHaveProperty('checkpoint')
    await write(1)
    expect(await sealOnce(audit, { checkpointAfter: 60_000 })).not.toHaveProperty('checkpoint')
    expect(await sealOnce(audit)).not.toHaveProperty('checkpoint')
    expect(await sealOnce(audit, { checkpointAfter: 0 })).toMatchObject({ checkpoint: { size: 12 } })
  })

  test('extend the tree of the last one over many pages of links', async () => {
    await write(25_000)
    expect(await sealAll(audit, { batch: 5000 })).toMatchObject({
      sealed: 25_000,
      checkpoint: { size: 25_012 },
    })
  })
})

describe('the queue', () => {
  test('an entry that is queued twice, or again, is linked once', async () => {
    await write(1)
    await database.query('insert into indelible.pending select * from indelible.pending')
    await database.query('insert into indelible.pending values (1), (2)')
    expect(await sealOnce(audit)).toMatchObject({ sealed: 1, orphans: [] })
    expect(await pending()).toBe(0)
  })

  test('an id without entry stays in the queue, is told of, and blocks nothing', async () => {
    await database.query('insert into indelible.pending select -generate_series(1, 7)')
    await write(2)
    const result = await sealOnce(audit, { batch: 3 })
    expect(result).toMatchObject({ sealed: 2, orphans: ['-7', '-6', '-5', '-4', '-3', '-2', '-1'] })
    expect(await pending()).toBe(7)
    await database.query('delete from indelible.pending where id < 0')
  })
})

test('a late committer is linked after entries with higher ids', async () => {
  const client = await connect()
  await client.query("begin; select indelible.log('insert', 's', 'late', '1', null, '{}', null)")
  await write(1)
  const early = await sealOnce(audit)
  await client.query('commit')
  const late = await sealOnce(audit)
  expect([early, late]).toMatchObject([{ sealed: 1 }, { sealed: 1 }])
  const rows = await database.query('select table_name from indelible.trail order by seq desc limit 2')
  expect(rows).toEqual([{ table_name: 'late' }, { table_name: 't' }])
})

async function write(count: number): Promise<void> {
  await database.query(
    `select indelible.log('insert', 's', 't', i::text, null, '{"a":1}', null) from generate_series(1, ${count}) i`,
  )
}

async function pending(): Promise<number> {
  const [row] = await database.query<{ count: number }>('select count(*)::int from indelible.pending')
  return row?.count ?? -1
}

async function connect(): Promise<pg.Client> {
  const client = new pg.Client(database.url)
  await client.connect()
  onTestFinished(() => client.end())
  return client
}
