import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createAuditedDatabase, log } from './audited-database.ts'
import { runIndelible } from './run-indelible.ts'

const HOSTILE = '\u001b[2J\u009b31m\u202e'
let database: TestDatabase

beforeAll(async () => {
  database = await createAuditedDatabase()
  await log(database, {
    op: 'update',
    key: '7',
    before: { status: 'NEW', note: null },
    after: { status: 'PAID', note: HOSTILE },
    actor: HOSTILE,
    correlation: 'req-7',
    context: { actor: { id: HOSTILE }, reason: 'because' },
  })
  await runIndelible(['seal'], { url: database.url })
  await log(database, { op: 'delete', before: { id: 1, text: 'z'.repeat(5000) } })
})

afterAll(() => database.drop())

const show = (...args: string[]) => runIndelible(['show', ...args], { url: database.url })

describe('indelible show', () => {
  test('prints what changed, who did it, the context, and the place in the chain', async () => {
    const { code, stdout } = await show('1')
    expect(code).toBe(0)
    expect(stdout.replace(/^(at|transaction|hash)( +)\S+$/gm, '$1$2…')).toBe(`Entry 1  update public.order 7
at           …
transaction  …
actor        \\x1b[2J\\x9b31m\\u202e
correlation  req-7
chain        link 1, under the checkpoint of 1
hash         …
context
{
  "actor": {
    "id": "\\u001b[2J\\u009b31m\\u202e"
  },
  "reason": "because"
}

- status: "NEW"
+ status: "PAID"
- note: null
+ note: "\\u001b[2J\\x9b31m\\u202e"
`)
  })

  test('cuts a long value, and says how to get all of it', async () => {
    const { stdout } = await show('2')
    expect(stdout).toContain('not sealed yet')
    expect(stdout).toContain('(5002 characters; --format json prints all of it)')
    const whole = JSON.parse((await show('2', '--format', 'json')).stdout)
    expect(whole.before.text).toHaveLength(5000)
  })

  test('paints what was removed and what was added', async () => {
    const { stdout } = await runIndelible(['show', '1'], { url: database.url, env: { FORCE_COLOR: '1' } })
    expect(stdout).toContain('\u001b[31m- status: "NEW"\u001b[39m')
    expect(stdout).toContain('\u001b[32m+ status: "PAID"\u001b[39m')
  })

  test.each([
    [['99'], 'There is no audit entry 99. (AUDIT_ENTRY_NOT_FOUND)'],
    [['0'], 'whole number'],
    [['x'], 'whole number'],
    [[], "missing required argument 'id'"],
  ])('%j ends with exit code 2', async (args, message) => {
    const { code, stderr } = await show(...args)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })
})
