import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createAuditedDatabase } from './audited-database.ts'
import { runIndelible } from './run-indelible.ts'

const HOSTILE = '\u001b[2J\u202e'
let database: TestDatabase

beforeAll(async () => {
  database = await createAuditedDatabase()
  const refund = {
    action: 'order.refund',
    outcome: 'denied',
    severity: 'warning',
    reason: 'too late',
    resource: 'Order',
    metadata: { amount: 9.9, note: 'x' },
  }
  await logEvent(['public', 'order', '7'], refund)
  await logEvent([null, null, null], {
    action: HOSTILE,
    outcome: HOSTILE,
    severity: HOSTILE,
    metadata: HOSTILE,
  })
  await logEvent([null, 'report', '2026'], null)
})

afterAll(() => database.drop())

function logEvent(place: readonly (string | null)[], details: unknown): Promise<unknown> {
  return database.query(
    `select indelible.log_event($1, $2, $3, $4::json,
      row('u_1', 'user', null, null, null, null, null, null, null)::indelible.context)`,
    [...place, details === null ? null : JSON.stringify(details)],
  )
}

const run = (...args: string[]) => runIndelible(args, { url: database.url })

describe('events on the command line', () => {
  test('log says what was done, how it ended, and why', async () => {
    const { code, stdout } = await run('log', '--op', 'event')
    expect(code).toBe(0)
    const lines = stdout
      .split('\n')
      .map((line) => line.replace(/ {2,}/g, ' | ').replace(/\d{4}-.*?Z/, 'TIME'))
    expect(lines.slice(1)).toEqual([
      '3 | TIME | event | report | 2026 | u_1',
      '2 | TIME | event | u_1 | \\x1b[2J\\u202e \\x1b[2J\\u202e, severity: \\x1b[2J\\u202e, "\\u001b[2J\\u202e"',
      '1 | TIME | event | order | 7 | u_1 | order.refund denied, severity: warning, reason: too late, {"amount":9.9,"note":"x"}',
      '',
    ])
  })

  test('log finds those of a row among its changes, and those of what is no table by its name', async () => {
    expect((await run('log', '--table', 'order', '--key', '7', '--format', 'jsonl')).stdout).toContain(
      '"id":1,',
    )
    expect((await run('log', '--table', 'report', '--format', 'jsonl')).stdout).toContain('"id":3,')
  })

  test('show prints an event', async () => {
    const { stdout } = await run('show', '1')
    expect(stdout.replace(/^(at|transaction)( +)\S+$/gm, '$1$2…')).toBe(`Entry 1  event public.order 7
at           …
transaction  …
actor        u_1 (user)
chain        not sealed yet

order.refund denied
severity     warning
reason       too late
resource     Order
metadata
{
  "amount": 9.9,
  "note": "x"
}
`)
  })

  test('show prints nothing that a terminal would obey, and an event without details', async () => {
    const { stdout } = await run('show', '2')
    expect(stdout).not.toContain('\u001b')
    expect(stdout).not.toContain('\u202e')
    expect((await run('show', '3')).stdout).toContain('Entry 3  event report 2026')
  })
})
