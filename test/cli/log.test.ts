import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createAuditedDatabase, log } from './audited-database.ts'
import { runIndelible, startIndelible, waitFor } from './run-indelible.ts'

const ESC = '\u001b'
const HOSTILE = `${ESC}[2J${ESC}]0;owned\u0007\u009b31m\u202egpj.exe\nnew line\r\t\u007f`
let database: TestDatabase

beforeAll(async () => {
  database = await createAuditedDatabase()
  await log(database, { key: '1', after: { id: 1, status: 'NEW' }, actor: 'u_1', correlation: 'req-1' })
  await log(database, {
    op: 'update',
    key: '1',
    before: { status: 'NEW' },
    after: { status: 'PAID' },
    actor: 'u_2',
  })
  await log(database, {
    schema: 'shop',
    table: 'Line item',
    key: '["1","a\\"b"]',
    after: { name: '漢字 👩‍👩‍👧 ünï' },
  })
  await log(database, { table: 'blob', after: { text: 'x'.repeat(100_000) } })
  await log(database, {
    table: 'evil',
    key: HOSTILE,
    after: { [HOSTILE]: HOSTILE },
    actor: HOSTILE,
    context: { a: HOSTILE },
  })
})

afterAll(() => database.drop())

const run = (...args: string[]) => runIndelible(['log', ...args], { url: database.url })
const idsOf = async (...args: string[]) => {
  const { stdout } = await run('--format', 'jsonl', ...args)
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line).id)
}

describe('indelible log', () => {
  test('prints a table, newest first', async () => {
    const { code, stdout, stderr } = await run('--table', 'order')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(
      stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' | ').replace(/\d{4}-.*?Z/, 'TIME')),
    ).toEqual([
      'ID | TIME | OP | TABLE | KEY | ACTOR | CHANGES',
      '2 | TIME | update | order | 1 | u_2 | status: "NEW" → "PAID"',
      '1 | TIME | insert | order | 1 | u_1 | id: 1, status: "NEW"',
      '',
    ])
  })

  test.each<[string[], number[]]>([
    [[], [5, 4, 3, 2, 1]],
    [
      ['--limit', '2'],
      [5, 4],
    ],
    [['--limit', '0'], []],
    [
      ['--table', 'public.order', '--key', '1'],
      [2, 1],
    ],
    [['--table', 'shop."Line item"', '--key', '1', '--key', 'a"b'], [3]],
    [['--actor', 'u_1'], [1]],
    [['--correlation', 'req-1'], [1]],
    [['--op', 'update'], [2]],
    [
      ['--since', '1h'],
      [5, 4, 3, 2, 1],
    ],
    [['--until', '1h'], []],
    [['--since', '2000-01-01', '--until', '2001-01-01T00:00:00Z'], []],
    [['--tx', '1'], []],
    [['--table', "order' or true --"], []],
  ])('%j finds %j', async (args, ids) => {
    expect(await idsOf(...args)).toEqual(ids)
  })

  test('prints one JSON array, or one JSON object a line, with all of every value', async () => {
    const array = JSON.parse((await run('--format', 'json')).stdout)
    const lines = (await run('--format', 'jsonl')).stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toEqual(array)
    expect(array[1].after.text).toHaveLength(100_000)
    expect(array[2].after).toEqual({ name: '漢字 👩‍👩‍👧 ünï' })
    expect(array[0]).toMatchObject({ rowKey: HOSTILE, actorId: HOSTILE, after: { [HOSTILE]: HOSTILE } })
    expect((await run('--format', 'json', '--actor', 'nobody')).stdout).toBe('[]\n')
  })

  test('cuts long values in the table', async () => {
    const { stdout } = await run('--table', 'blob')
    expect(stdout).toContain('text: "xxxx')
    expect(stdout).toContain('…')
    expect(stdout.length).toBeLessThan(1000)
  })

  test('keeps characters of every script whole', async () => {
    expect((await run('--table', 'Line item')).stdout).toContain('name: "漢字 👩‍👩‍👧 ünï"')
  })

  test.each(['table', 'json', 'jsonl'])(
    'lets nothing of a row steer the terminal in the format %s',
    async (format) => {
      const { stdout } = await run('--table', 'evil', '--format', format)
      expect(stdout).toContain('owned')
      expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
    },
  )

  test('colours only what is told to be coloured', async () => {
    const coloured = async (env: Record<string, string>) =>
      (await runIndelible(['log', '--table', 'order'], { url: database.url, env })).stdout.includes(`${ESC}[`)
    expect(await coloured({})).toBe(false)
    expect(await coloured({ CI: 'true' })).toBe(false)
    expect(await coloured({ FORCE_COLOR: '1' })).toBe(true)
    expect(await coloured({ FORCE_COLOR: '0' })).toBe(false)
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false)
  })

  test.each([
    [['--limt', '3'], "unknown option '--limt'\n(Did you mean --limit?)\nSee `indelible log --help`."],
    [['--limit', 'many'], 'whole number'],
    [['--op', 'upsert'], 'insert, update'],
    [['--since', 'yesterday'], '30m, 2h, 7d'],
    [['--format', 'xml'], 'Allowed choices are table, json, jsonl'],
    [['--key'], 'argument missing'],
    [['order'], 'too many arguments'],
    [['--tx', 'abc'], 'number of a transaction'],
    [['--follow', '--format', 'json'], '--format jsonl'],
  ])('%j is misuse: exit code 2 and a hint', async (args, message) => {
    const { code, stdout, stderr } = await run(...args)
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(message)
  })
})

