import { afterAll, beforeAll, expect, test } from 'vitest'
import { readUncapturedStatements } from '../../packages/core/src/coverage/uncaptured-statements.ts'
import type { AuditDatabase } from '../../packages/core/src/store/audit-database.ts'
import { findEntries } from '../../packages/core/src/store/entries.ts'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createTrailDatabase } from '../support/trail-database.ts'

let database: TestDatabase
let audit: AuditDatabase

beforeAll(async () => {
  ;({ database, audit } = await createTrailDatabase())
})

afterAll(() => database?.drop())

/** What PostgreSQL stores as JSON and cannot look into. */
const unreadable = [
  '\\u0000',
  '\\\\\\u0000',
  '\\ud83d',
  '\\uD83D x \\uDE00',
  '\\uDE00',
  '\\ud83d\\\\\\ude00',
  '\\ude00\\ud83d',
  '\\ud83d\\ud83d\\ude00',
]

/** What it reads, though it looks similar. */
const readable = [
  '\\\\u0000',
  '\\ud83d\\ude00',
  '\\\\ud83d',
  '\\u0041',
  'u0000',
  '\\ud83d\\ude00\\ud83d\\ude00',
]

async function logStatement(note: string): Promise<number> {
  const [row] = await database.query<{ id: number }>(
    `select indelible.log_statement('statement', 'public', 't', $1, row(null, null, null, null, $2::json, null, null, null, null)::indelible.context)`,
    [`{"verb":"CALL","reason":"x","note":"${note}"}`, `{"action":"a.b","note":"${note}"}`],
  )
  expect(row).toBeDefined()
  const [last] = await database.query<{ id: number }>('select max(id)::int as id from indelible.entry')
  return last?.id ?? 0
}

test('entries that another program wrote and PostgreSQL cannot look into fail no reading by action, and no coverage', async () => {
  for (const note of unreadable) {
    await logStatement(note)
    await expect(
      database.query(`select after ->> 'verb' from indelible.entry order by id desc limit 1`),
      note,
    ).rejects.toThrow()
  }
  const ids: number[] = []
  for (const note of readable) ids.push(await logStatement(note))
  const { entries } = await findEntries(audit, { action: 'a.b' }, { order: 'oldest' })
  expect(entries.map(({ id }) => id)).toEqual(ids)
  expect(await readUncapturedStatements(audit, new Date(0))).toMatchObject(
    [
      { verb: 'CALL', reason: 'x', count: readable.length },
      { verb: 'UNKNOWN', reason: '', count: unreadable.length },
    ].toSorted((a, b) => b.count - a.count),
  )
})
