import { mkdtempSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createAuditedDatabase } from './audited-database.ts'
import { runIndelible } from './run-indelible.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createAuditedDatabase()
  await database.query(`
    create table price (id int primary key, amount numeric, iban text);
    create table "Odd one" (note text);
    create table parent (id int primary key);
    create table child (id int primary key references parent on delete cascade)`)
})
afterAll(() => database.drop())

const indelible = (...args: string[]) => runIndelible(args, { url: database.url })

describe('indelible coverage', () => {
  test('tells of each table how it is captured and what is not exact', async () => {
    const { code, stdout } = await indelible('coverage')
    expect(code).toBe(0)
    expect(stdout).toBe(
      [
        '! Odd one  by statement',
        '    it has no primary key and no unique key without nulls: entries cannot name their row',
        '✓ child    by statement',
        '! parent   by statement',
        '    DELETE: foreign key actions are announced, not captured: cascade on public.child',
        '✓ price    by statement',
        '',
        `nothing was recorded as uncaptured since ${new Date(Date.now() - 30 * 86_400_000).toISOString().slice(0, 10)}`,
        '',
      ].join('\n'),
    )
  })

  test('with --strict exits with 1, as JSON tells the same as data', async () => {
    const { code, stdout } = await indelible('coverage', '--strict', '--json')
    expect(code).toBe(1)
    expect(JSON.parse(stdout)).toMatchObject({
      tables: [
        { name: 'Odd one', captured: 'statement' },
        { name: 'child', gaps: [] },
        { name: 'parent' },
        { name: 'price' },
      ],
      uncaptured: [],
      complete: false,
    })
  })

  test('counts what was not captured', async () => {
    await database.query(`select indelible.log_statement('statement', 'public', 'price',
      '{"verb":"MERGE","reason":"no","tables":[{"schema":"public","name":"price"}]}', null) from generate_series(1, 3)`)
    expect((await indelible('coverage')).stdout).toMatch(/^ {2}3 × MERGE public\.price: no, last 20.*Z$/m)
    expect((await indelible('coverage', '--days', '0')).stdout).toContain(
      'nothing was recorded as uncaptured',
    )
  })

  test('refuses days that are none', async () => {
    expect(await indelible('coverage', '--days', 'many')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('whole number'),
    })
  })
})

describe('indelible triggers', () => {
  test('adds, lists, refreshes and removes', async () => {
    expect(await indelible('triggers', 'list')).toMatchObject({ code: 0, stdout: 'no capture triggers\n' })
    expect(await indelible('triggers', 'add', 'price', 'public."Odd one"')).toMatchObject({
      code: 0,
      stdout: 'captured by triggers: public.Odd one\ncaptured by triggers: public.price\n',
    })
    expect(await indelible('triggers', 'list')).toMatchObject({
      code: 0,
      stdout: 'public.Odd one  present\npublic.price  present\n',
    })
    expect((await indelible('coverage')).stdout).toMatch(/^✓ price {4}by trigger$/m)
    await database.query('alter table price add currency text')
    expect(await indelible('triggers', 'list')).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('public.price  stale: columns, key or name'),
    })
    expect(await indelible('triggers', 'refresh')).toMatchObject({
      code: 0,
      stdout: 'made anew: public.price\n',
    })
    expect(await indelible('triggers', 'refresh')).toMatchObject({ code: 0, stdout: 'nothing to refresh\n' })
    expect(await indelible('triggers', 'remove', 'Odd one')).toMatchObject({
      code: 0,
      stdout: 'no longer captured by triggers: public.Odd one\n',
    })
    const { code, stdout } = await indelible('triggers', 'list', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([{ schema: 'public', name: 'price', state: 'present' }])
    // Ten processes, one after the other.
  }, 120_000)

  test("takes the application's redact option from a file", async () => {
    const file = path.join(mkdtempSync(path.join(os.tmpdir(), 'indelible-')), 'redact.json')
    writeFileSync(file, '{"columns": ["amount"], "allow": ["iban"]}')
    await indelible('triggers', 'add', 'price', '--redact', file)
    await database.query("insert into price values (1, 9.5, 'DE00')")
    const [entry] = await database.query("select after from indelible.entry where op = 'insert'")
    expect(entry).toEqual({ after: { id: 1, amount: '[redacted]', iban: 'DE00', currency: null } })
    writeFileSync(file, '{"colums": []}')
    expect(await indelible('triggers', 'add', 'price', '--redact', file)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('redact.colums'),
    })
  })

  test('refuses what is no table', async () => {
    expect(await indelible('triggers', 'add', 'nothing')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('"nothing" is not a table of this database'),
    })
  })
})
