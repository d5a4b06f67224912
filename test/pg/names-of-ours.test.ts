import type pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPoolDatabase, type PoolDatabase } from './audited-pool.ts'

/** One table for each pool, so that both answer alike. */
const table = (
  name: string,
) => `create table ${name} (id int primary key, "__indelible" text, "__row" text, "__rows" text,
  "__old" text, "__new" text, secret text);`

const statements = [
  `insert into t values (1, 'i', 'r', 's', 'o', 'n', 'hidden'), (2, 'i', 'r', 's', 'o', 'n', 'hidden') returning *`,
  `insert into t (id, "__row") values (3, 'r')`,
  `insert into t (id, "__row") values (4, 'r') returning id as "__indelible"`,
  `insert into t (id, "__row") values (4, 'x') on conflict (id) do update set "__row" = excluded."__row" returning *`,
  `update t set "__indelible" = 'j', secret = 'hidden too' where id = 1 returning *`,
  `update t as "__rows" set "__old" = 'p', "__row" = 'x' where id = 2 returning "__rows"."__indelible", "__rows".*`,
  `update t as "__row" set "__new" = 'q'`,
  `delete from t as "__row" where id = 1 returning *`,
  `delete from t where id = 2`,
  `delete from t where id > 2 returning "__row" as "__indelible", id as "__indelible_"`,
]

let on: PoolDatabase
let audited: pg.Pool
let plain: pg.Pool

beforeAll(async () => {
  on = await createPoolDatabase(table('t_audited') + table('t_plain'))
  audited = on.audited({}, { redact: { defaults: false, columns: ['secret'] } })
  plain = on.plain()
})

afterAll(() => on.close())

const shown = ({ command, rowCount, rows, fields }: pg.QueryResult) => ({
  command,
  rowCount,
  rows: rows.map((row) => Object.entries(row)),
  fields: fields.map(({ name, dataTypeID }) => [name, dataTypeID]),
})

test('columns and aliases of the application may be called as those of ours are', async () => {
  for (const statement of statements) {
    const [ours, theirs] = [statement, statement].map((text, at) =>
      text.replace(/\bt\b/, at === 0 ? 't_audited' : 't_plain'),
    )
    const expected = shown(await plain.query(theirs ?? ''))
    expect(shown(await audited.query(ours ?? '')), statement).toEqual(expected)
  }
})

test('and their values are in the trail, a secret beside them is not', async () => {
  const entries = await on.database.query<{ op: string; before: string | null; after: string | null }>(
    `select op, before::text, after::text from indelible.entry where row_key in ('1', '2') order by id`,
  )
  expect(entries.map(({ op }) => op)).toEqual([
    ...['insert', 'insert', 'update', 'update', 'update', 'update', 'delete', 'delete'],
  ])
  const made = {
    id: 1,
    __indelible: 'i',
    __row: 'r',
    __rows: 's',
    __old: 'o',
    __new: 'n',
    secret: '[redacted]',
  }
  expect(JSON.parse(entries[0]?.after ?? '')).toEqual(made)
  expect(JSON.parse(entries.at(-1)?.before ?? '')).toMatchObject({
    id: 2,
    __old: 'p',
    __row: 'x',
    __new: 'q',
  })
  expect(JSON.stringify(entries)).not.toContain('hidden')
})
