import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { createAuditedDatabase, log } from './audited-database.ts'
import { runIndelible, startIndelible } from './run-indelible.ts'

let database: TestDatabase
let cwd: string

beforeAll(async () => {
  database = await createAuditedDatabase()
  for (const key of ['1', '2', '3']) await log(database, { key, after: { id: key } })
})

beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'indelible-verify-'))
  return () => rmSync(cwd, { recursive: true })
})

afterAll(() => database.drop())

const run = (...args: string[]) => runIndelible(args, { url: database.url, cwd })

/** Does what only the owner of the tables can do. */
async function tamper(table: string, sql: string): Promise<void> {
  await database.query(`alter table indelible.${table} disable trigger append_only`)
  await database.query(sql)
  await database.query(`alter table indelible.${table} enable always trigger append_only`)
}

describe('indelible verify', () => {
  test('of a log in order ends with 0, and says what it cannot prove', async () => {
    await run('seal')
    const { code, stdout, stderr } = await run('verify')
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('verified: 3 entries read, 3 in the chain, 0 vouched for from outside.')
    expect(stdout).toMatch(/^note No public key was given/m)
  })

  test('believes a checkpoint kept outside', async () => {
    await run('seal', '--checkpoint-file', 'kept/note.txt')
    const { code, stdout } = await run('verify', '--checkpoint', 'kept/note.txt')
    expect(code).toBe(0)
    expect(stdout).toContain('3 vouched for from outside')
  })

  test('names an edited entry and ends with 1', async () => {
    await tamper('entry', `update indelible.entry set after = '{"id":"x"}' where id = 2`)
    const { code, stdout } = await run('verify')
    const report = JSON.parse((await run('verify', '--json')).stdout)
    await tamper('entry', `update indelible.entry set after = '{"id":"2"}' where id = 2`)
    expect(code).toBe(1)
    expect(stdout).toMatch(/^edited .*2/m)
    expect(stdout).toContain('1 finding: 3 entries read')
    expect(report).toMatchObject({
      ok: false,
      size: 3,
      findings: [{ kind: 'edited', entryId: '2' }],
      schema: [],
    })
  })

  test('finds a cut tail by the checkpoint that was kept', async () => {
    await run('seal', '--checkpoint-file', 'note.txt')
    await tamper(
      'checkpoint',
      'create table kept_checkpoint as table indelible.checkpoint; delete from indelible.checkpoint',
    )
    await tamper(
      'link',
      'create table kept_link as select * from indelible.link where seq = 3; delete from indelible.link where seq = 3',
    )
    const { code, stdout } = await run('verify', '--checkpoint', 'note.txt')
    await database.query(
      'insert into indelible.link table kept_link; insert into indelible.checkpoint table kept_checkpoint',
    )
    await database.query('drop table kept_link, kept_checkpoint')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^truncated /m)
    expect((await run('verify')).code).toBe(0)
  })

  test('a protection that was switched off is a finding too', async () => {
    await database.query('alter table indelible.entry disable trigger append_only')
    const { code, stdout } = await run('verify')
    await database.query('alter table indelible.entry enable always trigger append_only')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^schema trigger entry\.append_only: altered$/m)
  })

  test('whoever stops reading early still gets the exit code', async () => {
    await tamper('entry', `update indelible.entry set op = 'update' where id = 2`)
    const child = startIndelible(['verify', '--json'], { url: database.url })
    const stderr = text(child.stderr)
    child.stdout.destroy()
    await once(child, 'close')
    await tamper('entry', `update indelible.entry set op = 'insert' where id = 2`)
    expect({ code: child.exitCode, stderr: await stderr }).toEqual({ code: 1, stderr: '' })
  })

  test('ends with 2 when it could not verify', async () => {
    writeFileSync(path.join(cwd, 'no-note.txt'), 'hello')
    const empty = await createDatabase({ template: 'empty' })
    const results = await Promise.all([
      runIndelible(['verify'], { url: empty.url }),
      runIndelible(['verify'], { url: 'postgres://127.0.0.1:1/x' }),
      run('verify', '--checkpoint', 'absent.txt'),
      run('verify', '--checkpoint', 'no-note.txt'),
      run('verify', '--key', 'absent.pub'),
    ])
    await empty.drop()
    expect(results.map(({ code, stdout }) => ({ code, stdout }))).toEqual(
      results.map(() => ({ code: 2, stdout: '' })),
    )
    expect(results.map(({ stderr }) => /\((\w+)\)/.exec(stderr)?.[1])).toEqual([
      '42P01',
      'CLI_DATABASE_UNREACHABLE',
      'CLI_FILE_UNREADABLE',
      'AUDIT_NOTE_INVALID',
      'CLI_FILE_UNREADABLE',
    ])
  })
})
