import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TestDatabase } from '../support/fresh-database.ts'
import { createAuditedDatabase, log } from './audited-database.ts'
import { runIndelible, startIndelible, waitFor } from './run-indelible.ts'

const databases: TestDatabase[] = []
let database: TestDatabase
let cwd: string

beforeEach(async () => {
  database = await createAuditedDatabase()
  databases.push(database)
  cwd = mkdtempSync(path.join(os.tmpdir(), 'indelible-seal-'))
})

afterEach(() => rmSync(cwd, { recursive: true }))

afterAll(async () => {
  for (const { drop } of databases) await drop()
})

const run = (...args: string[]) => runIndelible(args, { url: database.url, cwd })

async function countLinks(): Promise<number> {
  const [row] = await database.query<{ n: number }>('select count(*)::int as n from indelible.link')
  return row?.n ?? -1
}

describe('indelible seal', () => {
  test('chains what waits, and prints the note as it is stored', async () => {
    await log(database, { key: '1' })
    await log(database, { key: '2' })
    const { code, stdout, stderr } = await run('seal')
    const [checkpoint] = await database.query<{ note: string }>('select note from indelible.checkpoint')
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: checkpoint?.note,
      stderr: 'Sealed 2 entries; the chain has 2.\n',
    })
  })

  test('with nothing to do prints and keeps the last note all the same', async () => {
    await log(database, { key: '1' })
    const first = await run('seal')
    const second = await run('seal', '--checkpoint-file', 'note.txt')
    expect(second).toMatchObject({
      code: 0,
      stdout: first.stdout,
      stderr: 'Sealed 0 entries; the chain has 1.\n',
    })
    expect(readFileSync(path.join(cwd, 'note.txt'), 'utf8')).toBe(first.stdout)
  })

  test('of an empty log has no note', async () => {
    expect(await run('seal')).toEqual({ code: 0, stdout: '', stderr: 'Sealed 0 entries; the chain has 0.\n' })
  })

  test('signs with a key, which the verifier key proves', async () => {
    const { stdout: verifierKey } = await run('keygen', '--name', 'shop.example')
    const { stdout: otherKey } = await run('keygen', '--name', 'shop.example', '--out', 'other.key')
    await log(database, { key: '1' })
    const sealed = await run('seal', '--key', 'indelible.key', '--checkpoint-file', 'note.txt')
    expect(sealed.stdout).toMatch(/\n\n— shop\.example \S+\n$/)
    expect(await run('verify', '--key', verifierKey.trim(), '--checkpoint', 'note.txt')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 vouched for from outside'),
    })
    expect(await run('verify', '--key', otherKey.trim())).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^signature_invalid /m),
    })
  })

  test('signs with the key that the environment names, which sealing elsewhere does not hide', async () => {
    await run('keygen', '--name', 'env.example')
    await log(database, { key: '1' })
    const env = { INDELIBLE_SEAL: 'off', INDELIBLE_SEAL_KEY_FILE: path.join(cwd, 'indelible.key') }
    const { stdout } = await runIndelible(['seal'], { url: database.url, cwd, env })
    expect(stdout).toMatch(/\n\n— env\.example \S+\n$/)
  })

  test('refuses a file that holds no signing key, without showing it', async () => {
    await run('keygen')
    const secret = readFileSync(path.join(cwd, 'indelible.key'), 'utf8')
    const damaged = await run('seal', '--key', 'note.txt')
    expect(damaged).toMatchObject({ code: 2, stderr: expect.stringContaining('CLI_FILE_UNREADABLE') })
    const swapped = await run('verify', '--key', 'indelible.key')
    expect(swapped).toMatchObject({ code: 2, stderr: expect.stringContaining('AUDIT_KEY_INVALID') })
    expect(swapped.stderr).not.toContain(secret.trim().slice(-20))
  })
})

describe('indelible seal --watch', () => {
  test('seals what comes, from two processes at once, and ends cleanly at Ctrl-C', async () => {
    const args = [
      'seal',
      '--watch',
      '--interval',
      '20',
      '--checkpoint-interval',
      '50',
      '--checkpoint-file',
      'note.txt',
    ]
    const children = [1, 2].map(() => startIndelible(args, { url: database.url, cwd }))
    const stdout = children.map((child) => text(child.stdout))
    // Both are up before one is told to end.
    const begun = await Promise.all(children.map((child) => waitFor(child.stderr, 'Sealed')))
    const stderr = children.map((child) => text(child.stderr))
    for (let key = 0; key < 30; key += 1) await log(database, { key: `${key}` })
    await expect.poll(countLinks, { timeout: 20_000 }).toBe(30)
    await expect
      .poll(async () => (await database.query('select from indelible.checkpoint where size = 30')).length, {
        timeout: 20_000,
      })
      .toBe(1)
    for (const child of children) child.kill('SIGINT')
    await Promise.all(children.map((child) => once(child, 'close')))
    expect(children.map(({ exitCode }) => exitCode)).toEqual([130, 130])
    expect([...begun, ...(await Promise.all(stderr))].join('')).not.toContain('error')
    const notes = (await Promise.all(stdout)).join('')
    expect(notes).toContain(readFileSync(path.join(cwd, 'note.txt'), 'utf8'))
    expect(await run('verify', '--checkpoint', 'note.txt')).toMatchObject({ code: 0 })
  })

  test('goes on when its connection is lost', async () => {
    const child = startIndelible(['seal', '--watch', '--interval', '50'], { url: database.url, cwd })
    await waitFor(child.stderr, 'Sealed 0 entries')
    await log(database, { key: '1' })
    await expect.poll(countLinks, { timeout: 20_000 }).toBe(1)
    for (let round = 0; round < 5; round += 1) await killSessions()
    await log(database, { key: '2' })
    await expect.poll(countLinks, { timeout: 20_000 }).toBe(2)
    child.kill('SIGTERM')
    await once(child, 'close')
    expect(child.exitCode).toBe(143)
  })

  async function killSessions(): Promise<void> {
    await database.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name = 'indelible'",
    )
  }
})

describe('indelible keygen', () => {
  test('writes a key for its owner alone, prints the verifier key alone, and never overwrites', async () => {
    const { code, stdout, stderr } = await run('keygen', '--out', 'secrets/audit.key')
    const file = path.join(cwd, 'secrets/audit.key')
    const key = readFileSync(file, 'utf8')
    expect(code).toBe(0)
    expect(key).toMatch(/^PRIVATE\+KEY\+indelible\+[0-9a-f]{8}\+\S+\n$/)
    expect(stdout).toMatch(/^indelible\+[0-9a-f]{8}\+\S+\n$/)
    expect(`${stdout}${stderr}`).not.toContain(key.trim().slice(-30))
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await run('keygen', '--out', 'secrets/audit.key')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('(CLI_FILE_EXISTS)'),
    })
    expect(readFileSync(file, 'utf8')).toBe(key)
  })

  test('refuses a name that a note cannot hold', async () => {
    expect(await run('keygen', '--name', 'a b')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('AUDIT_KEY_INVALID'),
    })
  })
})
