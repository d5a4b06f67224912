import { beforeAll, describe, expect, test } from 'vitest'
import {
  createValuesDatabase,
  knownTypes,
  lastEntry,
  type ValuesDatabase,
  type Way,
  ways,
} from './values-database.ts'

let at: ValuesDatabase
beforeAll(async () => {
  at = await createValuesDatabase()
  return at.close
})

const tableOf = (name: string, way: Way) => `${name}_${way === 'statement' ? 's' : 't'}`
const quote = (value: string) => `'${value.replaceAll(/(?<!')'(?!')/g, "''")}'`

describe.each(ways)('captured by %s', (way) => {
  // All at once: the pools read the catalog anew after each change of the schema.
  beforeAll(async () => {
    const tables = (columns: (type: string) => string, prefix = '') =>
      Object.fromEntries(
        knownTypes.map(({ name, type }) => [`${prefix}${tableOf(name, way)}`, columns(type)]),
      )
    await at.create(
      tables((type) => `id int primary key, v ${type}`),
      way,
    )
    await at.create(
      tables((type) => `step int generated always as identity, v ${type}`, 'seen_'),
      'statement',
    )
  })

  test.each(knownTypes)(
    '$type: each image is the row again, whatever the session is set to ($name)',
    async ({ name, values, read }) => {
      const table = tableOf(name, way)
      for (const [session, pool] of at.pools) {
        const start = await lastEntry(at)
        const steps = [
          `insert into ${table} values (1, ${quote(values[0] ?? '')})`,
          ...values.slice(1).map((value) => `update ${table} set v = ${quote(value)} where id = 1`),
          `update ${table} set v = null`,
          `update ${table} set v = ${quote(values[0] ?? '')} returning id`,
          `insert into ${table} values (1, null) on conflict (id) do update set v = excluded.v`,
        ]
        await at.database.query(`truncate seen_${table} restart identity`)
        for (const step of steps) {
          await pool.query(step)
          await at.database.query(`insert into seen_${table} (v) select v from ${table}`)
        }
        await pool.query(`delete from ${table} where id = 1`)
        expect(await judge(table, { start, read }), session).toEqual([
          { op: 'insert', before: null, after: true },
          ...steps.slice(1).map(() => ({ op: 'update', before: true, after: true })),
          { op: 'delete', before: true, after: null },
        ])
      }
    },
  )
})

interface Judged {
  /** The entry behind which those to judge come. */
  readonly start: string
  readonly read: string | undefined
}

/** Whether each image, read as the table's row by a session with default settings, is the value that the table held, bit by bit. */
async function judge(table: string, { start, read }: Judged): Promise<readonly unknown[]> {
  const readImage = (image: string) =>
    read === undefined
      ? `(json_populate_record(null::${table}, e.${image})).v`
      : `case when e.${image} ->> 'v' is not null then ${read.replace('$', `e.${image} -> 'v'`)} end`
  const same = (image: string, step: string) =>
    `case when e.${image} is not null then record_image_eq(row (${readImage(image)}), row (${step}.v)) end as ${image}`
  return at.database.query(
    `select e.op, ${same('before', 'was')}, ${same('after', 'became')}
    from (select *, row_number() over (order by id) as n from indelible.entry where id > $1) e
    left join seen_${table} was on was.step = e.n - 1
    left join seen_${table} became on became.step = e.n
    order by e.n`,
    [start],
  )
}
