import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import { findEntries, getEntry, iterateEntries, tryGetEntry } from '../../packages/core/src/store/entries.ts'
import type { EntryFilter } from '../../packages/core/src/store/entry-filter.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createTrailDatabase } from '../support/trail-database.ts'

interface Row {
  readonly op?: string
  readonly schema?: string
  readonly table?: string
  readonly key?: string
  readonly before?: string
  readonly after?: string
  readonly actor?: string
  readonly tenant?: string
  readonly correlation?: string
}

let database: TestDatabase
let audit: AuditDatabase

beforeAll(async () => {
  ;({ database, audit } = await createTrailDatabase())
  await write(database.pool, { table: 'user', key: '1', after: '{"id":1}', actor: 'u_1', tenant: 'acme' })
  await write(database.pool, {
    table: 'user',
    key: '2',
    after: '{"id":2}',
    actor: 'u_2',
    correlation: 'req-2',
  })
  await write(database.pool, { op: 'update', table: 'user', key: '1', before: '{"a":1}', after: '{"a":2}' })
  await write(database.pool, { schema: 'shop', table: 'user', key: '1', after: '{"id":1}' })
  await write(database.pool, { table: 'item', key: '["1","a\\"b"]', after: '{"big":9007199254740993}' })
  await write(database.pool, { op: 'delete', table: 'item', key: '["1","a\\"b"]', before: '{"big":1}' })
  await database.query(
    `insert into indelible.link select 1, 1, h, h, h, h from (values (sha256('x'))) as v (h)`,
  )
})

afterAll(() => database.drop())

async function write(runner: Pick<pg.Pool, 'query'>, row: Row): Promise<void> {
  const context =
    'row($7::text, $8::text, $9::text, $10::text, $11::json, null, null, null, null)::indelible.context'
  await runner.query(`select indelible.log($1, $2, $3, $4, $5, $6, ${context})`, [
    row.op ?? 'insert',
    row.schema ?? 'public',
    row.table,
    row.key,
    row.before,
    row.after,
    row.actor,
    row.actor && 'user',
    row.tenant,
    row.correlation,
    row.actor && JSON.stringify({ reason: 'test', action: `${row.actor}.sign-up` }),
  ])
}

const idsOf = async (filter: EntryFilter) => (await findEntries(audit, filter)).entries.map(({ id }) => id)

describe('an entry', () => {
  test('is read whole, with its place in the chain', async () => {
    expect(await getEntry(audit, 1)).toEqual({
      id: 1,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
      tx: expect.stringMatching(/^\d+$/),
      op: 'insert',
      tableSchema: 'public',
      tableName: 'user',
      rowKey: '1',
      before: null,
      beforeText: null,
      afterText: '{"id":1}',
      after: { id: 1 },
      actorId: 'u_1',
      actorType: 'user',
      tenant: 'acme',
      correlationId: null,
      context: { reason: 'test', action: 'u_1.sign-up' },
      action: 'u_1.sign-up',
      reason: 'test',
      seq: 1,
      hash: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881',
    })
  })

  test('that is not sealed has no place in the chain', async () => {
    expect(await getEntry(audit, 2)).toMatchObject({ seq: null, hash: null })
  })

  test('keeps every digit of a bigint', async () => {
    expect(await getEntry(audit, 5)).toMatchObject({ after: { big: '9007199254740993' } })
  })

  test('that does not exist is undefined, or an error', async () => {
    expect(await tryGetEntry(audit, 99)).toBeUndefined()
    await expect(getEntry(audit, 99)).rejects.toMatchObject({
      code: 'AUDIT_ENTRY_NOT_FOUND',
      facts: { id: 99 },
    })
    await expect(getEntry(audit, 1.5)).rejects.toThrow(TypeError)
  })
})

