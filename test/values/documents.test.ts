import { createHash, randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { createSealer, fromPgPool, iterateEntries, verifyLog } from '@indelible/core'
import type pg from 'pg'
import { beforeAll, describe, expect, test } from 'vitest'
import { harness as mikroOrm } from '../mikro-orm/support/harness.ts'
import { harness as prisma } from '../prisma/support/prisma-harness.ts'
import { harness as typeorm } from '../typeorm/support/typeorm-harness.ts'
import { createValuesDatabase, type ValuesDatabase, type Way, ways } from './values-database.ts'

let at: ValuesDatabase
let pool: pg.Pool
beforeAll(async () => {
  at = await createValuesDatabase()
  pool = at.audited()
  return at.close
})

/** The images of all entries of a table, as they are stored. */
const imagesOf = (table: string) =>
  at.database.query<{ op: string; before: string | null; after: string | null }>(
    'select op, before::text, after::text from indelible.entry where table_name = $1 order by id',
    [table],
  )
const nameFor = (table: string, way: Way) => `${table}_${way === 'statement' ? 's' : 't'}`

describe.each(ways)('captured by %s', (way) => {
  test('JSON that PostgreSQL stores and cannot read stays as it was written: half a pair, \\u0000, keys that stand twice', async () => {
    const table = nameFor('odd_json', way)
    await at.create({ [table]: 'id int primary key, j json' }, way)
    const texts = ['"\\ud800"', '{"a" : "\\u0000",  "a":"\\udfff"}', '{"\\ud83d\\ude00":1.10, "b":1e999 }']
    const [first, ...others] = texts
    await pool.query(`insert into ${table} values (1, $1)`, [first])
    for (const text of others) await pool.query(`update ${table} set j = $1 where id = 1`, [text])
    await pool.query(`delete from ${table}`)
    const stored = (await imagesOf(table)).flatMap(({ before, after }) => [before, after])
    const holds = texts.map(
      (text) =>
        stored.filter((image) => image?.includes(`"j":${text}`) || image?.includes(`"j" : ${text}`)).length,
    )
    expect(holds).toEqual([2, 2, 2])
  })

  test('a text of 1 MB, full of escapes, is read as it was written', async () => {
    const table = nameFor('large', way)
    await at.create({ [table]: 'id int primary key, t text, n int' }, way)
    const text = (filler: string) => `${filler}"\\ü\n😀`.repeat(2 ** 17)
    await pool.query(`insert into ${table} values (1, $1, 0)`, [text('a')])
    await pool.query(`update ${table} set t = $1 where id = 1`, [text('b')])
    await pool.query(`update ${table} set n = 1`)
    await pool.query(`delete from ${table} where id = 1`)
    const read = iterateEntries(fromPgPool(at.database.pool), { table }, { order: 'oldest' })
    const found: unknown[] = []
    for await (const { op, before, after } of read) found.push([op, before?.['t'], after?.['t']])
    const same = [
      ['insert', undefined, text('a')],
      ['update', text('a'), text('b')],
      ['update', undefined, undefined],
      ['delete', text('b'), undefined],
    ]
    expect(isDeepStrictEqual(found, same)).toBe(true)
  })

  test('a text of 16 MB is stored whole', { timeout: 120_000 }, async () => {
    const table = nameFor('huge', way)
    await at.create({ [table]: 'id int primary key, t text' }, way)
    const [first, second] = [randomBytes(2 ** 23).toString('hex'), randomBytes(2 ** 23).toString('hex')]
    await pool.query(`insert into ${table} values (1, $1)`, [first])
    await pool.query(`update ${table} set t = $1 where id = 1`, [second])
    await pool.query(`delete from ${table} where id = 1`)
    const told = await at.database.query(
      "select md5(before ->> 't') as before, md5(after ->> 't') as after from indelible.entry where table_name = $1 order by id",
      [table],
    )
    const [a, b] = [md5(first), md5(second)]
    expect(told).toEqual([
      { before: null, after: a },
      { before: a, after: b },
      { before: b, after: null },
    ])
  })
})

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex')
}

describe.each([prisma, typeorm, mikroOrm])('sent by $name', ({ open }) => {
  test('what a parameter brings arrives in the trail as in the table', async () => {
    const table = `sent_${randomBytes(4).toString('hex')}`
    const columns =
      'id int primary key, b bigint, n numeric(40, 10), f float8, t text, d date, at timestamptz, i interval, r daterange, a int[], j json, jb jsonb, u uuid, y bytea, m mood, p pair'
    await at.create({ [table]: columns }, 'statement')
    const client = await open(at.database.url, { audit: { redact: { defaults: false }, seal: false } })
    const rows = [
      `1, 9007199254740993, 123456789012345678901234567890.0123456789, 'NaN', 'é e\u0301 😀', '0044-03-15 BC', '10000-01-01 00:00:00+05:45',
        '-3 days -04:05:06', '[2026-02-01,2026-03-04)', '{{1,NULL},{2,3}}', '{"b" : 1,  "b":2.50}', '1.50',
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '\\x00ff', 'so so', '(1,"a ""b""")'`,
    ]
    await client.sql(`insert into ${table} values (${rows[0]})`)
    const [was] = await at.database.query(`select row_to_json(x)::text as image from ${table} x`)
    await client.sql(
      `update ${table} set n = n + 1, f = '-Infinity', i = '1 mon', t = 'x', j = '[1 ]', m = 'good' where id = 1`,
    )
    const [became] = await at.database.query(
      `select row_to_json(x)::text as image from (select id, n, f, t, i, j, m from ${table}) x`,
    )
    await client.sql(`delete from ${table}`)
    await client.close()
    const [inserted, updated, deleted] = await imagesOf(table)
    expect(inserted?.after).toBe(was?.['image'])
    expect(fieldsOf(updated?.after)).toEqual(
      fieldsOf(became?.['image']).filter((field) => !field.startsWith('"id"')),
    )
    expect(deleted?.before).toContain(
      '"b":9007199254740993,"n":123456789012345678901234567891.0123456789,"f":"-Infinity"',
    )
  })
})

/** The fields of an image of which no value holds a comma. */
function fieldsOf(image: unknown): string[] {
  return String(image).slice(1, -1).split(',').toSorted()
}

test('the log of all these values is sealed and verified without a finding', async () => {
  const onError = (error: unknown) => expect.unreachable(String(error))
  const sealer = createSealer(fromPgPool(at.database.pool), { onError })
  await sealer.seal()
  const { ok, findings } = await verifyLog(fromPgPool(at.database.pool))
  expect([ok, findings]).toEqual([true, []])
})
