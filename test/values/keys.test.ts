import { findEntries, fromPgPool } from '@indelible/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { createValuesDatabase, knownTypes, lastEntry, type ValuesDatabase, ways } from './values-database.ts'

let at: ValuesDatabase
beforeAll(async () => {
  at = await createValuesDatabase()
  return at.close
})

/** These have no order, so that no key can be made of them. */
const withoutOrder = 'xml json jsonpath point line lseg box path polygon circle'.split(' ')

const quote = (value: string) => `'${value.replaceAll(/(?<!')'(?!')/g, "''")}'`
const keyTypes = knownTypes.filter(({ type }) => ![...withoutOrder, 'json[]'].includes(type))

describe.each(ways)('captured by %s', (way) => {
  const suffix = way === 'statement' ? 's' : 't'

  // All at once: the pools read the catalog anew after each change of the schema.
  beforeAll(async () => {
    const tables = keyTypes.flatMap(({ name, type }) => [
      [`key_${name}_${suffix}`, `k ${type} primary key, n int`],
      [`keys_${name}_${suffix}`, `a text, k ${type}, n int, primary key (k, a)`],
    ])
    await at.create(Object.fromEntries(tables), way)
  })

  test.each(keyTypes)(
    '$type: one key names the row under all settings, and finds its entries ($name)',
    async ({ name, type, values }) => {
      const [table, pairs] = [`key_${name}_${suffix}`, `keys_${name}_${suffix}`]
      const [first = '', second] = values.map((value) => `${quote(value)}::${type}`)
      const [key, other] = [await keyOf(type, first), second && (await keyOf(type, second))]
      for (const [session, pool] of at.pools) {
        const start = await lastEntry(at)
        const rekey = second === undefined ? [] : [[key, `set k = ${second}`] as const]
        const last = second ?? first
        const life = (into: string, also: string, column: string) => [
          `insert into ${into} values (${also}${first}, 1)`,
          `update ${into} set n = 2 where k = ${first}`,
          ...rekey.map(([, set]) => `update ${into} ${set} where n = 2 returning n`),
          `insert into ${into} values (${also}${last}, 3) on conflict (${column}) do update set n = excluded.n`,
          `delete from ${into} where k = ${last}`,
        ]
        const both = [...life(table, '', 'k'), ...life(pairs, `'a "b"', `, 'k, a')]
        for (const sql of both) await pool.query(sql)
        const keys = [key, key, ...rekey.map(() => key), other ?? key, other ?? key]
        const told = await at.database.query<{ key: string }>(
          'select row_key as key from indelible.entry where id > $1 order by id',
          [start],
        )
        const composite = keys.map((part) => JSON.stringify([part, 'a "b"']))
        expect(
          told.map((entry) => entry.key),
          session,
        ).toEqual([...keys, ...composite])
      }
      const found = [await historyOf(table, key), await historyOf(pairs, [key, 'a "b"'])]
      const own = second === undefined ? 4 : 3
      expect(found).toEqual([own * at.pools.size, own * at.pools.size])
    },
  )
})

test('of these types no key can be made', async () => {
  for (const type of withoutOrder) {
    await expect(
      at.database.query(`create table no_key (k ${type} primary key)`),
      type,
    ).rejects.toMatchObject({
      code: '42704',
    })
  }
})

/** The text that PostgreSQL gives a value under its default settings, moments in UTC, names with their schema. */
async function keyOf(type: string, value: string): Promise<string> {
  const client = await at.database.pool.connect()
  try {
    await client.query(`create temporary table a_key (k ${type})`)
    await client.query(`insert into a_key values (${value})`)
    await client.query(`begin; set local search_path to pg_catalog; set local timezone to 'UTC'`)
    const { rows } = await client.query(`select k::text as key from pg_temp.a_key`)
    await client.query(`rollback; drop table a_key`)
    return rows[0].key
  } finally {
    client.release()
  }
}

async function historyOf(table: string, key: string | readonly string[]): Promise<number> {
  const page = await findEntries(fromPgPool(at.database.pool), { table, key }, { limit: 1000 })
  return page.entries.length
}
