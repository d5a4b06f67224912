import { type AuditEntry, followEntries, fromPgPool, iterateEntries } from '@indelible/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { runIndelible } from '../cli/run-indelible.ts'
import { createValuesDatabase, type ValuesDatabase, type Way, ways } from './values-database.ts'

let at: ValuesDatabase
beforeAll(async () => {
  at = await createValuesDatabase()
  return at.close
})

const digits = '12345678901234567890123456789.5000'
const [first, second] = ['{"a":1.0,"a":1.00,"n":1e400}', '{"a":1.0,"n":-0.0}']

/** Writes rows whose values JavaScript would lose, and returns the images of their entries as they are stored. */
async function writeRows(table: string, way: Way): Promise<readonly StoredImages[]> {
  await at.create({ [table]: 'id int primary key, price numeric(40, 4), odd json' }, way)
  const pool = at.audited()
  await pool.query(`insert into ${table} values (1, ${digits}, '${first}')`)
  await pool.query(`update ${table} set price = 1.5, odd = '${second}'`)
  await pool.query(`delete from ${table}`)
  return at.database.query<StoredImages>(
    'select before::text as "beforeText", after::text as "afterText" from indelible.entry where table_name = $1 order by id',
    [table],
  )
}

type StoredImages = Pick<AuditEntry, 'beforeText' | 'afterText'>

describe.each(ways)('captured by %s', (way) => {
  const name = (table: string) => `${table}_${way === 'statement' ? 's' : 't'}`

  test('an entry is read with the texts that are stored: every digit, zeros at the end, keys that stand twice', async () => {
    const table = name('exact')
    const stored = await writeRows(table, way)
    expect(stored).toHaveLength(3)
    expect(stored[0]?.afterText).toContain(digits)
    expect(stored[0]?.afterText).toContain(first)
    expect(stored[1]?.beforeText).toContain(digits)
    expect(stored[1]?.afterText).toContain('1.5000')
    expect(stored[1]?.afterText).toContain(second)
    const read: unknown[] = []
    const entries = iterateEntries(fromPgPool(at.database.pool), { table }, { order: 'oldest' })
    for await (const { beforeText, afterText } of entries) read.push({ beforeText, afterText })
    expect(read).toEqual(stored)
  })

  test('entries that are followed, and the lines of `indelible log --format jsonl`, hold the same texts', async () => {
    const table = name('followed')
    const stored = await writeRows(table, way)
    const database = fromPgPool(at.database.pool)
    const followed: unknown[] = []
    for await (const { beforeText, afterText } of followEntries(database, { table }, { last: stored.length }))
      if (followed.push({ beforeText, afterText }) === stored.length) break
    expect(followed).toEqual(stored)
    const { stdout } = await runIndelible(['log', '--table', table, '--format', 'jsonl'], {
      url: at.database.url,
    })
    const lines = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines.map(({ beforeText, afterText }) => ({ beforeText, afterText })).reverse()).toEqual(stored)
  })
})

test('an entry that has no image has no text of one', async () => {
  const pool = at.audited()
  await pool.query('create table of_no_image (id int)')
  const read: AuditEntry[] = []
  for await (const entry of iterateEntries(fromPgPool(at.database.pool), { op: 'ddl' })) read.push(entry)
  expect(read).toHaveLength(1)
  for (const { before, beforeText, afterText } of read) {
    expect([before, beforeText]).toEqual([null, null])
    expect(afterText).toContain('"verb"')
  }
})