describe('a reader that leaves early', () => {
  test('ends the command quietly', async () => {
    await database.query(
      "select indelible.log('insert', 'public', 'many', i::text, null, json_build_object('text', repeat('y', 2000)), null) from generate_series(1, 3000) i",
    )
    const child = startIndelible(['log', '--format', 'jsonl', '--limit', '100000'], { url: database.url })
    const stderr = text(child.stderr)
    await once(child.stdout, 'data')
    child.stdout.destroy()
    await once(child, 'close')
    expect({ code: child.exitCode, stderr: await stderr }).toEqual({ code: 0, stderr: '' })
  })
})

describe('indelible log --follow', () => {
  test('prints the last entries, then new ones as they are committed, and ends cleanly at Ctrl-C', async () => {
    const args = ['log', '--follow', '--limit', '1', '--table', 'order', '--format', 'jsonl']
    const child = startIndelible(args, { url: database.url })
    const stderr = text(child.stderr)
    expect(await waitFor(child.stdout, '\n')).toContain('"id":2,')
    await log(database, { key: 'fresh' })
    expect(await waitFor(child.stdout, '\n')).toContain('"rowKey":"fresh"')
    const start = performance.now()
    child.kill('SIGINT')
    await once(child, 'close')
    // Of itself, not because its time was up.
    expect(performance.now() - start).toBeLessThan(2500)
    expect({ code: child.exitCode, stderr: await stderr }).toEqual({ code: 130, stderr: '' })
    await expect.poll(countSessions).toBe(0)
  })

  test('prints a table with one head', async () => {
    const child = startIndelible(['log', '-f', '-n', '2', '-t', 'order'], { url: database.url })
    const before = await waitFor(child.stdout, 'fresh')
    await log(database, { key: 'fresher' })
    const after = await waitFor(child.stdout, 'fresher')
    child.kill('SIGTERM')
    await once(child, 'close')
    expect(`${before}${after}`.match(/CHANGES/g)).toHaveLength(1)
    expect(child.exitCode).toBe(143)
  })

  async function countSessions(): Promise<number> {
    const [row] = await database.query<{ n: number }>(
      "select count(*)::int as n from pg_stat_activity where datname = current_database() and application_name = 'indelible'",
    )
    return row?.n ?? -1
  }
})