describe('a filter', () => {
  test.each<[EntryFilter, number[]]>([
    [{}, [6, 5, 4, 3, 2, 1]],
    [{ table: 'user' }, [4, 3, 2, 1]],
    [{ table: { schema: 'shop', name: 'user' } }, [4]],
    [{ table: { name: 'user' }, key: 1 }, [4, 3, 1]],
    [{ table: { schema: 'public', name: 'user' }, key: '1' }, [3, 1]],
    [{ table: 'item', key: [1, 'a"b'] }, [6, 5]],
    [{ actor: 'u_1' }, [1]],
    [{ tenant: 'acme' }, [1]],
    [{ correlationId: 'req-2' }, [2]],
    [{ op: 'delete' }, [6]],
    [{ action: 'u_2.sign-up' }, [2]],
    [{ action: 'u_2.sign-up', actor: 'u_1' }, []],
    [{ op: 'insert', table: 'user', actor: 'u_2' }, [2]],
    [{ table: "user' or true --" }, []],
    [{ from: '2000-01-01', to: new Date('2001-01-01') }, []],
    [{ from: '2000-01-01' }, [6, 5, 4, 3, 2, 1]],
  ])('%j finds %j', async (filter, ids) => {
    expect(await idsOf(filter)).toEqual(ids)
  })

  test('by transaction finds what was committed together', async () => {
    const { tx, at } = await getEntry(audit, 3)
    expect(await idsOf({ tx })).toEqual([3])
    expect(await idsOf({ from: at, op: 'update' })).toEqual([3])
    expect(await idsOf({ to: at })).toEqual([2, 1])
  })

  test('by composite key writes the key as PostgreSQL does', async () => {
    const parts = ['"', '\\', '/', '\b\f\n\r\t', '\u0001\u001f', '\u007f', '\u2028', '😀ünï', '']
    const [row] = await database.query<{ key: string }>(
      "select '[' || string_agg(to_json(part)::text, ',' order by i) || ']' as key from unnest($1::text[]) with ordinality as p (part, i)",
      [parts],
    )
    await write(database.pool, { table: 'odd', key: row?.key ?? '', after: '{}' })
    expect(await idsOf({ table: 'odd', key: parts })).toHaveLength(1)
  })
})

describe('pages', () => {
  test('follow one another in both orders, without holes and without doubles', async () => {
    for (const order of ['newest', 'oldest'] as const) {
      const filter = { table: 'user' }
      const one = await findEntries(audit, filter, { order, limit: 3 })
      const two = await findEntries(audit, filter, { order, limit: 3, after: one.next ?? '' })
      const ids = [...one.entries, ...two.entries].map(({ id }) => id)
      expect(ids).toEqual(order === 'newest' ? [4, 3, 2, 1] : [1, 2, 3, 4])
      expect(two.next).toBeNull()
    }
  })

  test('a full last page has no next', async () => {
    expect(await findEntries(audit, { table: 'user' }, { limit: 4 })).toMatchObject({ next: null })
  })

  test('an iterator walks over all of them', async () => {
    const ids: number[] = []
    for await (const { id } of iterateEntries(audit, { table: 'user' }, { pageSize: 1, order: 'oldest' }))
      ids.push(id)
    expect(ids).toEqual([1, 2, 3, 4])
  })

  test.each([
    { limit: 0 },
    { limit: 1.5 },
    { limit: 10_001 },
    { after: '1; drop' },
    { order: 'desc' as 'newest' },
  ])('%j is refused', async (options) => {
    await expect(findEntries(audit, {}, options)).rejects.toThrow(TypeError)
  })
})

describe('the indexes serve', () => {
  beforeAll(async () => {
    await database.query(`insert into indelible.entry (tx, op, table_schema, table_name, row_key, actor_id, correlation_id, at)
      select (100000 + i / 5)::text, 'insert', 'public', 't' || i % 20, i::text, 'a' || i % 1000, 'c' || i / 10,
        timestamptz '2020-01-01' + i * interval '1 minute'
      from generate_series(1, 50000) i`)
    await database.query('vacuum analyze indelible.entry')
  })

  test.each<[EntryFilter, string]>([
    [{ table: { schema: 'public', name: 't3' }, key: '30003' }, 'entry_row'],
    [{ table: 't3', key: '30003' }, 'entry_row'],
    [{ actor: 'a77' }, 'entry_actor'],
    [{ correlationId: 'c77' }, 'entry_correlation'],
    [{ tx: '100077' }, 'entry_tx'],
    [{ from: '2020-01-02', to: '2020-01-02T00:10' }, 'entry_at'],
    [{}, 'entry_pkey'],
  ])('%j by %s', async (filter, index) => {
    expect(await explain(filter)).toContain(index)
  })

  async function explain(filter: EntryFilter): Promise<string> {
    const lines: string[] = []
    const explaining: AuditDatabase = {
      ...audit,
      query: async (sql, params) => {
        const rows = await audit.query(`explain ${sql}`, params)
        lines.push(...rows.map((row) => row['QUERY PLAN'] ?? ''))
        return []
      },
    }
    await findEntries(explaining, filter, { limit: 50 })
    return lines.join('\n')
  }
})
