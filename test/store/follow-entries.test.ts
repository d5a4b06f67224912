import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import { followEntries } from '../../packages/core/src/store/follow-entries.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createTrailDatabase } from '../support/trail-database.ts'

let database: TestDatabase
let audit: AuditDatabase

beforeAll(async () => {
  ;({ database, audit } = await createTrailDatabase())
})

afterAll(() => database.drop())

async function write(runner: Pick<pg.Pool, 'query'>, key: string, table = 'user'): Promise<void> {
  await runner.query("select indelible.log('insert', 'public', $1, $2, null, '{}', null)", [table, key])
}

/** Waits until a key has come. */
type Seen = (key: string) => Promise<void>

/** Follows while `work` runs, and until all that it has committed was there to be seen; returns the keys, in order. */
async function follow(last: number, work: (seen: Seen) => Promise<void>): Promise<string[]> {
  const stop = new AbortController()
  const keys: string[] = []
  const filter = { table: 'user' }
  const following = (async () => {
    const entries = followEntries(audit, filter, { last, interval: 20, signal: stop.signal })
    for await (const { rowKey } of entries) keys.push(rowKey ?? '')
  })()
  const seen: Seen = (key) => expect.poll(() => keys, { timeout: 10_000, interval: 5 }).toContain(key)
  try {
    await begins(keys, last)
    await work(seen)
    // A look that shows an entry would show what was committed before it; one that was given twice comes in the next but one.
    for (const key of ['end', 'end of the end']) await write(database.pool, key).then(() => seen(key))
  } finally {
    stop.abort()
  }
  await following
  return keys.filter((key) => !MARKS.includes(key))
}

const MARKS = ['begin', 'end', 'end of the end']

/** The last entries are shown once following has begun. Where none are asked for, entries are written until one is shown. */
async function begins(keys: readonly string[], last: number): Promise<void> {
  while (keys.length < Math.max(last, 1)) {
    if (last === 0) await write(database.pool, 'begin')
    await sleep(5)
  }
}

test('new entries come, each once, and only those that meet the filter', async () => {
  await write(database.pool, 'old')
  const keys = await follow(0, async (seen) => {
    await write(database.pool, 'a')
    await write(database.pool, 'x', 'other')
    await seen('a')
    await write(database.pool, 'b')
  })
  expect(keys).toEqual(['a', 'b'])
})

test('the last entries come first, oldest first', async () => {
  for (const key of ['before', 'a', 'b']) await write(database.pool, key)
  const keys = await follow(2, () => write(database.pool, 'c'))
  expect(keys).toEqual(['a', 'b', 'c'])
})

test('an entry that commits after entries with higher ids is not missed, and each look is in the order of ids', async () => {
  const [early, late] = [await database.pool.connect(), await database.pool.connect()]
  // Open before the following starts; `late` writes before it starts too, with a lower id than all that follows.
  await early.query('begin')
  await late.query('begin')
  await write(late, 'late')
  await write(database.pool, 'shown')
  const keys = await follow(1, async (seen) => {
    await write(early, 'early')
    await write(database.pool, 'd')
    await seen('d')
    await early.query('commit')
    await seen('early')
    await write(database.pool, 'e')
    await seen('e')
    await write(late, 'later')
    await late.query('commit')
  })
  early.release()
  late.release()
  expect(keys).toEqual(['shown', 'd', 'early', 'e', 'late', 'later'])
})

test('every entry of many racing transactions comes exactly once', async () => {
  const expected: string[] = []
  const keys = await follow(0, async () => {
    await Promise.all(Array.from({ length: 8 }, (_, writer) => writeTransactions(writer, expected)))
  })
  expect(keys.toSorted()).toEqual(expected.toSorted())
}, 20_000)

async function writeTransactions(writer: number, expected: string[]): Promise<void> {
  const client = await database.pool.connect()
  for (let round = 0; round < 25; round += 1) {
    await client.query('begin')
    await write(client, `${writer}-${round}`)
    await sleep(Math.random() * 30)
    const keeps = Math.random() < 0.8
    await client.query(keeps ? 'commit' : 'rollback')
    if (keeps) expected.push(`${writer}-${round}`)
  }
  client.release()
}

test('a log restored into another cluster, whose transaction ids start low, is followed all the same', async () => {
  await database.query(
    "insert into indelible.entry (tx, op, table_name, table_schema, row_key) values ('99999999999', 'insert', 'user', 'public', 'restored')",
  )
  expect(await follow(1, () => write(database.pool, 'after'))).toEqual(['restored', 'after'])
})
