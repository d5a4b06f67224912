import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { checkSchema, fromPgPool } from '@indelible/core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createDatabase, type TestDatabase } from '../support/fresh-database.ts'
import { runIndelible } from './run-indelible.ts'

let database: TestDatabase
let cwd: string

beforeAll(async () => {
  database = await createDatabase()
})

beforeEach(() => {
  cwd = mkdtempSync(path.join(os.tmpdir(), 'indelible-init-'))
  return () => rmSync(cwd, { recursive: true })
})

afterAll(() => database.drop())

const init = (...args: string[]) => runIndelible(['init', ...args], { cwd })
const listMigrations = (folder = 'prisma') => readdirSync(path.join(cwd, folder, 'migrations'))

describe('indelible init', () => {
  test('writes a Prisma migration where there is a prisma folder, and says what comes next', async () => {
    mkdirSync(path.join(cwd, 'prisma'))
    const { code, stdout } = await init()
    const [migration = ''] = listMigrations()
    expect(migration).toMatch(/^\d{14}_indelible$/)
    expect(code).toBe(0)
    expect(stdout).toContain(`Wrote prisma/migrations/${migration}/migration.sql`)
    expect(stdout).toContain('npx prisma migrate dev')
  })

  test('writes it where it is told to', async () => {
    expect(await init('--prisma', 'packages/db/prisma')).toMatchObject({ code: 0 })
    expect(listMigrations('packages/db/prisma')).toHaveLength(1)
  })

  test('the file makes the whole schema, and may be applied again', async () => {
    await init('--sql', 'sql/audit.sql')
    const sql = readFileSync(path.join(cwd, 'sql/audit.sql'), 'utf8')
    await database.query(sql)
    await database.query(sql)
    expect(await checkSchema(fromPgPool(database.pool))).toEqual([])
  })

  test('never writes a second Prisma migration', async () => {
    await init('--prisma')
    const { code, stderr } = await init('--prisma')
    expect(code).toBe(2)
    expect(stderr).toContain('CLI_FILE_EXISTS')
    expect(listMigrations()).toHaveLength(1)
  })

  test('never overwrites a file', async () => {
    writeFileSync(path.join(cwd, 'audit.sql'), 'mine')
    const { code, stderr } = await init('--sql', 'audit.sql')
    expect(code).toBe(2)
    expect(stderr).toContain('exists already and was left as it is. (CLI_FILE_EXISTS)')
    expect(readFileSync(path.join(cwd, 'audit.sql'), 'utf8')).toBe('mine')
  })

  test('guesses nothing without a prisma folder', async () => {
    const { code, stderr } = await init()
    expect(code).toBe(2)
    expect(stderr).toContain('--sql <file>')
    expect(existsSync(path.join(cwd, 'prisma'))).toBe(false)
  })

  test('refuses both ways at once', async () => {
    expect(await init('--prisma', '--sql', 'a.sql')).toMatchObject({ code: 2 })
  })
})
