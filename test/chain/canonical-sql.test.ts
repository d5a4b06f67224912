import fc from 'fast-check'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { hashOrigin } from '../../packages/core/src/chain/link.ts'
import { fromPgPool } from '../../packages/core/src/pg/pg-database.ts'
import { sealAll } from '../../packages/core/src/seal/seal-all.ts'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import { verifyLog } from '../../packages/core/src/verify/verify-log.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createTrailDatabase } from '../support/trail-database.ts'
import { readSqlRecipe } from './sql-recipe.ts'

let database: TestDatabase
let audit: AuditDatabase

beforeAll(async () => {
  ;({ database, audit } = await createTrailDatabase())
  await database.pool.query(readSqlRecipe())
})

afterAll(() => database.drop())

const text = fc.oneof(
  fc.string({ unit: 'binary' }).filter(isStorable),
  fc.constantFrom('', '-', '1:a,', 'a\nb', 'Größe', '🚀', "'", '\\', '\u00e9', 'e\u0301'),
)
const json = fc.oneof(
  fc.json().filter(isStorable),
  fc.constantFrom('{"b":1, "a" : 2,"b":3}', '1.10', '1e400', '"\\u0041"', '[]', ' null '),
)
const entry = fc.record({
  op: fc.constantFrom('insert', 'update', 'delete', 'truncate', 'statement', 'ddl', 'event'),
  at: fc.constantFrom(
    '2026-11-22 10:15:00.123456+00',
    '1970-01-01 00:00:00+00',
    '2026-03-29 02:30:00+02',
    '0044-03-15 12:00:00+00 BC',
    '0044-03-15 12:00:00+00',
    '12026-01-01 00:00:00+00',
    'infinity',
    '-infinity',
  ),
  columns: fc.array(fc.option(text), { minLength: 7, maxLength: 7 }),
  documents: fc.array(fc.option(json), { minLength: 3, maxLength: 3 }),
})

test('SQL alone recomputes every hash of random entries', async () => {
  const entries = fc.sample(entry, { numRuns: 400, seed: 20_261_122 })
  for (const sample of entries) await insertEntry(sample)
  await sealAll(audit)
  const rows = await database.query<{ seq: string; stored: string; computed: string }>(`
    select l.seq, concat_ws(' ', l.image_hash, l.entry_hash, l.hash) as stored,
      concat_ws(' ', chain_image_hash(e), chain_entry_hash(e, chain_image_hash(e)),
        sha256('\\x02' || l.prev_hash || chain_entry_hash(e, chain_image_hash(e)))) as computed
    from indelible.link l join indelible.entry e on e.id = l.entry_id order by l.seq`)
  expect(rows.length).toBe(entries.length)
  expect(rows.filter(({ stored, computed }) => stored !== computed)).toEqual([])
})

test('SQL alone follows the chain from the id of the log to its head', async () => {
  const [row] = await database.query<{ breaks: string; origin: string; log_id: string }>(`
    select count(*) filter (where prev_hash is distinct from expected) as breaks,
      encode(chain_origin_hash(), 'hex') as origin, (select log_id from indelible.origin) as log_id
    from (select prev_hash, lag(hash, 1, chain_origin_hash()) over (order by seq) as expected from indelible.link) l`)
  expect(row?.breaks).toBe('0')
  expect(row?.origin).toBe(hashOrigin(row?.log_id ?? ''))
})

test('SQL alone computes the root of the last checkpoint', async () => {
  const [row] = await database.query<{ root: string; computed: string }>(`
    select encode(root, 'hex') as root, encode(chain_merkle_root(1, size), 'hex') as computed
    from indelible.checkpoint order by size desc limit 1`)
  expect(row?.computed).toBe(row?.root)
})

test('the session settings of the reader change no hash', async () => {
  const url = new URL(database.url)
  const settings = [
    'TimeZone=Asia/Kathmandu',
    'DateStyle=German',
    'IntervalStyle=iso_8601',
    'bytea_output=escape',
  ]
  url.searchParams.set('options', settings.map((setting) => `-c ${setting}`).join(' '))
  const pool = new pg.Pool({ connectionString: url.href })
  const { findings } = await verifyLog(fromPgPool(pool))
  await pool.end()
  expect(findings).toEqual([])
})

test('SQL alone finds nothing in an intact log, and an edit', async () => {
  expect(await database.query('select * from chain_damage')).toEqual([])
  await database.query(`alter table indelible.entry disable trigger append_only;
    update indelible.entry set actor_id = 'x' where id = 7`)
  expect(await database.query('select seq, edited, broken, restamped from chain_damage')).toEqual([
    { seq: '7', edited: true, broken: false, restamped: false },
  ])
})

async function insertEntry({
  op,
  at,
  columns,
  documents,
}: ReturnType<typeof entry.generate>['value']): Promise<void> {
  await database.query(
    `with e as (
      insert into indelible.entry (op, at, table_schema, table_name, row_key, actor_id, actor_type, tenant,
        correlation_id, before, after, context)
      values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning id)
    insert into indelible.pending select id from e`,
    [op, at, ...columns, ...documents],
  )
}

/** PostgreSQL stores no NUL and no half characters. */
function isStorable(value: string): boolean {
  return !/[\0\p{Surrogate}]|\\u0000/u.test(value)
}
